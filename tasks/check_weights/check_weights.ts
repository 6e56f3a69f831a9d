/**
 * Exports models with drawn weights, has timm and transformers load them strictly and compute the same, and reads back what
 * these libraries write.
 *
 *     deno task check:weights [--python <interpreter with torch, safetensors, timm and transformers>]
 *
 * Exit codes: 0 all agree, 1 something does not, 2 usage, 4 no such interpreter or package.
 */
import { Buffer } from "node:buffer";
import { encodeNpy, type StoredTensor } from "../../lib/checkpoint/mod.ts";
import { exportSafetensors } from "../../lib/export/mod.ts";
import { Environment } from "../../lib/runtime/mod.ts";
import { permutation, random } from "../../lib/tensor/mod.ts";
import { patchCount } from "../../lib/vit/mod.ts";
import { loadWeights } from "../../lib/weights/mod.ts";
import { fail, taskArguments } from "../arguments.ts";
import { type Case, cases, featuresOf, predictionsOf } from "./models.ts";

/** Largest difference that is borne, over the largest value but at least over 1. */
const TOLERANCE = 1e-5;

/** Share of the patches that the decoder sees, as Hugging Face's default has it. */
const VISIBLE = 0.25;

/** A line of the script's. */
interface Told {
  readonly versions?: Readonly<Record<string, string>>;
  readonly what?: string;
  readonly difference?: number;
  readonly largest?: number;
}

let wrong = 0;

function tell(what: string, isRight: boolean, figure: string): void {
  if (!isRight) wrong++;
  console.log(`${isRight ? "ok   " : "WRONG"} ${what}: ${figure}`);
}

/** Writes all that Python needs of a case; the case as `job.json` has it. */
function prepare(one: Case, folder: string, environment: Environment): Record<string, unknown> {
  Deno.mkdirSync(folder);
  const { source, images, decoder } = one;
  const { encoder, classes, pooledNorm } = source;
  exportSafetensors(source, { out: `${folder}/timm.safetensors`, names: "timm" });
  exportSafetensors(source, { out: `${folder}/mae.safetensors`, names: "mae" });
  if (!pooledNorm) {
    exportSafetensors(source, { out: `${folder}/huggingface`, names: "huggingface" });
    const alone = [...source.tensors].filter(([name]) => !/^(decoder|mask_token|head)/.test(name));
    const out = `${folder}/huggingface_encoder`;
    exportSafetensors({ ...source, tensors: new Map(alone), classes: null }, {
      out,
      names: "huggingface",
    });
  }
  const [B] = images.shape as [number];
  const L = patchCount(encoder);
  const save = (name: string, tensor: StoredTensor) => {
    Deno.writeFileSync(`${folder}/${name}.npy`, encodeNpy(tensor));
  };
  const float32 = (shape: readonly number[], values: Float32Array): StoredTensor => {
    return { dtype: "float32", shape, data: new Uint8Array(values.slice().buffer) };
  };
  save("images", { dtype: "uint8", shape: images.shape, data: images.data as Uint8Array });
  const results = featuresOf(one, environment);
  const tokens = new Float32Array(B * (1 + L) * encoder.width);
  for (let b = 0; b < B; b++) {
    const [D, row] = [encoder.width, (1 + L) * encoder.width];
    tokens.set(results["cls"]!.subarray(b * D, (b + 1) * D), b * row);
    tokens.set(results["patch_tokens"]!.subarray(b * L * D, (b + 1) * L * D), b * row + D);
  }
  save("tokens", float32([B, 1 + L, encoder.width], tokens));
  if (classes !== null) save("logits", float32([B, classes.length], results["logits"]!));
  const visible = Math.floor(L * VISIBLE);
  if (decoder !== null) {
    const ids = BigInt64Array.from({ length: B * L }, () => 0n);
    for (let b = 0; b < B; b++) {
      const order = permutation(random({ seed: 1, purpose: "mask", sample: b }), L);
      ids.set(BigInt64Array.from(order, BigInt), b * L);
    }
    save("order", { dtype: "int64", shape: [B, L], data: new Uint8Array(ids.buffer) });
    const predicted = predictionsOf(one, { ids, visible }, environment);
    const shape = [B, L - visible, predicted.length / B / (L - visible)];
    save("predicted", float32(shape, predicted));
  }
  const { name, timm } = one;
  const facts = { name, timm, pooledNorm, decoder: decoder !== null, visible };
  return { ...facts, classes: classes?.length ?? 0, ...encoder };
}

/** Runs the script; true if it ended well. */
function runPython(python: string, folder: string): boolean {
  const script = new URL("check_weights.py", import.meta.url).pathname;
  const command = new Deno.Command(python, { args: [script, folder], stderr: "inherit" });
  const { success, stdout } = command.outputSync();
  for (const line of new TextDecoder().decode(stdout).split("\n")) {
    if (!line.startsWith("{")) continue;
    const { versions, what, difference = NaN, largest = NaN } = JSON.parse(line) as Told;
    if (versions !== undefined) {
      console.log(
        Object.entries(versions).map(([name, version]) => `${name} ${version}`).join(", "),
      );
    } else {
      const isRight = difference <= TOLERANCE * Math.max(1, largest);
      tell(
        what!,
        isRight,
        `differs by ${difference.toExponential(1)} of ${largest.toPrecision(3)}`,
      );
    }
  }
  return success;
}

/** Reads a file that a library has written, and compares what it shares with the source. */
function readBack({ name, source }: Case, file: string, bits: 16 | 32): void {
  const { heads } = source.encoder;
  const what = `${name}: ${file.split("/").pop()} read back`;
  try {
    const { tensors, naming, report } = loadWeights(file, { heads, parts: "all" });
    const differing = [...tensors].filter(([ours, { data }]) => {
      const expected = source.tensors.get(ours);
      return expected === undefined || Buffer.compare(rounded(expected.data, bits), data) !== 0;
    }).map(([ours]) => ours);
    const isRight = differing.length === 0 && report.unknown.length === 0;
    tell(what, isRight, `${tensors.size} tensors by ${naming}'s names, ${differing.length} differ`);
  } catch (error) {
    tell(what, false, (error as Error).message);
  }
}

/** The numbers once they have been kept in so many bits. */
function rounded(bytes: Uint8Array, bits: 16 | 32): Uint8Array {
  if (bits === 32) return bytes;
  const values = new Float32Array(bytes.slice().buffer).map((x) => Math.f16round(x));
  return new Uint8Array(values.buffer);
}

const { values: { python } } = taskArguments(
  "deno task check:weights [--python <interpreter with torch, safetensors, timm and transformers>]",
  { options: { python: { type: "string", default: "python3" } } },
);
const needs = "import torch, safetensors, timm, transformers";
try {
  const { success } = new Deno.Command(python, { args: ["-c", needs] }).outputSync();
  if (!success) fail(`Cannot check: "${needs}" fails in ${python}; name another with --python`, 4);
} catch (error) {
  fail(`Cannot run ${python}: ${(error as Error).message}`, 4);
}
const folder = Deno.makeTempDirSync({ prefix: "check_weights_" });
try {
  using environment = Environment.open();
  const all = cases();
  const job = all.map((one) => prepare(one, `${folder}/${one.name}`, environment));
  Deno.writeTextFileSync(`${folder}/job.json`, JSON.stringify(job));
  if (!runPython(python, folder)) fail("Cannot go on: the script failed", 1);
  for (const one of all) {
    const place = `${folder}/${one.name}`;
    readBack(one, `${place}/mae.pth`, 32);
    readBack(one, `${place}/half.pth`, 16);
    if (!one.source.pooledNorm) {
      readBack(one, `${place}/saved`, 32);
      readBack(one, `${place}/memory.safetensors`, 32);
    }
  }
} finally {
  Deno.removeSync(folder, { recursive: true });
}
Deno.exit(wrong === 0 ? 0 : 1);
