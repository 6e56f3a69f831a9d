import { deepEqual, throws } from "node:assert/strict";
import { readZipMembers } from "../../lib/checkpoint/zip.ts";
import { floats, zip } from "./_pth.ts";

/** The members of an archive of these bytes, as their contents. */
function read(bytes: Uint8Array): Record<string, number[]> {
  const path = Deno.makeTempFileSync();
  try {
    Deno.writeFileSync(path, bytes);
    using file = Deno.openSync(path);
    const members = readZipMembers(file, "a.zip");
    return Object.fromEntries(
      [...members].map(([name, { from, to }]) => [name, [...bytes.subarray(from, to)]]),
    );
  } finally {
    Deno.removeSync(path);
  }
}

const MEMBERS = [["a", Uint8Array.of(1, 2)], ["é", new Uint8Array()], [
  "c",
  Uint8Array.of(3),
]] as const;

Deno.test("readZipMembers() finds members, also by 64-bit records and before a comment", () => {
  const expected = { a: [1, 2], é: [], c: [3] };
  deepEqual(read(zip(MEMBERS)), expected);
  deepEqual(read(zip(MEMBERS, { zip64: true })), expected);
  const plain = zip(MEMBERS);
  plain[plain.length - 2] = 5;
  deepEqual(read(Uint8Array.of(...plain, ...new TextEncoder().encode("hello"))), expected);
  deepEqual(read(zip([])), {});
});

/** The archive with a 32-bit number changed, so many bytes before its end. */
function patched(bytes: Uint8Array<ArrayBuffer>, beforeEnd: number, value: number): Uint8Array {
  new DataView(bytes.buffer).setUint32(bytes.length - beforeEnd, value, true);
  return bytes;
}

const REJECTED: readonly (readonly [what: string, bytes: Uint8Array, message: string])[] = [
  ["an empty file", new Uint8Array(), "it has no end record; it is no zip archive, or was cut"],
  ["another file", new Uint8Array(100), "it has no end record; it is no zip archive, or was cut"],
  [
    "an archive that was cut",
    zip(MEMBERS).subarray(0, -1),
    "it has no end record; it is no zip archive, or was cut",
  ],
  [
    "a compressed member",
    zip(MEMBERS, { method: 8 }),
    `"a" is compressed, and torch.save never does that`,
  ],
  ["an encrypted member", zip(MEMBERS, { flags: 1 }), `"a" is encrypted`],
  ["two members of one name", zip([["a", floats(1)], ["a", floats(2)]]), `it has "a" twice`],
  ["a member that is elsewhere", zip(MEMBERS, { shift: 1 }), `"a" is not where it must be`],
  [
    "a member outside the file",
    zip(MEMBERS, { shift: 1000 }),
    "bytes 1000 to 1030 are wanted of 261",
  ],
  [
    "a member outside the file by 64 bits",
    zip([["a", floats(1)]], { shift: 100_000, zip64: true }),
    "bytes 100000 to 100030 are wanted of 208",
  ],
  [
    "a directory outside the file",
    patched(zip(MEMBERS), 6, 1000),
    "bytes 1000 to 1142 are wanted of 261",
  ],
  [
    "a directory beyond the limit",
    patched(zip(MEMBERS), 10, 33 << 20),
    "its directory of 34603008 bytes is longer than 33554432",
  ],
  [
    "a directory that is shorter than it says",
    patched(zip(MEMBERS), 10, 50),
    "its directory is damaged",
  ],
];

for (const [what, bytes, message] of REJECTED) {
  Deno.test(`readZipMembers() rejects ${what}`, () => {
    throws(() => read(bytes), {
      name: "DataError",
      message: `Cannot read a.zip as a zip archive: ${message}`,
    });
  });
}

Deno.test("readZipMembers() rejects members that lie over each other", () => {
  // The second entry of the directory points at the first member
  const bytes = zip([["a", floats(1)], ["b", floats(2)]]);
  const entry = bytes.length - 22 - 47;
  new DataView(bytes.buffer).setUint32(entry + 42, 0, true);
  throws(() => read(bytes), { name: "DataError", message: /: "a" and "b" lie over each other$/ });
});
