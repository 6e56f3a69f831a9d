/** What `ccmim prepare` says of bad input, and what it ends with. */
import assert from "node:assert/strict";
import { prepareCommand } from "../../cli/prepare.ts";
import { pretrainCommand } from "../../cli/pretrain.ts";
import { main } from "../../cli/run.ts";
import { prepare } from "../../lib/data/mod.ts";
import { pretrain } from "../../lib/train/mod.ts";
import { inFolder } from "../_folder.ts";
import { type Files, picture, pictures, tarOf, writeTree } from "../data/_pictures.ts";
import { bytesOf, endTar, tarV7, uint32 } from "../data/_sources.ts";
import { FakeTerminal } from "./fake_terminal.ts";

const JPG = picture(0, 16, 16);

/** A JPEG that says it has 60,000 x 60,000 pixels. */
function bomb(): Uint8Array {
  const bytes = JPG.slice();
  const frame = bytes.findIndex((byte, i) => byte === 0xff && bytes[i + 1] === 0xc0);
  bytes.set([0xea, 0x60, 0xea, 0x60], frame + 5);
  return bytes;
}

/** Exit code and what was said, without the folder's name. */
async function call(files: Files, line: string): Promise<{ code: number; err: string }> {
  let answer = { code: -1, err: "" };
  await inFolder(async (folder) => {
    writeTree(folder, files);
    const args = line.split(" ").map((word) => word.replace(/^\.\//, `${folder}/`));
    const terminal = new FakeTerminal();
    const commands = [prepareCommand(prepare)];
    const code = await main(["prepare", ...args, "--workers", "1"], { commands, terminal });
    answer = { code, err: terminal.stderr.replaceAll(`${folder}/`, "") };
  });
  return answer;
}

/** Two good images, and one more. */
const beside = (path: string, bytes: Uint8Array): Files => {
  return { "in/a.jpg": JPG, "in/b.jpg": JPG, [path]: bytes };
};

const CASES: readonly (readonly [name: string, Files, line: string, code: number, said: RegExp])[] =
  [
    [
      "a truncated image",
      beside("in/c.jpg", JPG.slice(0, -100)),
      "./in ./out",
      3,
      /Cannot use the source: 1 or more of its 3 images are bad, and --max-bad allows 1%: c.jpg \(.*premature end/,
    ],
    [
      "a corrupt image, tolerated",
      beside("in/c.jpg", JPG.map((byte, i) => i < 3 || i > 40 ? byte : 0)),
      "./in ./out --max-bad 0.5",
      0,
      /^warning: skipped c.jpg: damaged JPEG header$/m,
    ],
    [
      "an empty image",
      beside("in/c.jpg", new Uint8Array()),
      "./in ./out --strict",
      3,
      /Cannot use c.jpg: empty file/,
    ],
    [
      "an image bomb",
      beside("in/c.jpg", bomb()),
      "./in ./out --strict",
      3,
      /Cannot use c.jpg: declares 60000 x 60000 pixels, more than --max-pixels 268402689/,
    ],
    [
      "an image whose name lies, decoded for what it is",
      beside("in/c.png", JPG),
      "./in ./out --strict",
      0,
      /Packing 3\/3 images/,
    ],
    [
      "a source without images",
      { "in/a.txt": JPG },
      "./in ./out",
      3,
      /Cannot find any image in the source/,
    ],
    [
      "a source that is missing",
      {},
      "./in ./out",
      3,
      /Cannot read in: there is no such file or folder/,
    ],
    [
      "a file of no known kind",
      { "in": bytesOf("hello") },
      "./in ./out",
      3,
      /Cannot read in as images: it is no folder, tar/,
    ],
    [
      "a class without images",
      { ...pictures(["in/a/1.jpg", "in/b/1.jpg"]), "in/c/x.txt": JPG },
      "./in ./out",
      0,
      /^warning: class "c" has no image$/m,
    ],
    [
      "a class without images, strictly",
      { ...pictures(["in/a/1.jpg", "in/b/1.jpg"]), "in/c/x.txt": JPG },
      "./in ./out --strict",
      3,
      /Cannot use class "c": it has no image/,
    ],
    [
      "class names that are one",
      pictures(["in/caf\u00e9/1.jpg", "in/cafe\u0301/1.jpg"]),
      "./in ./out",
      3,
      /Cannot tell the classes: .* are one name in two spellings of Unicode/,
    ],
    [
      "a list with a missing file",
      { "a.jpg": JPG, "in.csv": bytesOf("path\na.jpg\nnone.jpg\n") },
      "./in.csv ./out --max-bad 0.5",
      0,
      /^warning: skipped none.jpg: no such file$/m,
    ],
    [
      "a list without paths",
      { "in.csv": bytesOf("a.jpg,cat\n") },
      "./in.csv ./out",
      3,
      /Cannot read in.csv: its first line names no column "path"/,
    ],
    [
      "an output that exists",
      { "in/a.jpg": JPG, "out/x": JPG },
      "./in ./out",
      3,
      /Cannot write out: it exists; use --force/,
    ],
    [
      "an output that is no dataset",
      { "in/a.jpg": JPG, "out/x": JPG },
      "./in ./out --force",
      3,
      /Cannot replace out: it is not a packed dataset/,
    ],
    [
      "a tar that leads out of itself",
      { "in.tar": endTar(tarV7("a.jpg", JPG), tarV7("../b.jpg", JPG)) },
      "./in.tar ./out --max-bad 0.5",
      0,
      /^warning: skipped ..\/b.jpg: its path leads out of the tar$/m,
    ],
    [
      "a tar with links",
      {
        "in.tar": endTar(
          tarV7("a.jpg", JPG),
          tarV7("b.jpg", new Uint8Array(), { type: "2", link: "/etc/passwd" }),
        ),
      },
      "./in.tar ./out --strict",
      3,
      /Cannot use b.jpg: link, which is not followed in a tar/,
    ],
    [
      "a tar that is cut short",
      { "in.tar": tarV7("a.jpg", JPG).slice(0, 700) },
      "./in.tar ./out",
      3,
      /Cannot read in.tar as a tar: it is cut short/,
    ],
    [
      "an IDX file that is cut short",
      { "in.idx": uint32(0x803, 3, 2, 2, 0) },
      "./in.idx ./out",
      3,
      /Cannot read in.idx: it ends after 1 of 3 images/,
    ],
    ["too many shards", {}, "./in-{0..9999999}.tar ./out", 3, /stands for more than 100000 paths/],
    [
      "an unknown flag",
      {},
      "./in ./out --max-pixel 3",
      2,
      /Unknown option --max-pixel: did you mean --max-pixels\?/,
    ],
    [
      "a colour that is none",
      { "in/a.jpg": JPG },
      "./in ./out --background white",
      2,
      /Cannot use white as .*background: it must be #rrggbb/,
    ],
    ["a target alone", {}, "./out", 2, /see ccmim prepare --help/],
  ];

for (const [name, files, line, code, said] of CASES) {
  Deno.test(`ccmim prepare ends with ${code} on ${name}`, async () => {
    const answer = await call(files, line);
    assert.match(answer.err, said);
    assert.equal(answer.code, code, answer.err);
    assert.doesNotMatch(answer.err, /^ {4}at /m, "no stack");
  });
}

Deno.test("ccmim prepare ends with 3 on a tar that holds only what it refuses, and writes nothing", async () => {
  const tar = await tarOf({ "../../evil.jpg": JPG });
  const { code, err } = await call(
    { "deep/er/in.tar": tar },
    "./deep/er/in.tar ./deep/er/out --max-bad 1",
  );
  assert.equal(code, 3);
  assert.match(err, /no image is good/);
});

Deno.test("ccmim prepare ends with 4 on a full disk, and leaves nothing behind", async () => {
  const { writeSync } = Deno.FsFile.prototype;
  Deno.FsFile.prototype.writeSync = () => {
    throw Object.assign(new Error("No space left on device (os error 28)"), { code: "ENOSPC" });
  };
  try {
    const { code, err } = await call({ "in/a.jpg": JPG }, "./in ./out");
    assert.equal(code, 4);
    assert.match(err, /^ccmim prepare: Cannot write out: the disk is full$/m);
  } finally {
    Deno.FsFile.prototype.writeSync = writeSync;
  }
});

/** What training says of a dataset that `damage` was done to. */
async function trainOn(damage: (dataset: string) => void): Promise<{ code: number; err: string }> {
  let answer = { code: -1, err: "" };
  await inFolder(async (folder) => {
    writeTree(`${folder}/in`, pictures(["a.jpg", "b.jpg"]));
    await prepare(`${folder}/in`, `${folder}/set`, { workers: 1 });
    damage(`${folder}/set`);
    const terminal = new FakeTerminal();
    const commands = [pretrainCommand(pretrain)];
    const args = ["pretrain", "--data", `${folder}/set`, "--out", `${folder}/run`];
    const code = await main(args, { commands, terminal });
    answer = { code, err: terminal.stderr.replaceAll(`${folder}/`, "") };
  });
  return answer;
}

Deno.test("ccmim ends with 3 on a dataset cut short", async () => {
  const { code, err } = await trainOn((dataset) =>
    Deno.truncateSync(`${dataset}/train-00000.bin`, 99)
  );
  assert.equal(code, 3);
  assert.match(err, /Cannot read set\/train-00000.bin: it has 99 bytes, the manifest says \d+;/);
});

Deno.test("ccmim ends with 3 on a dataset of a newer version", async () => {
  const { code, err } = await trainOn((dataset) => {
    const file = `${dataset}/manifest.json`;
    const text = Deno.readTextFileSync(file).replace(/"version": \d+,/, '"version": 99,');
    Deno.writeTextFileSync(file, text);
  });
  assert.equal(code, 3);
  assert.match(err, /Cannot read set\/manifest.json: its format version 99 is newer than \d+/);
});
