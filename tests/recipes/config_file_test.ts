import assert from "node:assert/strict";
import { readConfigFile } from "../../lib/recipes/mod.ts";

/** What is read from a file of `text`. */
async function read(text: string) {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/run.jsonc`, text);
    return readConfigFile(`${folder}/run.jsonc`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("readConfigFile() reads comments and trailing commas, and keeps lines", async () => {
  assert.deepEqual(
    await read(
      '{\n  // why\n  "epochs": 30,\n  "log": ["tensorboard"], /* and */ "resume": true,\n}\n',
    ),
    [
      { key: "epochs", value: 30, line: 3 },
      { key: "log", value: ["tensorboard"], line: 4 },
      { key: "resume", value: true, line: 4 },
    ],
  );
  assert.deepEqual(await read("{}"), []);
});

Deno.test("readConfigFile() refuses what holds no options", async () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ["", /Cannot read .*run\.jsonc as JSON: value expected in line 1/],
    ['{"epochs": \n', /as JSON: value expected in line 2/],
    ["[1]", /Cannot take options from .*: it holds no object/],
    ['{"a": 1,\n "a": 2}', /a is there twice \(line 2\)/],
    ['{"a": null}', /Cannot take a from .*, line 1: null is no string, number, boolean or list/],
    ['{"model": {"width": 3}}', /Cannot take model from .*: \{"width":3\} is no string/],
    ['{"a": [[1]]}', /\[\[1\]\] is no string/],
  ];
  for (const [text, message] of cases) {
    await assert.rejects(() => read(text), { name: "ConfigError", message });
  }
});

Deno.test("readConfigFile() refuses what is no file that people write", async () => {
  assert.throws(() => readConfigFile("/nowhere/run.jsonc"), {
    name: "ConfigError",
    message: "Cannot read options from /nowhere/run.jsonc: there is no such file",
  });
  const folder = await Deno.makeTempDir();
  assert.throws(() => readConfigFile(folder), /it is no file/);
  await Deno.remove(folder);
  await assert.rejects(() => read(" ".repeat(1 << 20) + "{}"), /1048578 bytes are too many/);
});
