/** Encoders of checkpoints, and those that nothing was taught. */
import assert from "node:assert/strict";
import { saveCheckpoint, type StoredTensor } from "../../lib/checkpoint/mod.ts";
import { sha256OfFile } from "../../lib/data/mod.ts";
import { checkKind, loadEncoder, randomEncoder } from "../../lib/features/mod.ts";

const CONFIG = { imageSize: 8, patch: 4, width: 16, depth: 2, heads: 2, mlpRatio: 4 };

/** Saves `tensors` as a run's checkpoint, and runs `body` on it. */
function withRun(tensors: ReadonlyMap<string, StoredTensor>, body: (run: string) => void): void {
  const run = Deno.makeTempDirSync();
  try {
    saveCheckpoint(run, 3, { model: tensors, state: new Map(), position: { microBatch: 3 } });
    Deno.writeTextFileSync(`${run}/config.json`, JSON.stringify({ config: { model: CONFIG } }));
    body(run);
  } finally {
    Deno.removeSync(run, { recursive: true });
  }
}

Deno.test("randomEncoder() is a pure function of the seed", () => {
  const a = randomEncoder(CONFIG, 1);
  assert.deepEqual(randomEncoder(CONFIG, 1), a);
  assert.notDeepEqual(
    randomEncoder(CONFIG, 2).tensors.get("cls_token"),
    a.tensors.get("cls_token"),
  );
  assert.deepEqual(a.origin, {
    checkpoint: "random",
    file: null,
    sha256: null,
    seed: 1,
    match: null,
  });
});

Deno.test("loadEncoder() reads a run's weights, with where they come from", () => {
  const random = randomEncoder(CONFIG, 1);
  withRun(random.tensors, (run) => {
    const { config, tensors, pooledNorm, origin } = loadEncoder(run);
    assert.deepEqual(config, CONFIG);
    assert.equal(pooledNorm, false);
    assert.deepEqual([...tensors.keys()].sort(), [...random.tensors.keys()].sort());
    for (const [name, { data }] of tensors) {
      assert.deepEqual([...data], [...random.tensors.get(name)!.data], name);
    }
    const file = `${run}/checkpoints/step-00000003/model.safetensors`;
    assert.equal(origin.file, file);
    assert.equal(origin.sha256, sha256OfFile(file));
    assert.match(origin.match!, /^30 tensors match/);
  });
});

Deno.test("loadEncoder() refuses a partial match, unless it is wanted", () => {
  const tensors = new Map(randomEncoder(CONFIG, 1).tensors);
  tensors.delete("blocks.1.mlp.fc2.bias");
  withRun(tensors, (run) => {
    assert.throws(() => loadEncoder(run), {
      name: "DataError",
      message: /blocks\.1\.mlp\.fc2\.bias/,
    });
    const { tensors: all } = loadEncoder(run, { partial: true });
    assert.equal(all.get("blocks.1.mlp.fc2.bias")!.data.length, 16 * 4);
  });
});

Deno.test("checkKind() refuses tokens of a model that was fine-tuned on their mean", () => {
  const { tensors: all } = randomEncoder(CONFIG, 1);
  const tensors = new Map([...all].map(([name, tensor]) => {
    return [name.replace(/^norm\./, "fc_norm."), tensor] as const;
  }));
  withRun(tensors, (run) => {
    const encoder = loadEncoder(run);
    assert.equal(encoder.pooledNorm, true);
    checkKind(encoder, { pool: "mean", layers: "last" });
    for (
      const kind of [{ pool: "cls", layers: "last" }, { pool: "mean", layers: "all" }] as const
    ) {
      assert.throws(() => checkKind(encoder, kind), {
        name: "DataError",
        message:
          /^Cannot take other features of .+ than --pool mean --layers last: it was fine-tuned/,
      });
    }
  });
});
