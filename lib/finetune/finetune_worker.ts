/** The Worker of fine-tuning. Started by `finetune` and `evaluateClassifier`, never imported. */
import { batchTrial, serveJobs } from "../train/mod.ts";
import { evaluateJob } from "./evaluate_job.ts";
import { finetuneJob } from "./finetune_job.ts";
import { CLASSIFIER } from "./model.ts";

serveJobs({ finetune: finetuneJob, trial: batchTrial(CLASSIFIER), evaluate: evaluateJob });
