/** Reports on runs as one HTML file. @module */
export { report, type ReportObserver, type ReportRequest, type ReportResult } from "./report.ts";
