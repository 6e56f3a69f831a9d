/**
 * Writes every kind of graph that training runs for a small ccMIM and a small MAE, and every kind of exported model, and has
 * Python's `onnx.checker` check them.
 *
 *     deno task check:onnx [--python <interpreter with the package onnx>]
 *
 * Exit codes: 0 all pass, 1 one does not, 2 usage, 4 no such interpreter or package.
 */
import type { PretrainingConfig } from "../lib/ccmim/mod.ts";
import { buildModel, EXPORT_DTYPES, INPUTS, OUTPUTS } from "../lib/export/mod.ts";
import { LOW_TYPES } from "../lib/lower/mod.ts";
import { layerNormParameters, linearParameters, type Parameter } from "../lib/nn/mod.ts";
import { encode } from "../lib/onnx/mod.ts";
import { sizeOf } from "../lib/tensor/mod.ts";
import { encoderParameters, positionParameter } from "../lib/vit/mod.ts";
import { accumulateGraph } from "../lib/train/graphs/accumulate.ts";
import { averageGraph } from "../lib/train/graphs/average.ts";
import { copyGraph } from "../lib/train/graphs/copy.ts";
import { finishGraph } from "../lib/train/graphs/finish.ts";
import { evaluationGraph, gradientGraph } from "../lib/train/graphs/gradient.ts";
import { measureGraph } from "../lib/train/graphs/measure.ts";
import { updateGraph } from "../lib/train/graphs/update.ts";
import { fail, taskArguments } from "./arguments.ts";

const CCMIM: PretrainingConfig = {
  model: {
    imageSize: 16,
    patch: 4,
    width: 32,
    depth: 3,
    heads: 4,
    mlpRatio: 4,
    decoderWidth: 16,
    decoderDepth: 2,
    decoderHeads: 2,
    projectorWidth: 8,
  },
  masking: { ratio: 0.75, sampling: "importance", scoreTemperature: 1 },
  align: { weight: 0.1, temperature: 0.5, gradient: "target" },
  normPixLoss: true,
};
const MAE: PretrainingConfig = {
  ...CCMIM,
  masking: { ...CCMIM.masking, sampling: "random" },
  align: { ...CCMIM.align, weight: 0 },
};

/** The models by file name. */
function graphs(): Record<string, Uint8Array> {
  const models: Record<string, Uint8Array> = {};
  const batch = { batch: 4, storedSize: 20, crop: true };
  const whole = { batch: 4, storedSize: 16, crop: false };
  const gumbel = { ...CCMIM.masking, sampling: "gumbel", scoreTemperature: 0.5 } as const;
  const configs: Record<string, PretrainingConfig> = {
    ccmim: CCMIM,
    ccmim_gumbel_both: {
      ...CCMIM,
      masking: gumbel,
      align: { ...CCMIM.align, gradient: "both" },
      normPixLoss: false,
    },
    ccmim_topk: { ...CCMIM, masking: { ...CCMIM.masking, sampling: "topk" } },
    mae: MAE,
  };
  for (const [name, config] of Object.entries(configs)) {
    models[`${name}_gradient`] = gradientGraph(config, batch, { inspect: true }).model;
    models[`${name}_evaluate`] = evaluationGraph(config, whole).model;
    for (const type of LOW_TYPES) {
      models[`${name}_gradient_${type}`] = gradientGraph(config, batch, { lower: { type } }).model;
      models[`${name}_evaluate_${type}`] =
        evaluationGraph(config, whole, { lower: { type } }).model;
    }
  }
  const chunk = 512;
  const betas = [0.9, 0.95] as const;
  const adamw = { kind: "adamw", betas, eps: 1e-8 } as const;
  const lars = { kind: "lars", momentum: 0.9, trust: 0.001 } as const;
  models.accumulate = accumulateGraph(chunk);
  models.measure = measureGraph(chunk);
  const scaled = { chunks: 3, accumulate: 2, clip: 1, betas, buffers: 80, scalesLoss: true };
  models.finish = finishGraph({ ...scaled, scalesLoss: false });
  models.finish_scaled = finishGraph(scaled);
  models.finish_without_buffers = finishGraph({
    chunks: 3,
    accumulate: 1,
    clip: null,
    betas,
    buffers: 0,
    scalesLoss: false,
  });
  models.update = updateGraph(chunk, { optimiser: adamw, scalesLr: false, isMatrix: false });
  models.update_lars = updateGraph(chunk, { optimiser: lars, scalesLr: true, isMatrix: true });
  models.average = averageGraph(chunk, 0.999);
  models.copy = copyGraph(chunk);
  return models;
}

/** Exported models by file name: a classifier with every output, its weights all 1. */
function exportedModels(): Record<string, Uint8Array> {
  const { model: encoder } = CCMIM;
  const classes = ["a", "b", "c"];
  const head: Parameter[] = linearParameters("head", encoder.width, classes.length);
  const norm: Parameter[] = layerNormParameters("fc_norm", encoder.width);
  const all = [...encoderParameters(encoder), positionParameter(encoder), ...norm, ...head];
  const tensors = new Map(all.map(({ name, shape }) => {
    const data = new Uint8Array(new Float32Array(sizeOf(shape)).fill(1).buffer);
    return [name, { dtype: "float32", shape, data } as const];
  }));
  const models: Record<string, Uint8Array> = {};
  for (const pooledNorm of [false, true]) {
    const source = { encoder, pooledNorm, classes, tensors, provenance: {} };
    for (const input of INPUTS) {
      for (const dtype of [...EXPORT_DTYPES, "int8"] as const) {
        const model = buildModel(source, {
          input,
          outputs: OUTPUTS,
          ...dtype === "int8" ? { dtype: "float32", quantize: dtype } : { dtype, quantize: null },
        });
        models[`export_${pooledNorm ? "mean" : "cls"}_${input}_${dtype}`] = encode("Model", model);
      }
    }
  }
  return models;
}

/** Runs Python; its output is this program's. */
function run(python: string, args: readonly string[]): boolean {
  try {
    const command = new Deno.Command(python, { args: [...args], stdout: "inherit" });
    return command.outputSync().success;
  } catch (error) {
    fail(`Cannot run ${python}: ${(error as Error).message}`, 4);
  }
}

const { values: { python } } = taskArguments(
  "deno task check:onnx [--python <interpreter with the package onnx>]",
  { options: { python: { type: "string", default: "python3" } } },
);
if (!run(python, ["-c", "import onnx"])) {
  fail(`Cannot check: ${python} lacks the package onnx; name another with --python`, 4);
}
const folder = Deno.makeTempDirSync({ prefix: "check_onnx_" });
let passed = false;
try {
  const paths = Object.entries({ ...graphs(), ...exportedModels() }).map(([name, model]) => {
    const path = `${folder}/${name}.onnx`;
    Deno.writeFileSync(path, model);
    return path;
  });
  passed = run(python, [new URL("check_onnx.py", import.meta.url).pathname, ...paths]);
} finally {
  Deno.removeSync(folder, { recursive: true });
}
Deno.exit(passed ? 0 : 1);
