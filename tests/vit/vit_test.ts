/** Patches, encoder and decoder against plain loops. */
import assert from "node:assert/strict";
import { input, topological, type Value } from "../../lib/graph/mod.ts";
import { Parameters } from "../../lib/nn/mod.ts";
import {
  clsAttentionSum,
  clsRow,
  decodeAll,
  decodeMasked,
  decoderParameters,
  embed,
  embedPatches,
  encode,
  encodeCls,
  encoderParameters,
  patchCount,
  patchify,
} from "../../lib/vit/mod.ts";
import { assertClose } from "../_assert.ts";
import { evaluate, type Numbers } from "../_run.ts";
import { bindings, byImage, cut, flat, normals, randomWeights } from "../nn/_reference.ts";
import * as reference from "./_reference.ts";
import { MODEL } from "./_reference.ts";

/** Float32 against float64, a few blocks deep. */
const TOLERANCE = 5e-6;

const B = 2, L = 9, P = 12, K = 4, D = MODEL.width;
/** A permutation of the places for each image: the first K are visible. */
const ORDER = [[4, 0, 7, 2, 8, 1, 3, 6, 5], [8, 7, 1, 0, 2, 3, 4, 6, 5]];
const specs = [...encoderParameters(MODEL), ...decoderParameters(MODEL)];
const weights = randomWeights(specs);

function run<Name extends string>(
  build: (p: Parameters) => Record<Name, Value>,
  inputs: Readonly<Record<string, Numbers>>,
): Record<Name, number[]> {
  const p = new Parameters(specs);
  const outputs = build(p);
  return evaluate(outputs, { ...inputs, ...bindings(p, weights) });
}

Deno.test("patchCount() is the number of patches of the square", () => {
  assert.equal(patchCount(MODEL), L);
  assert.equal(patchCount({ ...MODEL, imageSize: 224, patch: 16 }), 196);
});

Deno.test("patchify() cuts row by row; within a patch row, column, channel", () => {
  const images = input("images", "float32", [B, 6, 6, 3]);
  const elements = Array.from({ length: B * 6 * 6 * 3 }, (_, i) => i);
  const patches = patchify(images, 2);
  assert.deepEqual(patches.shape, [B, L, P]);
  const pixels = cut(cut(cut(elements, 3), 6), 6);
  const expected = pixels.map((image) => reference.patchify(image, 2));
  assert.deepEqual(evaluate({ patches }, { images: elements }).patches, flat(expected));
});

Deno.test("patchify() rejects a patch that does not divide the side", () => {
  assert.throws(() => patchify(input("images", "float32", [1, 6, 6, 3]), 4), {
    name: "RangeError",
    message: "Cannot cut [1, 6, 6, 3] into patches of 4: it does not divide the side",
  });
});

const patches = input("patches", "float32", [B, L, P]);
const patchElements = normals(B * L * P, 11);
const patchRows = byImage(patchElements, patches.shape);
const few = input("few", "float32", [B, K, P]);
const ids = input("ids", "int64", [B, K]);
const fewElements = flat(patchRows.map((rows) => rows.slice(0, K)));
const visible = ORDER.map((order) => order.slice(0, K));

Deno.test("embedPatches() is the convolution whose kernel is as wide as its stride", () => {
  const results = run((p) => ({ y: embedPatches(p, patches) }), { patches: patchElements });
  const expected = patchRows.map((rows) =>
    rows.map((patch) => reference.embedPatch(weights, patch, 2))
  );
  assertClose(results.y, flat(expected), TOLERANCE);
});

Deno.test("embed() adds the positions of the places, of all in order by default", () => {
  const results = run((p) => ({
    all: embed(p, MODEL, patches),
    some: embed(p, MODEL, few, ids),
  }), { patches: patchElements, few: fewElements, ids: flat(visible) });
  const all = patchRows.map((rows) => reference.embed(weights, MODEL, rows));
  const chosen = patchRows.map((rows, b) =>
    reference.embed(weights, MODEL, rows.slice(0, K), visible[b])
  );
  assertClose(results.all, flat(all), TOLERANCE);
  assertClose(results.some, flat(chosen), TOLERANCE);
});

const tokens = input("tokens", "float32", [B, 1 + L, D]);
const tokenElements = normals(B * (1 + L) * D, 12);
const encoded = byImage(tokenElements, tokens.shape).map((rows) =>
  reference.encode(weights, MODEL, rows)
);

Deno.test("encode() runs all blocks and the norm; encodeCls() gives its first row alone", () => {
  const results = run((p) => ({
    all: encode(p, MODEL, tokens),
    cls: encodeCls(p, MODEL, tokens),
    row: clsRow(encode(p, MODEL, tokens)),
  }), { tokens: tokenElements });
  assertClose(results.all, flat(encoded.map(({ y }) => y)), TOLERANCE);
  assertClose(results.cls, flat(encoded.map(({ y }) => y[0]!)), TOLERANCE);
  assertClose(results.row, flat(encoded.map(({ y }) => y[0]!)), TOLERANCE);
});

Deno.test("clsAttentionSum() adds what CLS looks at over all blocks", () => {
  const results = run((p) => ({ scores: clsAttentionSum(p, MODEL, tokens) }), {
    tokens: tokenElements,
  });
  assertClose(results.scores, flat(encoded.map(({ scores }) => scores)), TOLERANCE);
});

Deno.test("clsAttentionSum() and encodeCls() leave out what nobody reads of the last block", () => {
  const read = (value: Value) =>
    topological([value]).flatMap((x) => x.op === "Input" ? [(x as Value<"Input">).attrs.name] : []);
  const p = new Parameters(specs);
  const scores = read(clsAttentionSum(p, MODEL, tokens));
  assert.ok(scores.includes("blocks.1.mlp.fc2.weight"));
  assert.deepEqual(
    scores.filter((name) => /^blocks\.2\.(mlp|norm2|attn\.proj)|^norm/.test(name)),
    [],
  );
});

Deno.test("decodeMasked() is the decoder over the restored order, its masked rows picked", () => {
  const latent = input("latent", "float32", [B, 1 + K, D]);
  const order = input("order", "int64", [B, L]);
  const elements = normals(B * (1 + K) * D, 13);
  const rows = byImage(elements, latent.shape);
  for (const decoderDepth of [2, 1, 0]) {
    const config = { ...MODEL, decoderDepth };
    const results = run((p) => ({ y: decodeMasked(p, config, latent, order) }), {
      latent: elements,
      order: flat(ORDER),
    });
    const expected = rows.map((image, b) => reference.decode(weights, config, image, ORDER[b]!));
    assertClose(results.y, flat(expected), TOLERANCE, `${decoderDepth} blocks`);
  }
});

Deno.test("decodeAll() predicts every patch: the masked ones as decodeMasked() does", () => {
  const latent = input("latent", "float32", [B, 1 + K, D]);
  const order = input("order", "int64", [B, L]);
  const given = { latent: normals(B * (1 + K) * D, 13), order: flat(ORDER) };
  for (const decoderDepth of [2, 0]) {
    const config = { ...MODEL, decoderDepth };
    const { all, masked } = run((p) => ({
      all: decodeAll(p, config, latent, order),
      masked: decodeMasked(p, config, latent, order),
    }), given);
    assert.equal(all.length, B * L * P);
    const tails = cut(all, L * P).flatMap((image) => image.slice(K * P));
    assertClose(tails, masked, TOLERANCE, `${decoderDepth} blocks`);
  }
});

Deno.test("encoderParameters() and decoderParameters() have MAE's names, shapes and starts", () => {
  const outer = (all: typeof specs) =>
    all.filter(({ name }) => !name.includes("blocks."))
      .map(({ name, shape, init }) => `${name} [${shape}] ${JSON.stringify(init)}`);
  assert.deepEqual(outer(encoderParameters(MODEL)), [
    'cls_token [1,1,8] {"normal":0.02}',
    'patch_embed.proj.weight [8,3,2,2] "xavier"',
    'patch_embed.proj.bias [8] "zeros"',
    'norm.weight [8] "ones"',
    'norm.bias [8] "zeros"',
  ]);
  assert.deepEqual(outer(decoderParameters(MODEL)), [
    'decoder_embed.weight [12,8] "xavier"',
    'decoder_embed.bias [12] "zeros"',
    'mask_token [1,1,12] {"normal":0.02}',
    'decoder_norm.weight [12] "ones"',
    'decoder_norm.bias [12] "zeros"',
    'decoder_pred.weight [12,12] "xavier"',
    'decoder_pred.bias [12] "zeros"',
  ]);
  assert.equal(specs.filter(({ name }) => name.startsWith("blocks.")).length, 3 * 12);
  assert.equal(specs.filter(({ name }) => name.startsWith("decoder_blocks.")).length, 2 * 12);
  assert.equal(new Set(specs.map(({ name }) => name)).size, specs.length);
});
