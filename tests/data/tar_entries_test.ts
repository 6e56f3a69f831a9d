import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { packTar } from "modern-tar";
import { tarEntries } from "../../lib/data/tar_entries.ts";
import { inFolder } from "../_folder.ts";
import { thrown } from "./_pictures.ts";
import { bytesOf, endTar, joined, noise, tarV7 } from "./_sources.ts";

const nothing = new Uint8Array();

/** Goes through a tar, plain and gzipped. */
async function eachWay(
  tar: Uint8Array,
  look: (entries: ReturnType<typeof tarEntries>, path: string) => Promise<void>,
): Promise<void> {
  await inFolder(async (folder) => {
    for (const gzip of [false, true]) {
      const path = `${folder}/x.tar${gzip ? ".gz" : ""}`;
      Deno.writeFileSync(path, gzip ? gzipSync(tar) : tar);
      await look(tarEntries({ path, gzip, name: "x", split: "train" }), path);
    }
  });
}

/** An attribute as its record. */
function record(text: string): Uint8Array {
  const length = bytesOf(text).length + 2;
  return bytesOf(`${length + `${length}`.length} ${text}\n`);
}

/** A tar's first header with other bytes from `at` on, and the checksum of that. */
function changed(tar: Uint8Array, at: number, bytes: Uint8Array): Uint8Array {
  const block = tar.slice();
  block.set(bytes, at);
  block.set(bytesOf("        "), 148);
  const sum = block.subarray(0, 512).reduce((a, b) => a + b, 0);
  block.set(bytesOf(`${sum.toString(8).padStart(6, "0")}\0 `), 148);
  return block;
}

/** `name kind size` of every entry. */
async function listed(entries: ReturnType<typeof tarEntries>): Promise<string[]> {
  return await Array.fromAsync(entries, ({ name, kind, size }) => `${name} ${kind} ${size}`);
}

Deno.test("entries give their bytes whole, their start, or in pieces, and plain ones where they lie", async () => {
  const bytes = [noise(1, 3), noise(2, 70_000), noise(3, 600_000), noise(4, 512)];
  await eachWay(endTar(...bytes.map((one, i) => tarV7(`${i}`, one))), async (entries, path) => {
    let i = 0;
    for await (const { read, stream, size, onDisk } of entries) {
      const expected = bytes[i++]!;
      assert.equal(size, expected.length);
      if (i === 3) assert.deepEqual(joined(...await Array.fromAsync(stream())), expected);
      else {
        assert.deepEqual((await read(100)).slice(0, 100), expected.slice(0, 100));
        assert.deepEqual(await read(), expected);
      }
      if (path.endsWith(".gz")) assert.equal(onDisk, undefined);
      else {
        assert.equal(onDisk!.file, path);
        const { offset } = onDisk!;
        assert.deepEqual(Deno.readFileSync(path).slice(offset, offset + size), expected);
      }
    }
    assert.equal(i, 4);
  });
});

Deno.test("names may be long or of any script, in each dialect, and attributes may hold for all", async () => {
  const long = `${"long/".repeat(60)}画像.jpg`;
  const pax = await packTar([{ header: { name: long, size: 3 }, body: bytesOf("abc") }]);
  const tar = joined(
    pax.subarray(0, pax.length - 1024),
    tarV7("././@LongLink", bytesOf(`${long}\0`), { type: "L" }),
    tarV7("cut off", bytesOf("defg")),
    tarV7("global", record("comment=for all"), { type: "g" }),
    tarV7("own", record("path=other"), { type: "x" }),
    tarV7("not this", bytesOf("h")),
    tarV7("plain", nothing),
    new Uint8Array(1024),
  );
  await eachWay(tar, async (entries) => {
    assert.deepEqual(await listed(entries), [
      `${long} file 3`,
      `${long} file 4`,
      "other file 1",
      "plain file 0",
    ]);
  });
});

Deno.test("a name in attributes is the whole name, whatever the header has of it and whatever is in it", async () => {
  const own = (text: string, header: Uint8Array) =>
    joined(tarV7("own", record(text), { type: "x" }), header);
  const prefixed = changed(
    changed(tarV7("b.jpg", bytesOf("b")), 257, bytesOf("ustar\x0000")),
    345,
    bytesOf("long/folder"),
  );
  const tar = endTar(
    own("path=long/folder/ü.jpg", prefixed),
    prefixed,
    own("path=two\nlines.jpg", tarV7("two?lines.jpg", bytesOf("cd"))),
    own("SCHILY.xattr.user.x=1\n17 path=evil.jpg", tarV7("good.jpg", bytesOf("e"))),
    own("path=folder/file.jpg", tarV7("folder/", bytesOf("f"), { type: "0" })),
    own("size=3", tarV7("sized.jpg", nothing)),
    tarV7("3 bytes", bytesOf("ghi")).subarray(512),
    tarV7("all", record("path=of all"), { type: "g" }),
    tarV7("not this", nothing),
    own("path=but this", tarV7("not this", nothing)),
  );
  await eachWay(tar, async (entries) => {
    assert.deepEqual(await listed(entries), [
      "long/folder/ü.jpg file 1",
      "long/folder/b.jpg file 1",
      "two\nlines.jpg file 2",
      "good.jpg file 1",
      "folder/file.jpg file 1",
      "sized.jpg file 3",
      "of all file 0",
      "but this file 0",
    ]);
  });
});

Deno.test("labels of volumes and types that nobody knows do no harm, and sparse files are known", async () => {
  const part = new Uint8Array(512);
  const goesOn = part.slice();
  goesOn[504] = 1;
  const sparse = changed(tarV7("sparse.jpg", noise(1, 600), { type: "S" }), 482, bytesOf("\x01"));
  const tar = endTar(
    changed(tarV7("label", nothing, { type: "V" }), 124, new Uint8Array(12)),
    tarV7("sparse alone.jpg", noise(2, 600), { type: "S" }),
    sparse.subarray(0, 512),
    goesOn,
    part,
    sparse.subarray(512),
    tarV7("of tomorrow", bytesOf("x"), { type: "Z" }),
    tarV7("file", bytesOf("x")),
  );
  await eachWay(tar, async (entries) => {
    assert.deepEqual(await listed(entries), [
      "label other 0",
      "sparse alone.jpg sparse 600",
      "sparse.jpg sparse 600",
      "of tomorrow file 1",
      "file file 1",
    ]);
  });
});

Deno.test("links, folders and devices have no bytes, whatever they declare", async () => {
  const sized = (name: string, type: string) =>
    tarV7(name, noise(1, 900), { type }).subarray(0, 512);
  const tar = endTar(
    sized("hard", "1"),
    sized("soft", "2"),
    sized("device", "3"),
    sized("folder/", "5"),
    tarV7("old folder/", nothing),
    tarV7("file", bytesOf("x")),
  );
  await eachWay(tar, async (entries) => {
    assert.deepEqual(await listed(entries), [
      "hard link 0",
      "soft link 0",
      "device other 0",
      "folder/ folder 0",
      "old folder/ folder 0",
      "file file 1",
    ]);
  });
});

Deno.test("a damaged tar is refused, with the reason", async () => {
  const [one, two] = [tarV7("1", noise(1, 700)), tarV7("2", noise(2, 700))];
  const spoilt = two.slice();
  spoilt[0] = 0x33;
  const unsized = tarV7("1", nothing);
  unsized.set(bytesOf("zzzzzzzzzzz"), 124);
  const cases: [string, Uint8Array, RegExp][] = [
    ["cut within a header", joined(one, two.subarray(0, 100)), /it is cut short$/],
    ["cut within a file", joined(one, two.subarray(0, 1000)), /it is cut short$/],
    ["cut before its end", joined(one, two), /it is cut short$/],
    ["cut within its end", joined(one, new Uint8Array(512)), /it is cut short$/],
    ["a wrong checksum", endTar(one, spoilt), /its header at byte 1536 is damaged$/],
    ["no size", endTar(unsized), /its header at byte 0 is damaged$/],
    ["more after its end", joined(endTar(one), two), /there is more after its end at byte 2048$/],
    [
      "a tar after it",
      joined(endTar(one), endTar(two)),
      /there is more after its end at byte 2048$/,
    ],
    [
      "damaged attributes",
      endTar(tarV7("own", bytesOf("99 path=x\n"), { type: "x" }), one),
      /attributes of an entry are damaged$/,
    ],
    [
      "a name of megabytes",
      endTar(tarV7("L", new Uint8Array(2e6), { type: "L" }), one),
      /2000000 bytes of attributes are no entry's$/,
    ],
  ];
  for (const [what, tar, message] of cases) {
    await eachWay(tar, async (entries, path) => {
      const error = await thrown(() => listed(entries));
      assert.match(error, message, what);
      assert.ok(error.startsWith(`DataError: Cannot read ${path} as a tar: `), error);
    });
  }
});

Deno.test("a file that is cut short says so where it is read", async () => {
  const tar = joined(tarV7("1", noise(1, 700)).subarray(0, 900));
  for (const how of ["read", "stream"] as const) {
    await eachWay(tar, async (entries, path) => {
      const { value } = await entries.next();
      const error = await thrown(() =>
        how === "read" ? value!.read() : Array.fromAsync(value!.stream())
      );
      assert.equal(error, `DataError: Cannot read ${path} as a tar: it is cut short`);
      await entries.return(undefined);
    });
  }
});

Deno.test("a tar that is gone says so", async () => {
  await eachWay(endTar(tarV7("1", nothing)), async (entries, path) => {
    Deno.removeSync(path);
    const error = await thrown(() => listed(entries));
    assert.match(error, /^DataError: Cannot read .*x\.tar(\.gz)? as a tar: .*no such file/i);
  });
});
