/** Features against plain loops. */
import assert from "node:assert/strict";
import { input } from "../../lib/graph/mod.ts";
import { Parameters, sinCosPositions } from "../../lib/nn/mod.ts";
import {
  FEATURE_LAYERS,
  featureParameters,
  features,
  featureWidth,
  POOLS,
  showKind,
} from "../../lib/features/mod.ts";
import { assertClose } from "../_assert.ts";
import { evaluate } from "../_run.ts";
import {
  bindings,
  block,
  cut,
  layerNorm,
  mean,
  normals,
  randomWeights,
  type Rows,
} from "../nn/_reference.ts";
import { embed, MODEL, patchify } from "../vit/_reference.ts";

const S = MODEL.imageSize, B = 2;
const pixels = normals(B * S * S * 3, 8);

/** Weights with fixed positions. */
function weightsOf(pooledNorm: boolean) {
  const specs = featureParameters(MODEL, { pooledNorm });
  const positions = [...sinCosPositions(MODEL.width, S / MODEL.patch)];
  return { specs, weights: { ...randomWeights(specs), pos_embed: positions } };
}

const column = (rows: Rows, i: number) => rows.map((row) => row[i]!);
const meanOf = (rows: Rows) => rows[0]!.map((_, i) => mean(column(rows, i)));

for (const pool of POOLS) {
  for (const layers of FEATURE_LAYERS) {
    Deno.test(`features() gives ${showKind({ pool, layers })} after the norm`, () => {
      const { specs, weights } = weightsOf(false);
      const p = new Parameters(specs);
      const y = features(p, MODEL, input("images", "float32", [B, S, S, 3]), { pool, layers });
      assert.deepEqual(y.shape, [B, featureWidth(MODEL, { pool, layers })]);
      const expected = cut(pixels, S * S * 3).flatMap((image) => {
        let x: Rows = embed(weights, MODEL, patchify(cut(cut(image, 3), S), MODEL.patch));
        const found: number[][] = [];
        for (let i = 0; i < MODEL.depth; i++) {
          x = block(weights, `blocks.${i}`, x, MODEL.heads).y;
          const normed = layerNorm(weights, "norm", x);
          found.push(pool === "cls" ? normed[0]! : meanOf(normed.slice(1)));
        }
        return layers === "all" ? found.flat() : found.at(-1)!;
      });
      assertClose(
        evaluate({ y }, { images: pixels, ...bindings(p, weights) }).y,
        expected,
        1e-5,
      );
    });
  }
}

Deno.test("features() of a model that pools before its norm takes that norm", () => {
  const { specs, weights } = weightsOf(true);
  assert.ok(!specs.some(({ name }) => name === "norm.weight"));
  const p = new Parameters(specs);
  const kind = { pool: "mean", layers: "last" } as const;
  const y = features(p, MODEL, input("images", "float32", [B, S, S, 3]), kind);
  const expected = cut(pixels, S * S * 3).flatMap((image) => {
    let x: Rows = embed(weights, MODEL, patchify(cut(cut(image, 3), S), MODEL.patch));
    for (let i = 0; i < MODEL.depth; i++) x = block(weights, `blocks.${i}`, x, MODEL.heads).y;
    return layerNorm(weights, "fc_norm", [meanOf(x.slice(1))])[0]!;
  });
  assertClose(evaluate({ y }, { images: pixels, ...bindings(p, weights) }).y, expected, 1e-5);
});

Deno.test("showKind() names features", () => {
  assert.equal(showKind({ pool: "cls", layers: "last" }), "CLS");
  assert.equal(showKind({ pool: "mean", layers: "all" }), "mean of patches, all layers");
});
