/** `ccmim inspect`: what a file or a folder is. */
import { object } from "@optique/core/constructs";
import { message } from "@optique/core/message";
import { argument } from "@optique/core/primitives";
import { path } from "@optique/run/valueparser";
import type { inspect } from "../lib/inspect/mod.ts";
import { defineCommand, type Report, type Subcommand } from "./command.ts";
import { showInspection } from "./inspect_text.ts";

const files = object("Files", {
  path: argument(path({ metavar: "PATH" }), {
    description:
      message`A packed dataset, a run, a checkpoint, or an ONNX, safetensors or .npy file.`,
  }),
});

/** The command; `inspectPath` does the work. */
export function inspectCommand(inspectPath: typeof inspect): Subcommand {
  return defineCommand({
    name: "inspect",
    summary: "Say what a dataset, run, checkpoint or file of tensors is",
    examples: [
      "ccmim inspect data/cifar10",
      "ccmim inspect runs/first",
      "ccmim inspect runs/first/checkpoints/step-00000300/model.safetensors --json",
    ],
    parser: files,
    run({ path }): Promise<Report> {
      const inspection = inspectPath(path);
      return Promise.resolve({
        text: showInspection(inspection),
        json: { ...inspection },
      });
    },
  });
}
