import assert from "node:assert/strict";
import { add, constant, input } from "../../lib/graph/mod.ts";
import { decode, encodeModel, LARGEST_MESSAGE, toModel } from "../../lib/onnx/mod.ts";
import { openSession } from "../_run.ts";

Deno.test("encodeModel() gives pieces that make up the model, weights uncopied", () => {
  const weight = Array.from({ length: 5000 }, (_, i) => i);
  const x = input("x", "float32", [5000]);
  const y = add(x, constant("float32", [5000], weight));
  const model = toModel({ y }, { name: "pieces", metadata: { key: "ü" } });
  const pieces = encodeModel(model);
  const [tensor] = model.graph!.initializer!;
  assert.ok(pieces.includes(tensor!.rawData!), "the elements are a piece of their own");
  const bytes = new Uint8Array(pieces.flatMap((piece) => [...piece]));
  const { graph, metadataProps } = decode("Model", bytes);
  assert.deepEqual(metadataProps, [{ key: "key", value: "ü" }]);
  assert.deepEqual(graph!.initializer![0]!.rawData, tensor!.rawData);
  using session = openSession(bytes);
  const ones = new Float32Array(5000).fill(1);
  const result = session.run({ x: { dtype: "float32", shape: [5000], data: ones } });
  assert.deepEqual([...result.y!.data], weight.map((w) => w + 1));
});

Deno.test("encodeModel() refuses more than a protobuf message holds", () => {
  // The same gigabyte three times: nothing is copied, so nothing of the kind is needed
  const rawData = new Uint8Array(2 ** 30);
  const initializer = ["a", "b", "c"].map((name) => {
    return { name, dims: [2 ** 28], dataType: 1, rawData };
  });
  assert.throws(() => encodeModel({ graph: { name: "large", initializer } }), {
    name: "RangeError",
    message: new RegExp(
      `^Cannot write a model of 3221225\\d+ bytes in one file: protobuf ends at ` +
        `${LARGEST_MESSAGE}; keep its weights in a file of their own$`,
    ),
  });
});
