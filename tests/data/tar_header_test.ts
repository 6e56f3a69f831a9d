import assert from "node:assert/strict";
import { isTar, tarHeader } from "../../lib/data/tar_header.ts";
import { bytesOf, tarV7 } from "./_sources.ts";

/** A header in which some bytes are others, with the checksum that goes with them. */
function header(name: string, fields: Readonly<Record<number, string | Uint8Array>> = {}) {
  const block = tarV7(name, new Uint8Array()).slice(0, 512);
  for (const [at, value] of Object.entries(fields)) {
    block.set(typeof value === "string" ? bytesOf(value) : value, Number(at));
  }
  block.set(bytesOf("        "), 148);
  const sum = block.reduce((a, b) => a + b, 0);
  block.set(bytesOf(`${sum.toString(8).padStart(6, "0")}\0 `), 148);
  return block;
}

Deno.test("tarHeader() reads names that fill their field, and a prefix where POSIX has one", () => {
  const full = "n".repeat(100);
  const prefix = "p".repeat(155);
  const posix = "ustar\x0000";
  const gnu = "ustar  \0";
  const cases: [string, Uint8Array][] = [
    ["ü.jpg", header("ü.jpg")],
    [full, header(full)],
    [`${prefix}/${full}`, header(full, { 257: posix, 345: prefix })],
    ["a.jpg", header("a.jpg", { 257: posix })],
    ["a.jpg", header("a.jpg", { 257: gnu, 345: "12345670123\0" })],
    ["", header("")],
  ];
  for (const [name, block] of cases) assert.equal(tarHeader(block)?.name, name);
});

Deno.test("tarHeader() reads sizes in digits, padded by either end, and in bytes", () => {
  const binary = (...bytes: number[]) => {
    const field = new Uint8Array(12);
    field.set([0x80]);
    field.set(bytes, 12 - bytes.length);
    return field;
  };
  const cases: [number | undefined, string | Uint8Array][] = [
    [511, "00000000777\0"],
    [8 ** 12 - 1, "777777777777"],
    [511, "       777 \0"],
    [511, "777\0\0\0\0\0\0\0\0\0"],
    [0, new Uint8Array(12)],
    [0, "            "],
    [9 * 2 ** 30, binary(2, 0x40, 0, 0, 0)],
    [undefined, binary(0x20, 0, 0, 0, 0, 0, 0)],
    [undefined, new Uint8Array(12).fill(0xff)],
    [undefined, "0000000077x\0"],
    [undefined, "00000000-77\0"],
    [undefined, "00000000788\0"],
  ];
  for (const [size, field] of cases) {
    assert.equal(tarHeader(header("a", { 124: field }))?.size, size, String(field));
  }
});

Deno.test("tarHeader() reads types; of old, none is a file", () => {
  const types = ["\0", "0", "5", "x", "Z"].map((type) =>
    tarHeader(header("a", { 156: type }))!.type
  );
  assert.deepEqual(types, ["0", "0", "5", "x", "Z"]);
});

Deno.test("isTar() goes by the checksum alone", () => {
  const block = header("a.jpg");
  assert.ok(isTar(block));
  for (const at of [0, 147, 156, 511]) {
    const spoilt = block.slice();
    spoilt[at]!++;
    assert.ok(!isTar(spoilt), `byte ${at}`);
    assert.equal(tarHeader(spoilt), undefined);
  }
  assert.ok(!isTar(block.subarray(0, 511)));
  assert.ok(!isTar(new Uint8Array(512)));
});
