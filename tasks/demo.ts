/**
 * The demonstration: draws a picture set, packs it, pretrains a tiny ViT on it with MAE and with ccMIM, measures both beside an
 * encoder that learnt nothing, and exports a classifier; all by the command line's own commands. `deno task demo [folder]`; the
 * folder is out/demo unless it is said. The table goes to standard output, all else to standard error.
 */
import process from "node:process";
import { showSeconds } from "../cli/progress.ts";
import { taskArguments } from "./arguments.ts";
import { run } from "./demo/command.ts";
import { openFolder } from "./demo/folder.ts";
import { writePictures } from "./demo/images.ts";
import { SHAPE_NAMES } from "./demo/shapes.ts";
import { deploy, measure, pretrain, unlearnt } from "./demo/stages.ts";
import { showTable } from "./demo/table.ts";

/** Draws, packs, pretrains, measures and exports below `folder`. */
async function demonstrate(folder: string): Promise<void> {
  const places = { folder, dataset: `${folder}/dataset` };
  const pictures = `${folder}/pictures`;
  const count = await writePictures(pictures, { seed: 0, train: 250, val: 20, test: 200 });
  console.error(`Drew ${count} pictures: ${pictures}`);
  await run("prepare", pictures, places.dataset);

  const random = await measure(unlearnt(places), places);
  const mae = await measure(await pretrain(places, "mae"), places);
  const ccmim = await measure(await pretrain(places, "ccmim"), places);
  const all = [random, mae, ccmim] as const;

  const model = await deploy(all.map(({ classifier }) => classifier), {
    places,
    pictures: ["crescent", "hexagon", "star"].map((name) => `${pictures}/test/${name}/0000.jpg`),
  });
  console.error();
  console.log(showTable([random.row, mae.row, ccmim.row], SHAPE_NAMES.length).join("\n"));
  console.log(`\nPictures, dataset, runs, probes: ${folder}; the best classifier: ${model}`);
}

if (import.meta.main) {
  const { positionals } = taskArguments("deno task demo [folder]", { allowPositionals: true });
  const began = performance.now();
  await demonstrate(openFolder(positionals[0]));
  const { user, system } = process.cpuUsage();
  console.log(
    `Took ${showSeconds((performance.now() - began) / 1000)}, of which the processors computed ${
      showSeconds((user + system) / 1e6)
    }`,
  );
  Deno.exit(0);
}
