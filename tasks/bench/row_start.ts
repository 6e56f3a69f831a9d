/** The row of the wait before training's first step, from the command line on. */
import { exists } from "../../lib/files/mod.ts";
import { writeRandomDataset } from "../check_cuda/dataset.ts";
import type { BenchRequest, Case } from "./cases.ts";
import { firstStep } from "./start.ts";

/** One case: `ccmim pretrain` with its defaults on 32-pixel images. */
export function startCases({ threads }: BenchRequest, folder: string): Case[] {
  const dataset = `${folder}/start`;
  let runs = 0;
  return [{
    name: "ccmim pretrain, recipe cifar",
    figures: [{ row: "session", key: "first_s", label: "command to first step", unit: "s" }],
    measure: async () => {
      if (!exists(dataset)) writeRandomDataset(dataset, { size: 32, count: 512 });
      return { first_s: await firstStep(dataset, `${folder}/run-${runs++}`, threads) };
    },
  }];
}
