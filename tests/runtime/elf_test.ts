import assert from "node:assert/strict";
import { readDynamicSection } from "../../lib/runtime/elf.ts";
import { Environment } from "../../lib/runtime/mod.ts";
import { withFile } from "../_folder.ts";
import { fakeLibrary } from "./_elf.ts";

Deno.test("readDynamicSection() reads a library's name and what it wants, in order", () => {
  const library = { soname: "liba.so.1", needed: ["libb.so.13", "libc.so.6"] };
  withFile(fakeLibrary(library), (path) => assert.deepEqual(readDynamicSection(path), library));
  withFile(fakeLibrary(), (path) => {
    assert.deepEqual(readDynamicSection(path), { soname: null, needed: [] });
  });
});

Deno.test({
  name: "readDynamicSection() reads ONNX Runtime",
  ignore: Deno.build.os !== "linux",
  fn() {
    using environment = Environment.open();
    const { soname, needed } = readDynamicSection(environment.library);
    assert.equal(soname, "libonnxruntime.so.1");
    assert.ok(needed.includes("libc.so.6"), needed.join());
  },
});

Deno.test("readDynamicSection() rejects what is no whole library", () => {
  const bytes = fakeLibrary({ soname: "liba.so.1", needed: ["libb.so.2"] });
  const other = bytes.slice();
  other[4] = 1;
  const endless = bytes.slice();
  new DataView(endless.buffer).setBigUint64(64 + 32, 99_999n, true); // bytes of the loaded segment
  const cases: [Uint8Array, string][] = [
    [new Uint8Array(10), "it has 10 bytes, less than an ELF header"],
    [new Uint8Array(100), "it is not an ELF file"],
    [other, "it is not a 64-bit little-endian shared library"],
    [bytes.subarray(0, 150), "it is cut short at 150 bytes, and goes on to 176"],
    [
      bytes.subarray(0, bytes.length - 1),
      `it is cut short at ${bytes.length - 1} bytes, and goes on to ${bytes.length}`,
    ],
    [endless, `it is cut short at ${bytes.length} bytes, and goes on to 99999`],
    [
      fakeLibrary({ soname: "liba.so.1", needed: ["libb.so.2"], missing: 64 }),
      `it is cut short at ${bytes.length} bytes, and goes on to ${bytes.length + 64}`,
    ],
  ];
  for (const [wrong, why] of cases) {
    withFile(wrong, (path) => {
      assert.throws(() => readDynamicSection(path), {
        name: "SyntaxError",
        message: `Cannot read ${path} as a library: ${why}`,
      });
    });
  }
});
