import assert from "node:assert/strict";
import { planPrepare } from "../../lib/data/dry_run.ts";
import { prepare } from "../../lib/data/prepare.ts";
import { inFolder } from "../_folder.ts";
import { picture, pictures, thrown, writeTree } from "./_pictures.ts";

const QUICK = { workers: 1, decoder: "jpeg-js" } as const;

Deno.test("planPrepare() foresees what prepare() makes, and writes nothing", async () => {
  await inFolder(async (folder) => {
    writeTree(`${folder}/in`, {
      ...pictures(["train/a/1.jpg", "train/a/2.jpg", "train/b/1.jpg", "test/b/1.jpg"]),
      "train/a/tall.jpg": picture(9, 8, 60),
      "train/a/empty.jpg": new Uint8Array(),
      "train/c/x.txt": new Uint8Array(),
    });
    const options = { ...QUICK, maxBad: 0.5, shardBytes: 20 * 20 * 3 * 2 };
    const plan = await planPrepare(`${folder}/in`, `${folder}/out`, options);
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["in"]);

    const result = await prepare(`${folder}/in`, `${folder}/out`, options);
    for (
      const name of [
        "size",
        "classes",
        "balance",
        "splits",
        "images",
        "smaller",
        "bad",
        "warnings",
        "ignored",
      ] as const
    ) {
      assert.deepEqual(plan[name], result[name], name);
    }
    const manifest = Deno.statSync(`${folder}/out/manifest.json`).size;
    assert.equal(plan.bytes, result.bytes - manifest);
    assert.deepEqual([plan.shards, plan.tried, plan.fit], [3, 5, "squash"]);
    assert.deepEqual(plan.warnings, ['class "c" has no image']);
    assert.ok(plan.seconds > 0 && plan.seconds < 60);
  });
});

Deno.test("planPrepare() finds images that only decoding shows to be damaged", async () => {
  await inFolder(async (folder) => {
    const cut = picture(1, 64, 64).slice(0, -500);
    writeTree(`${folder}/in`, { ...pictures(["a.jpg", "b.jpg"]), "cut.jpg": cut });
    const plan = await planPrepare(`${folder}/in`, `${folder}/out`, { ...QUICK, maxBad: 0.5 });
    assert.deepEqual(plan.bad.map(({ path }) => path), ["cut.jpg"]);
    assert.equal(plan.images, 3);
    const said = await thrown(() => planPrepare(`${folder}/in`, `${folder}/out`, QUICK));
    assert.match(said, /^DataError: .* bad, and --max-bad allows 1%: cut.jpg/);
  });
});

Deno.test("planPrepare() refuses what prepare() refuses", async () => {
  await inFolder(async (folder) => {
    writeTree(`${folder}/in`, pictures(["a.jpg"]));
    Deno.mkdirSync(`${folder}/out`);
    const plan = (options = {}) => planPrepare(`${folder}/in`, `${folder}/out`, options);
    assert.match(await thrown(() => plan()), /it exists; use --force to replace it$/);
    assert.equal((await plan({ force: true, ...QUICK })).images, 1);
    assert.match(await thrown(() => plan({ size: 0 })), /^RangeError/);
    const inside = await thrown(() => planPrepare(`${folder}/in`, folder, QUICK));
    assert.match(inside, /the source .* is in it$/);
  });
});
