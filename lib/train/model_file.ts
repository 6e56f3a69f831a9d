/** The tensors of `model.safetensors`: what other programs expect to find under MAE's names. */
import type { Shape } from "../tensor/mod.ts";
import type { StoredTensor } from "../checkpoint/mod.ts";
import { sinCosPositions } from "../nn/mod.ts";
import type { PretrainingConfig } from "../ccmim/mod.ts";
import type { TensorMap, TrainingState } from "./state.ts";

/** Parameters, buffers, and the fixed positions, which are constants here and tensors in MAE's checkpoints. */
export function modelTensors(state: TrainingState, { model }: PretrainingConfig): TensorMap {
  const grid = model.imageSize / model.patch;
  const positions = (width: number): StoredTensor => {
    const shape: Shape = [1, 1 + grid * grid, width];
    return { dtype: "float32", shape, data: new Uint8Array(sinCosPositions(width, grid).buffer) };
  };
  return new Map([
    ...state.model(),
    ["pos_embed", positions(model.width)],
    ["decoder_pos_embed", positions(model.decoderWidth)],
  ]);
}
