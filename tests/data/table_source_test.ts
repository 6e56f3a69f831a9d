import assert from "node:assert/strict";
import { inFolder } from "../_folder.ts";
import { pictures, thrown, writeTree } from "./_pictures.ts";
import { bytesOf, listed } from "./_sources.ts";

const files = pictures(["images/a.jpg", 'images/odd, "name".jpg', "images/noextension", "b.jpg"]);

/** What a list of this name and text holds, beside the files. */
async function ofTable(name: string, text: string): Promise<string[]> {
  let found: string[] = [];
  await inFolder(async (folder) => {
    writeTree(`${folder}/in`, { ...files, [`lists/${name}`]: bytesOf(text) });
    found = await listed(`${folder}/in/lists/${name}`);
  });
  return found;
}

Deno.test("a CSV gives the images that it names, quoted or not", async () => {
  const text =
    '\ufeffPath,label,Split\r\n../images/a.jpg,cat,train\r\n"../images/odd, ""name"".jpg",' +
    '"two\nlines",validation\r\n\r\n../images/noextension,,test\r\n../b.jpg,7,\r\n';
  assert.deepEqual(await ofTable("all.csv", text), [
    "../images/a.jpg train/cat",
    '../images/odd, "name".jpg val/two\nlines',
    "../images/noextension test/-",
    "../b.jpg train/7",
  ]);
});

Deno.test("a TSV and a CSV without labels and splits are lists too; the name says the split", async () => {
  assert.deepEqual(await ofTable("test.tsv", "extra\tfile_name\nx\t../b.jpg\n"), [
    "../b.jpg test/-",
  ]);
  assert.deepEqual(await ofTable("val.csv", "filename\n../b.jpg"), ["../b.jpg val/-"]);
});

Deno.test("a JSON Lines file gives the images that it names", async () => {
  const text = '{"path": "../images/a.jpg", "label": 3}\n\n{"path": "../b.jpg", "label": null, ' +
    '"split": "val", "other": [1]}\n{"file_name": "../images/noextension", "class": "dog"}';
  assert.deepEqual(await ofTable("x.jsonl", text), [
    "../images/a.jpg train/3",
    "../b.jpg val/-",
    "../images/noextension train/dog",
  ]);
});

Deno.test("a missing file is a bad image, named as the list names it", async () => {
  assert.deepEqual(await ofTable("x.csv", "path,label\n../b.jpg,a\nnone.jpg,b\n../images,c\n"), [
    "../b.jpg train/a",
    "none.jpg !no such file",
    "../images !not a file",
  ]);
});

Deno.test("a damaged list is refused, with its line", async () => {
  const cases: [string, string, RegExp][] = [
    [
      "x.csv",
      "a.jpg,cat\n",
      /Cannot read .*x.csv: its first line names no column "path" but a.jpg, cat$/,
    ],
    ["x.csv", "path,label\na.jpg\n", /Cannot read .*x.csv: Invalid Record Length: .* on line 2/],
    ["x.csv", 'path\n"a.jpg\n', /Cannot read .*x.csv: Quote Not Closed/],
    ["x.csv", "path,label\n,cat\n", /Cannot use .*x.csv, line 2: it has no path$/],
    [
      "x.csv",
      "path,split\n../b.jpg,holdout\n",
      /line 2: split "holdout" is none of train, val and test$/,
    ],
    [
      "x.jsonl",
      '{"path": "../b.jpg"}\n{"path": \n',
      /Cannot read .*x.jsonl, line 2: it is no JSON object$/,
    ],
    [
      "x.jsonl",
      '{"path": {}}',
      /Cannot use .*x.jsonl, line 1: its path is neither text nor a number$/,
    ],
    [
      "x.csv",
      "path\n../b.jpg\n../b.jpg\n",
      /Cannot use a source in which two files are named ..\/b.jpg$/,
    ],
  ];
  for (const [name, text, message] of cases) {
    const error = await thrown(() => ofTable(name, text));
    assert.match(error, /^DataError: /);
    assert.match(error, message);
  }
});

Deno.test("a path in a list that no file can have is a bad image", async () => {
  const paths = ["a\\u0000b", "../images/a.jpg/b", "x".repeat(300)];
  const list = paths.map((path) => `{"path": "${path}"}\n`).join("");
  assert.deepEqual((await ofTable("list.jsonl", list)).map((image) => image.split(" !")[1]), [
    "no file is named so",
    "no such file",
    "no file is named so",
  ]);
});
