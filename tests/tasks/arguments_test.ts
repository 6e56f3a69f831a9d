import assert from "node:assert/strict";

const ROOT = new URL("../../", import.meta.url).pathname;

/** How `tasks/<task> <args>` ends, and what it says. */
async function run(task: string, args: string) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", `tasks/${task}.ts`, ...args.split(" ").filter((arg) => arg !== "")],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}

for (
  const task of [
    "bench/bench",
    "check_fixtures/check_fixtures",
    "check_onnx",
    "demo",
    "study/squash",
  ]
) {
  Deno.test(`tasks/${task}.ts shows its usage when asked, and for a flag that is not there`, async () => {
    const usage = /^usage: deno task [\w:]+ .+\n$/;
    const [asked, unknown] = await Promise.all([run(task, "--help"), run(task, "--no-such-flag")]);
    assert.deepEqual([asked.code, asked.err], [0, ""]);
    assert.match(asked.out, usage);
    assert.deepEqual([unknown.code, unknown.out], [2, ""]);
    const [first = "", ...rest] = unknown.err.split("\n");
    assert.match(first, /^Unknown option '--no-such-flag'/);
    assert.match(rest.join("\n"), usage);
  });
}

const WRONG: readonly (readonly [string, string, number, string])[] = [
  [
    "bench/bench",
    "--pairs 0",
    2,
    "Cannot use 0 as --pairs: it must be a whole number of at least 1",
  ],
  ["bench/bench", "--seconds x", 2, "Cannot use x as --seconds: it must be a number above 0"],
  ["bench/bench", "--method mae,bert", 2, "Cannot use bert as --method: there are ccmim, mae"],
  ["bench/bench", "--peer lib", 2, "Cannot use lib as --peer: it has no bench_torch.py"],
  [
    "check_fixtures/check_fixtures",
    "",
    2,
    "Cannot check: no folder is named\nusage: deno task check:fixtures [--device d] [--threads n] <folder>...",
  ],
  [
    "check_fixtures/check_fixtures",
    "--device gpu lib",
    2,
    'Cannot use "gpu" as a device: give cpu, cuda or cuda:<index>',
  ],
  [
    "check_fixtures/check_fixtures",
    "lib",
    1,
    "No such file or directory (os error 2): readfile 'lib/expected.json'",
  ],
  ["demo", "lib", 2, "Cannot write into lib: it is not empty"],
];
for (const [task, args, expected, message] of WRONG) {
  Deno.test(`tasks/${task}.ts ${args} ends with ${expected}, without a stack`, async () => {
    const { code, err } = await run(task, args);
    assert.deepEqual([code, err], [expected, `${message}\n`]);
  });
}
