/** The Worker of fine-tuning. Started by `finetune` and `evaluate`, never imported. */
import { serveJobs } from "../train/mod.ts";
import { evaluateJob } from "./evaluate_job.ts";
import { finetuneJob } from "./finetune_job.ts";

serveJobs({ finetune: finetuneJob, evaluate: evaluateJob });
