/** Looking at what a pretraining model does to images. @module */
export { type ColourMapName, colourOf } from "./colour_map.ts";
export { type GridImage, gridImage, type GridOptions } from "./grid.ts";
export { Inspector, parameterData, type View } from "./inspector.ts";
export {
  checkpointTensors,
  type ModelOptions,
  openVisualModel,
  runModel,
  type VisualModel,
} from "./model.ts";
export { drawPanel, type Panel, type PanelOptions, PANELS } from "./panels.ts";
export { visualize, type VisualizeRequest, type VisualizeResult } from "./visualize.ts";
