/** Positions that are a parameter, against those that are fixed. */
import assert from "node:assert/strict";
import { input } from "../../lib/graph/mod.ts";
import { Parameters, sinCosPositions } from "../../lib/nn/mod.ts";
import { embed, encoderParameters, patchCount, positionParameter } from "../../lib/vit/mod.ts";
import { assertClose } from "../_assert.ts";
import { evaluate } from "../_run.ts";
import { bindings, normals, randomWeights } from "../nn/_reference.ts";
import { MODEL } from "./_reference.ts";

const L = patchCount(MODEL), D = MODEL.width, P = MODEL.patch ** 2 * 3;
const specs = [...encoderParameters(MODEL), positionParameter(MODEL)];
const weights = randomWeights(specs);
const elements = normals(2 * L * P, 3);

/** Tokens with fixed positions, or with those that are given. */
function tokens(positions: ArrayLike<number> | null, ids?: number[][]): number[] {
  const p = new Parameters(positions ? specs : encoderParameters(MODEL));
  const n = ids?.[0]?.length ?? L;
  const patches = input("patches", "float32", [2, n, P]);
  const places = ids ? input("ids", "int64", [2, n]) : undefined;
  const y = embed(p, MODEL, patches, places);
  const inputs = bindings(p, weights);
  return evaluate({ y }, {
    ...inputs,
    patches: elements.slice(0, 2 * n * P),
    ...ids ? { ids: ids.flat() } : {},
    ...positions ? { pos_embed: positions } : {},
  }).y;
}

Deno.test("embed() adds the positions of the parameter, where there is one", () => {
  const fixed = sinCosPositions(D, MODEL.imageSize / MODEL.patch);
  assert.deepEqual(positionParameter(MODEL).shape, [1, 1 + L, D]);
  assert.deepEqual(tokens(fixed), tokens(null));
  const some = [[4, 0], [8, 7]];
  assert.deepEqual(tokens(fixed, some), tokens(null, some));
  const others = normals((1 + L) * D, 5);
  const shift = Array.from(others, (x, i) => x - fixed[i]!);
  const expected = tokens(null).map((x, i) => x + shift[i % shift.length]!);
  assertClose(tokens(others), expected, 1e-6);
});
