/** A model onto the disk: all of it or nothing, and not before it has been looked at. */
import { basename, dirname, join } from "node:path";
import { encodeModel, type Message } from "../onnx/mod.ts";
import {
  checkFilePlace,
  exists,
  explainWrites,
  flushFolder,
  removeOrphans,
  temporaryFor,
  writeDurably,
} from "../files/mod.ts";
import { constantBytes, externalise } from "./external_data.ts";

/** Bytes of constants from which on they get a file of their own: protobuf's limit, less room for the graph. */
const EXTERNAL_OVER = 2 ** 31 - 2 ** 26;

/** A model that is written and not yet in its place. */
export interface WrittenModel extends Disposable {
  /** Where it lies for now; beside it its weights, if they are external. */
  readonly path: string;
  /** Size of all files. */
  readonly bytes: number;
  readonly isExternal: boolean;
  /** Renames it to its name. Unless this is called, disposal removes it. */
  commit(): void;
}

/**
 * @throws {ConfigError} if there is something at `out` that may not be replaced.
 * @throws {WriteError} if nothing can be written there.
 */
export function refuseOutput(out: string, { force }: { readonly force: boolean }): void {
  for (const path of [out, dataFile(out)]) checkFilePlace(path, { force });
}

/**
 * Writes `model` beside `out`, in a folder with a temporary name.
 *
 * @param options.externalOver bytes of constants from which on they get a file of their own, `<out>.data`.
 *
 * @internal
 */
export function writeModel(
  model: Message<"Model">,
  out: string,
  options: { readonly externalOver?: number } = {},
): WrittenModel {
  const { externalOver = EXTERNAL_OVER } = options;
  const folder = explainWrites(out, () => temporaryFor(out));
  const path = join(folder, basename(out));
  const isExternal = constantBytes(model) > externalOver;
  const remove = () => {
    if (exists(folder)) Deno.removeSync(folder, { recursive: true });
  };
  removeOrphans(out);
  Deno.mkdirSync(folder);
  try {
    const { model: rest, data } = isExternal
      ? externalise(model, basename(dataFile(out)))
      : { model, data: [] };
    explainWrites(out, () => {
      if (isExternal) writeDurably(dataFile(path), data);
      writeDurably(path, encodeModel(rest));
    });
  } catch (error) {
    remove();
    throw error;
  }
  const files = isExternal ? [path, dataFile(path)] : [path];
  return {
    path,
    bytes: files.reduce((sum, file) => sum + Deno.statSync(file).size, 0),
    isExternal,
    commit: () => {
      // The weights first: a model without them would be half a file
      if (isExternal) Deno.renameSync(dataFile(path), dataFile(out));
      Deno.renameSync(path, out);
      if (!isExternal && exists(dataFile(out))) Deno.removeSync(dataFile(out));
      flushFolder(dirname(out));
    },
    [Symbol.dispose]: remove,
  };
}

/** Where the weights of a model lie if they are in a file of their own. */
function dataFile(path: string): string {
  return `${path}.data`;
}
