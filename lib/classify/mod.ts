/** Figures of classification: accuracies, intervals, confusion matrices. @module */
export { confusionCsv, confusionPng } from "./confusion_files.ts";
export { type ClassificationMetrics, ClassificationTally } from "./metrics.ts";
export { countVotes, type VotingNeighbours } from "./neighbour_votes.ts";
export { type Spread, spread } from "./spread.ts";
export { wilsonInterval } from "./wilson.ts";
