/** The Worker of probes. Started by `probe`, never imported. */
import { batchTrial, serveJobs } from "../train/mod.ts";
import { featureJob } from "./feature_job.ts";
import { LINEAR_PROBE } from "./linear.ts";
import { linearJob } from "./linear_job.ts";

serveJobs({ features: featureJob, probe: linearJob, trial: batchTrial(LINEAR_PROBE) });
