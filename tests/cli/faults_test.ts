/** What goes wrong around a run: one message, the right exit code, and a run that goes on afterwards. */
import assert from "node:assert/strict";
import { hostname } from "node:os";
import { ended, linesOf, type SmallRun, start } from "../../tasks/soak/pretraining.ts";
import { writeDataset } from "../train/_dataset.ts";

let folder = "";
Deno.test.beforeAll(() => {
  folder = Deno.makeTempDirSync();
  writeDataset(`${folder}/data`, { size: 8, train: 24, val: 4 });
});
Deno.test.afterAll(() => Deno.removeSync(folder, { recursive: true }));

const run = (name: string, steps: number, data = "data"): SmallRun => {
  return { dataset: `${folder}/${data}`, out: `${folder}/${name}`, steps };
};

async function fails(run: SmallRun, code: number, message: RegExp, fileLimit?: number) {
  const options = fileLimit === undefined ? {} : { fileLimit };
  const result = await ended(start(run, options));
  assert.match(result.said, message);
  assert.equal(result.code, code, result.said);
}

async function goesOn(run: SmallRun) {
  const { code, said } = await ended(start(run));
  assert.equal(code, 0, said);
}

const isLinux = Deno.build.os === "linux";

Deno.test({
  name: "a disk without room for a checkpoint ends a run with 4, and it goes on once there is",
  ignore: !isLinux,
  fn: async () => {
    const full = run("full", 9);
    const message =
      /^ccmim pretrain: Cannot write the checkpoint of step 7 in .*full: the file would be larger than is allowed; then go on with --resume$/;
    await fails(full, 4, message, 40);
    const { said } = await ended(start(full));
    assert.match(said, /Pretraining 9\/9 steps/);
    const names = [...Deno.readDirSync(`${folder}/full/checkpoints`)].map(({ name }) => name)
      .sort();
    assert.deepEqual(names, ["step-00000007", "step-00000009"]);
  },
});

Deno.test({
  name: "a folder that cannot be written is said, with 4",
  ignore: !isLinux,
  fn: () =>
    fails(
      { ...run("", 3), out: "/sys/kernel/ccmim" },
      4,
      /^ccmim pretrain: Cannot write \/sys\/kernel\/ccmim: (permission denied|the file system is read-only)$/,
    ),
});

Deno.test("a dataset that vanished, or is another, is said; the run goes on when it is back", async () => {
  writeDataset(`${folder}/moves`, { size: 8, train: 24, val: 4 });
  const moved = run("moved", 9, "moves");
  await goesOn(run("moved", 9, "moves"));
  Deno.removeSync(`${folder}/moved/checkpoints/step-00000009`, { recursive: true });
  Deno.renameSync(`${folder}/moves`, `${folder}/away`);
  await fails(moved, 3, /^ccmim pretrain: Cannot read .*moves as a dataset: /);
  writeDataset(`${folder}/moves`, { size: 8, train: 25, val: 4 });
  await fails(
    moved,
    2,
    /^ccmim pretrain: Cannot resume .*: the run was started on another dataset /,
  );
  Deno.removeSync(`${folder}/moves`, { recursive: true });
  Deno.renameSync(`${folder}/away`, `${folder}/moves`);
  await goesOn(moved);
});

Deno.test("a second process is refused with 2; what the first leaves when it is killed is taken over", async () => {
  const busy = run("busy", 5000);
  const trains = async () => {
    const before = linesOf(busy.out);
    const child = start(busy);
    const said = new Response(child.stderr).text();
    while (linesOf(busy.out) <= before) await new Promise((resolve) => setTimeout(resolve, 20));
    const kill = async () => {
      child.kill("SIGKILL");
      await child.status;
      return await said;
    };
    return { pid: child.pid, kill };
  };
  const first = await trains();
  const owner = `process ${first.pid} on ${hostname()}`;
  await fails(
    busy,
    2,
    new RegExp(`^ccmim pretrain: Cannot write .*busy: ${owner} is writing it; `),
  );
  await first.kill();
  const second = await trains();
  const said = await second.kill();
  assert.ok(said.includes(`busy was left by ${owner}, which has ended; taken over`), said);
});

Deno.test("a finished run says so and ends with 0", async () => {
  const finished = run("finished", 3);
  await goesOn(finished);
  const before = Deno.readFileSync(`${finished.out}/metrics.jsonl`);
  await goesOn(finished);
  assert.deepEqual(Deno.readFileSync(`${finished.out}/metrics.jsonl`), before);
});
