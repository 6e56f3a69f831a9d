/**
 * The demonstration: draws a picture set, prepares it, pretrains a tiny ViT on it with ccMIM, by the
 * command line's own commands. `deno task demo [folder]`; the folder is out/demo unless it is said.
 */
import { COMMANDS } from "../cli/commands.ts";
import { showSeconds } from "../cli/progress.ts";
import { main } from "../cli/run.ts";
import { fail, taskArguments } from "./arguments.ts";
import { writePictures } from "./demo/images.ts";

const DEFAULT_FOLDER = "out/demo";

/** Where everything goes: a new folder, or the default one emptied. */
function openFolder(named: string | undefined): string {
  if (named === undefined) {
    try {
      Deno.removeSync(DEFAULT_FOLDER, { recursive: true });
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  } else if (isFull(named)) {
    fail(`Cannot write into ${named}: it is not empty`, 2);
  }
  const folder = named ?? DEFAULT_FOLDER;
  Deno.mkdirSync(folder, { recursive: true });
  return folder;
}

function isFull(folder: string): boolean {
  try {
    return !Deno.readDirSync(folder)[Symbol.iterator]().next().done;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Runs a command line as if it were typed, and stops the demonstration where it fails. */
async function run(...args: string[]): Promise<void> {
  console.error(`\n$ ccmim ${args.join(" ")}`);
  const code = await main(args, { commands: COMMANDS });
  if (code !== 0) Deno.exit(code);
}

/** Draws, prepares and pretrains below `folder`. */
async function demonstrate(folder: string): Promise<void> {
  const began = performance.now();
  const count = await writePictures(`${folder}/pictures`, { seed: 0, train: 250, val: 40 });
  console.error(
    `Drew ${count} pictures in ${showSeconds((performance.now() - began) / 1000)}: ` +
      `${folder}/pictures`,
  );
  await run("prepare", `${folder}/pictures`, `${folder}/dataset`);
  await run(
    "pretrain",
    "--recipe",
    "demo",
    "--data",
    `${folder}/dataset`,
    "--out",
    `${folder}/run`,
  );
  console.error(
    `\nDone in ${showSeconds((performance.now() - began) / 1000)}. Pictures, packed dataset and ` +
      `run (configuration, metrics, checkpoint) lie in ${folder}`,
  );
}

if (import.meta.main) {
  const { positionals } = taskArguments("deno task demo [folder]", { allowPositionals: true });
  await demonstrate(openFolder(positionals[0]));
  Deno.exit(0);
}
