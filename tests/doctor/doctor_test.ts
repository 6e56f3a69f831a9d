import assert from "node:assert/strict";
import { examine } from "../../lib/doctor/mod.ts";
import { inspectProviders, tryDevice } from "../../lib/doctor/provider.ts";
import { CPU, Environment, LIBRARY_VARIABLE, PACKAGE_VERSION } from "../../lib/runtime/mod.ts";

const SECONDS = 0.01;

Deno.test("examine() finds what a run on the CPU needs, as plain JSON", async () => {
  const report = await examine({ device: "cpu", seconds: SECONDS });
  assert.equal(report.ok, true, report.advice);
  assert.equal(report.system.platform, `${Deno.build.os} ${Deno.build.arch}`);
  assert.equal(report.runtime.expected, PACKAGE_VERSION);
  assert.equal(report.device.device, "cpu");
  assert.deepEqual(report.device.rates.map(({ dtype }) => dtype), ["float32"]);
  assert.ok(report.device.bandwidth!.host > 0);
  assert.deepEqual(report.decoders.map(({ name }) => name), ["sharp", "jpeg-js"]);
  assert.deepEqual(report.platforms.filter(({ tested }) => tested), [
    { name: "linux x64", tested: true },
  ]);
  assert.deepEqual(JSON.parse(JSON.stringify(report)), report);
});

Deno.test("examine() takes a device for auto, and says so", async () => {
  const { ok, device, advice } = await examine({ seconds: SECONDS });
  assert.equal(ok, true, advice);
  assert.match(device.device!, /^(cpu|cuda:0)$/);
  assert.match(device.reason, /^(cpu, as there is no CUDA \(.+\)|cuda:0 \(.+\))$/);
});

Deno.test("examine() reports a GPU that is not there, and measures nothing", async () => {
  const { ok, device, advice } = await examine({ device: "cuda:99", seconds: SECONDS });
  assert.equal(ok, false);
  assert.deepEqual([device.device, device.rates, device.bandwidth], [null, [], null]);
  assert.match(device.reason, /^Cannot run on cuda:99: .+; .+/);
  assert.equal(advice, device.reason);
});

Deno.test("examine() reports that ONNX Runtime does not load", async () => {
  // In a process of its own, as the variable belongs to every test.
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      "eval",
      "--config",
      new URL("../../deno.json", import.meta.url).pathname,
      "const { examine } = await import(Deno.args[0]); console.log(JSON.stringify(await examine()))",
      new URL("../../lib/doctor/mod.ts", import.meta.url).href,
    ],
    env: { [LIBRARY_VARIABLE]: "/nowhere" },
    stderr: "inherit",
  }).output();
  const { ok, runtime, device, advice } = JSON.parse(new TextDecoder().decode(stdout));
  const problem = "Cannot open ONNX Runtime at /nowhere: there is no such file";
  assert.equal(ok, false);
  assert.deepEqual([runtime.version, runtime.problem], [null, problem]);
  assert.deepEqual([device.reason, advice], [problem, problem]);
});

Deno.test("inspectProviders() tries the providers that ccmim uses, and lists the others", () => {
  using environment = Environment.open({ logLevel: "fatal" });
  assert.equal(tryDevice(environment, CPU), null);
  const facts = new Map(inspectProviders(environment).map((row) => [row.name, row]));
  assert.deepEqual(facts.get("CPUExecutionProvider"), {
    name: "CPUExecutionProvider",
    loads: true,
    problem: null,
  });
  const cuda = facts.get("CUDAExecutionProvider")!;
  assert.equal(cuda.loads, cuda.problem === null);
  for (const name of environment.providers) assert.ok(facts.has(name), name);
});
