/** The alignment loss: the two sides' CLS tokens, contrasted over the batch (ccMIM, section 3.3; InfoNCE, van den Oord 2018). */
import {
  add,
  constant,
  div,
  logSoftmax,
  matmul,
  mul,
  reduceSum,
  relu,
  sqrt,
  type Value,
} from "../graph/mod.ts";
import {
  batchNorm,
  linear,
  linearParameters,
  type Parameter,
  type Parameters,
  type RunningStatistics,
} from "../nn/mod.ts";

/** What the projector's BatchNorms add to the variance, and the weight of the batch in their statistics. */
const BATCH_NORM = { epsilon: 1e-5, momentum: 0.1 } as const;

/**
 * Linear, BatchNorm, ReLU, Linear, BatchNorm without affine: the first four hold parameters 0, 1 and 3.
 *
 * @example
 * ```ts
 * import { projectorParameters } from "./mod.ts";
 *
 * const parameters = projectorParameters(8, 16);
 * console.assert(String(parameters.at(-1)!.shape) === "16,8");
 * ```
 */
export function projectorParameters(width: number, projectorWidth: number): Parameter[] {
  return [
    ...linearParameters("projector.0", width, width, { bias: false }),
    { name: "projector.1.weight", shape: [width], init: "ones" },
    { name: "projector.1.bias", shape: [width], init: "zeros" },
    ...linearParameters("projector.3", width, projectorWidth, { bias: false }),
  ];
}

/** The running statistics of the projector's two BatchNorms. */
export interface ProjectorStatistics {
  readonly hidden: RunningStatistics;
  readonly output: RunningStatistics;
}

/**
 * CLS tokens `[B, D]` -> `[B, projector width]`, and the statistics after this batch.
 *
 * @example
 * ```ts
 * import { graph, nn } from "../../mod.ts";
 * import { project, projectorParameters } from "./mod.ts";
 *
 * const p = new nn.Parameters(projectorParameters(8, 16));
 * const statistics = (width: number) => ({
 *   mean: graph.filled("float32", [width], 0),
 *   variance: graph.filled("float32", [width], 1),
 * });
 * const { z } = project(p, graph.input("cls", "float32", [32, 8]), {
 *   hidden: statistics(8),
 *   output: statistics(16),
 * });
 * console.assert(String(z.shape) === "32,16");
 * ```
 */
export function project(
  p: Parameters,
  x: Value,
  statistics: ProjectorStatistics,
): { z: Value; statistics: ProjectorStatistics } {
  const hidden = batchNorm(linear(p, "projector.0", x), statistics.hidden, BATCH_NORM);
  const affine = add(mul(hidden.y, p.get("projector.1.weight")), p.get("projector.1.bias"));
  const output = batchNorm(linear(p, "projector.3", relu(affine)), statistics.output, BATCH_NORM);
  return { z: output.y, statistics: { hidden: hidden.running, output: output.running } };
}

/**
 * 2T x cross-entropy of softmax(z_visible z_masked^T / T) against the diagonal, both sides normalised to length 1.
 *
 * @param visible `[B, P]`.
 * @param masked `[B, P]`, the targets.
 * @param temperature T > 0.
 * @returns a scalar.
 *
 * @example
 * ```ts
 * import { graph } from "../../mod.ts";
 * import { alignmentLoss } from "./mod.ts";
 *
 * const [visible, masked] = ["visible", "masked"].map((name) =>
 *   graph.input(name, "float32", [32, 16])
 * );
 * console.assert(String(alignmentLoss(visible!, masked!, 0.2).shape) === "");
 * ```
 */
export function alignmentLoss(visible: Value, masked: Value, temperature: number): Value {
  const B = visible.shape[0]!;
  const logits = matmul(unit(visible), unit(masked), { transB: true, alpha: 1 / temperature }); // [B, B]
  const diagonal = Array.from({ length: B * B }, (_, i) => Number(i % (B + 1) === 0));
  const picked = mul(logSoftmax(logits), constant("float32", [B, B], diagonal));
  return mul(reduceSum(picked, [0, 1]), -2 * temperature / B);
}

/** Rows over their length. */
function unit(x: Value): Value {
  return div(x, sqrt(reduceSum(mul(x, x), [1], true)));
}
