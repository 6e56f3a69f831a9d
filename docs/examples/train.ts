/** Trains a small network to tell two spirals apart: a model of functions, its gradient, a whole step as one ONNX graph. */
import { graph, nn, onnx, runtime } from "../../mod.ts";

const POINTS = 200, WIDTH = 32;
const spirals = Array.from({ length: POINTS }, (_, i) => {
  const turn = (i >> 1) / 25, side = i % 2 === 0 ? turn : -turn;
  return [side * Math.cos(turn), side * Math.sin(turn)];
});
const x = graph.constant("float32", [POINTS, 2], spirals.flat());
const wanted = graph.constant(
  "float32",
  [POINTS, 2],
  spirals.flatMap((_, i) => [1 - i % 2, i % 2]),
);

const specs = [
  ...nn.linearParameters("hidden", 2, WIDTH),
  ...nn.linearParameters("head", WIDTH, 2),
];
const parameters = new nn.Parameters(specs);
const hidden = graph.gelu(nn.linear(parameters, "hidden", x)); // [POINTS, WIDTH]
const scores = graph.logSoftmax(nn.linear(parameters, "head", hidden)); // [POINTS, 2]
const loss = graph.mul(graph.reduceMean(graph.mul(scores, wanted), [0, 1]), -2);

const values = specs.map(({ name }) => parameters.get(name));
const next = graph.gradient(loss, values).map((gradient, i) => graph.sub(values[i]!, gradient!));
const outputs = Object.fromEntries(specs.map(({ name }, i) => [`next.${name}`, next[i]!]));

using environment = runtime.Environment.open();
using session = environment.session(onnx.emit({ loss, ...outputs }, { name: "spirals" }));
let state = Object.fromEntries(specs.map((spec): [string, runtime.TensorData] => {
  const data = new Float32Array(spec.shape.reduce((a, b) => a * b));
  nn.initialise(data, spec, 0);
  return [spec.name, { dtype: "float32", shape: spec.shape, data }];
}));
for (let step = 0; step <= 2000; step++) {
  const result = session.run(state);
  if (step % 500 === 0) console.log(`step ${step}: loss ${result.loss!.data[0]}`);
  state = Object.fromEntries(specs.map(({ name }) => [name, result[`next.${name}`]!]));
}
