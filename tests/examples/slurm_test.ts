import assert from "node:assert/strict";

/** Stands for ccmim: writes what it is told, and ends with the first number in a file of exit codes, which it takes away. */
const CCMIM = `#!/usr/bin/env bash
echo "$*" >> "$LOG"
code=$(head -n 1 "$CODES")
sed -i 1d "$CODES"
trap 'echo stopped >> "$LOG"; exit 75' TERM
if [ "$code" = wait ]; then
  echo started > "$LOG.started"
  while true; do sleep 0.05; done
fi
exit "$code"
`;
const SCONTROL = `#!/usr/bin/env bash
echo "scontrol $*" >> "$LOG"
`;

/** Runs the script with stand-ins; \`stopped\` sends it a TERM once its child has started. */
async function job(
  codes: string,
  args: readonly string[],
  { stopped = false, begun = false } = {},
) {
  const folder = await Deno.makeTempDir();
  const log = `${folder}/log`;
  try {
    for (const [name, text] of [["ccmim", CCMIM], ["scontrol", SCONTROL]] as const) {
      await Deno.writeTextFile(`${folder}/${name}`, text, { mode: 0o755 });
    }
    await Deno.writeTextFile(log, "");
    await Deno.writeTextFile(`${folder}/codes`, codes);
    await Deno.mkdir(`${folder}/run`);
    if (begun) await Deno.writeTextFile(`${folder}/run/config.json`, "{}");
    const child = new Deno.Command("bash", {
      args: ["docs/examples/slurm.sh", ...args.map((arg) => arg.replace("RUN", `${folder}/run`))],
      env: {
        PATH: `${folder}:${Deno.env.get("PATH")}`,
        LOG: log,
        CODES: `${folder}/codes`,
        SLURM_JOB_ID: "17",
      },
      stdout: "null",
      stderr: "piped",
    }).spawn();
    while (stopped && !exists(`${log}.started`)) await new Promise((done) => setTimeout(done, 20));
    if (stopped) child.kill("SIGTERM");
    const { code, stderr } = await child.output();
    const said = (await Deno.readTextFile(log)).replaceAll(folder, "").trim().split("\n");
    return { code, said, err: new TextDecoder().decode(stderr) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

Deno.test("slurm.sh ends with the code of a run that is done or fails", async () => {
  assert.deepEqual(await job("0\n", ["--data", "d", "--out", "RUN"]), {
    code: 0,
    said: ["pretrain --data d --out /run"],
    err: "",
  });
  assert.equal((await job("5\n", ["--out=RUN"])).code, 5);
});

Deno.test("slurm.sh goes on with a run that has begun", async () => {
  const { said } = await job("0\n", ["--out=RUN", "--data", "d"], { begun: true });
  assert.deepEqual(said, ["pretrain --out=/run --data d --resume"]);
});

Deno.test("slurm.sh puts the job into the queue again when the run stopped at a checkpoint", async () => {
  const { code, said } = await job("75\n", ["--out", "RUN"]);
  assert.equal(code, 0);
  assert.deepEqual(said, ["pretrain --out /run", "scontrol requeue 17"]);
});

Deno.test("slurm.sh hands on the signal that time is up, and waits for the checkpoint", async () => {
  const { code, said } = await job("wait\n", ["--out", "RUN"], { stopped: true });
  assert.equal(code, 0);
  assert.deepEqual(said, ["pretrain --out /run", "stopped", "scontrol requeue 17"]);
});

Deno.test("slurm.sh wants to know where the run is", async () => {
  const { code, err, said } = await job("0\n", ["--data", "d"]);
  assert.deepEqual([code, said], [2, [""]]);
  assert.match(err, /Cannot tell where the run is: give --out/);
});
