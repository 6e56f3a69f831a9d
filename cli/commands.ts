/** The subcommands, in the order that help lists them. A new one is a file and a line here. */
import { prepare } from "../lib/data/mod.ts";
import { examine } from "../lib/doctor/mod.ts";
import { embed } from "../lib/embed/mod.ts";
import { exportCheckpoint } from "../lib/export/mod.ts";
import { evaluateClassifier, finetune } from "../lib/finetune/mod.ts";
import { inspect } from "../lib/inspect/mod.ts";
import { probe } from "../lib/probe/mod.ts";
import { pretrain } from "../lib/train/mod.ts";
import { report } from "../lib/report/mod.ts";
import { visualize } from "../lib/visual/mod.ts";
import type { Subcommand } from "./command.ts";
import { doctorCommand } from "./doctor.ts";
import { embedCommand } from "./embed.ts";
import { exportCommand } from "./export.ts";
import { finetuneCommand } from "./finetune.ts";
import { inspectCommand } from "./inspect.ts";
import { prepareCommand } from "./prepare.ts";
import { manCommand } from "./man.ts";
import { pretrainCommand } from "./pretrain.ts";
import { probeCommand } from "./probe.ts";
import { reportCommand } from "./report.ts";
import { visualizeCommand } from "./visualize.ts";

const WORK: readonly Subcommand[] = [
  prepareCommand(prepare),
  pretrainCommand(pretrain),
  probeCommand(probe),
  finetuneCommand(finetune, evaluateClassifier),
  exportCommand(exportCheckpoint),
  embedCommand(embed),
  reportCommand(report),
  visualizeCommand(visualize),
  inspectCommand(inspect),
  doctorCommand(examine),
];

/** Every subcommand. */
export const COMMANDS: readonly Subcommand[] = [...WORK, manCommand(WORK)];
