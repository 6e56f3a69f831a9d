/** What a classifier starts from: an encoder's weights, with positions for the grid that is trained. */
import type { StoredTensor } from "../checkpoint/mod.ts";
import type { EncoderWeights } from "../features/mod.ts";
import { arrayOver } from "../tensor/mod.ts";
import type { TensorMap } from "../train/mod.ts";
import { type EncoderConfig, interpolatePositions, positionParameter } from "../vit/mod.ts";

/** The encoder's tensors, without a head; positions are interpolated if the grid of patches is another. */
export function startTensors(
  { tensors, config }: Pick<EncoderWeights, "tensors" | "config">,
  model: EncoderConfig,
): TensorMap {
  const own = [...tensors].filter(([name]) => !name.startsWith("head."));
  const { name, shape } = positionParameter(model);
  const { data } = tensors.get(name)!;
  const [from, to] = [config, model].map(({ imageSize, patch }) => imageSize / patch);
  const positions = interpolatePositions(arrayOver("float32", data.slice()), from!, to!);
  const fitted: StoredTensor = { dtype: "float32", shape, data: new Uint8Array(positions.buffer) };
  return new Map([...own, [name, fitted]]);
}
