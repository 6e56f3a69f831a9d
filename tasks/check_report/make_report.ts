/** A report to look at: one that is given, or one of two small runs trained for it. */
import { join } from "node:path";
import { prepare } from "../../lib/data/mod.ts";
import { report } from "../../lib/report/mod.ts";
import { pretrain } from "../../lib/train/mod.ts";
import { writePictures } from "../demo/images.ts";

/** A report's file; what was made for it goes when it is disposed. */
export interface MadeReport extends AsyncDisposable {
  readonly path: string;
}

const OPTIONS = {
  width: 48,
  depth: 2,
  heads: 3,
  decoderWidth: 32,
  decoderDepth: 1,
  decoderHeads: 2,
  batch: 32,
  steps: 40,
  warmup: { count: 5, unit: "steps" },
  checkpointEvery: { count: 15, unit: "steps" },
} as const;

/** The report at `given`, or a new one. */
export async function makeReport(given: string | undefined): Promise<MadeReport> {
  if (given !== undefined) return { path: given, [Symbol.asyncDispose]: () => Promise.resolve() };
  const folder = await Deno.makeTempDir();
  const remove = () => Deno.remove(folder, { recursive: true });
  try {
    const data = join(folder, "data");
    await writePictures(join(folder, "pictures"), { seed: 0, train: 40, val: 40 });
    await prepare(join(folder, "pictures"), data);
    const runs = ["ccmim", "mae"] as const;
    for (const method of runs) {
      const options = { ...OPTIONS, method };
      await pretrain({ data, out: join(folder, method), options, resume: false });
    }
    const path = join(folder, "report.html");
    await report({ runs: runs.map((name) => join(folder, name)), out: path, images: 200 });
    return { path, [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}
