/** Weights in and out: files of any naming scheme, the sizes they show, what of them matches. @module */
export { encoderTensors, type LoadedWeights, type LoadOptions, loadWeights } from "./load.ts";
export { MODEL_METADATA } from "./described.ts";
export {
  isWholeMatch,
  type MatchReport,
  matchTensors,
  refusePartialMatch,
  showReport,
  type Wanted,
} from "./match.ts";
export { type Naming, NAMINGS, type Part } from "./naming.ts";
export { renameTensors } from "./rename.ts";
export { type HeadsFrom } from "./sizes.ts";
export { namesIn, type Recognised, recogniseNames } from "./translate.ts";
