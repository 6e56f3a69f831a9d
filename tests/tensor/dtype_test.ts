import assert from "node:assert/strict";
import {
  arrayOver,
  type DType,
  dtypeOfOnnx,
  dtypeOfSafetensors,
  DTYPES,
} from "../../lib/tensor/mod.ts";

const NAMES = Object.keys(DTYPES) as DType[];

Deno.test("DTYPES has the numbers of TensorProto.DataType and the names of safetensors", () => {
  const table = NAMES.map((name) => [name, ...Object.values(DTYPES[name])]);
  assert.deepEqual(table, [
    ["float32", 4, 1, "F32", true],
    ["float64", 8, 11, "F64", true],
    ["float16", 2, 10, "F16", true],
    ["bfloat16", 2, 16, "BF16", true],
    ["uint8", 1, 2, "U8", false],
    ["int32", 4, 6, "I32", false],
    ["int64", 8, 7, "I64", false],
    ["bool", 1, 9, "BOOL", false],
  ]);
});

Deno.test("dtypeOfOnnx() and dtypeOfSafetensors() find every type", () => {
  for (const name of NAMES) {
    assert.equal(dtypeOfOnnx(DTYPES[name].onnx), name);
    assert.equal(dtypeOfSafetensors(DTYPES[name].safetensors), name);
  }
  const known = "known types are float32, float64, float16, bfloat16, uint8, int32, int64, bool";
  assert.throws(() => dtypeOfOnnx(8), {
    name: "RangeError",
    message: `Cannot use ONNX data type 8: ${known}`,
  });
  assert.throws(() => dtypeOfSafetensors("f32"), {
    name: "RangeError",
    message: `Cannot use safetensors dtype "f32": ${known}`,
  });
});

Deno.test("arrayOver() views bytes without copying", () => {
  const bytes = new Uint8Array(new ArrayBuffer(32), 8, 16);
  for (const name of NAMES) {
    const array = arrayOver(name, bytes);
    assert.equal(array.BYTES_PER_ELEMENT, DTYPES[name].bytes);
    assert.equal(array.length, 16 / DTYPES[name].bytes);
    assert.equal(array.byteOffset, 8);
    assert.equal(array.buffer, bytes.buffer);
  }
  arrayOver("float32", bytes)[1] = 1;
  assert.deepEqual([...bytes.subarray(4, 8)], [0, 0, 0x80, 0x3f]);
});

Deno.test("arrayOver() views shared memory", () => {
  const shared = new Uint8Array(new SharedArrayBuffer(8));
  assert.equal(arrayOver("int64", shared).buffer, shared.buffer);
});

Deno.test("arrayOver() rejects an offset or a length that does not fit", () => {
  const bytes = new Uint8Array(16);
  assert.throws(() => arrayOver("float32", bytes.subarray(2, 6)), {
    name: "RangeError",
    message: "Cannot view bytes as float32: offset 2 and length 4 must be multiples of 4",
  });
  assert.throws(() => arrayOver("int64", bytes.subarray(0, 12)), {
    name: "RangeError",
    message: "Cannot view bytes as int64: offset 0 and length 12 must be multiples of 8",
  });
});
