/** The trainer Worker. Started by `postJob`, never imported. */
import { JOBS } from "./jobs.ts";
import { serveJobs } from "./serve_jobs.ts";

serveJobs(JOBS);
