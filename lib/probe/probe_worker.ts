/** The Worker of probes. Started by `probe`, never imported. */
import { serveJobs } from "../train/mod.ts";
import { featureJob } from "./feature_job.ts";
import { linearJob } from "./linear_job.ts";

serveJobs({ features: featureJob, probe: linearJob });
