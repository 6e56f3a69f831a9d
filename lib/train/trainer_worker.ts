/** The trainer Worker. Started by `runJob`, never imported. */
import { JOBS } from "./jobs.ts";
import { serveJobs } from "./serve_jobs.ts";

serveJobs(JOBS);
