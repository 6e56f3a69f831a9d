/** A kind of runs as the main thread sees it. */
import type { RunConfig } from "../recipes/mod.ts";
import type { ModelSpec } from "./model_spec.ts";

/** What is known of a kind before there is a run. */
export interface RunKind<C extends RunConfig> {
  /** The command that makes such runs, and the name of the job that trains them. */
  readonly command: string;
  /** The module of the Worker that does the job, and the job `trial` of {@linkcode batchTrial}. */
  readonly worker: URL;
  readonly model: ModelSpec<C>;
  /** Reads a configuration back. @throws {SyntaxError} if it is none. */
  parse(config: unknown): C;
}
