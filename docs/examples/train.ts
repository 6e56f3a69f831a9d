/** Tells two spirals apart: a model of functions, its gradient, a training step as one ONNX graph. */
import { graph, nn, onnx, runtime } from "../../mod.ts";

const spirals = Array.from({ length: 200 }, (_, i) => {
  const turn = (i >> 1) / 25, side = i % 2 === 0 ? turn : -turn;
  return [side * Math.cos(turn), side * Math.sin(turn)];
});
const x = graph.constant("float32", [200, 2], spirals.flat());
const wanted = graph.constant("float32", [200, 2], spirals.flatMap((_, i) => [1 - i % 2, i % 2]));

const model = [...nn.linearParameters("hidden", 2, 32), ...nn.linearParameters("head", 32, 2)];
const parameters = new nn.Parameters(model);
const hidden = graph.gelu(nn.linear(parameters, "hidden", x)); // [200, 32]
const scores = graph.logSoftmax(nn.linear(parameters, "head", hidden)); // [200, 2]
const loss = graph.mul(graph.reduceMean(graph.mul(scores, wanted), [0, 1]), -2);

const names = model.map(({ name }) => name);
const values = names.map((name) => parameters.get(name));
const next = graph.gradient(loss, values).map((gradient, i) => graph.sub(values[i]!, gradient!));
const outputs = Object.fromEntries(next.map((value, i) => [`next.${names[i]}`, value]));

using environment = runtime.Environment.open();
using session = environment.session(onnx.emit({ loss, ...outputs }, { name: "spirals" }));
let state: Record<string, runtime.TensorData> = nn.initialValues(model, 0);
for (let step = 0; step <= 2000; step++) {
  const result = session.run(state);
  if (step % 500 === 0) console.log(`step ${step}: loss ${result.loss!.data[0]}`);
  state = Object.fromEntries(names.map((name) => [name, result[`next.${name}`]!]));
}
