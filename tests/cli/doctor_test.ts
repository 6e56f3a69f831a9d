import assert from "node:assert/strict";
import { doctorCommand } from "../../cli/doctor.ts";
import { main } from "../../cli/run.ts";
import type { DoctorOptions, DoctorReport } from "../../lib/doctor/mod.ts";
import { FakeTerminal } from "./fake_terminal.ts";

const REPORT: DoctorReport = {
  ok: true,
  system: {
    platform: "linux x86_64",
    release: "6.1",
    deno: "2.9.6",
    processor: "Processor",
    cores: 16,
  },
  space: {
    memory: { total: 128e9, available: 120e9 },
    memoryLimit: 64e9,
    sharedMemory: { path: "/dev/shm", total: 64e6, free: 63e6 },
    disk: null,
  },
  runtime: { version: "1.31.0", path: "/ort", expected: "1.30.0", problem: "it is version 1.31.0" },
  providers: [
    { name: "CPUExecutionProvider", loads: true, problem: null },
    { name: "CUDAExecutionProvider", loads: false, problem: "says\n  this" },
    { name: "TensorrtExecutionProvider", loads: null, problem: null },
  ],
  cuda: {
    requirements: [
      { name: "libcudart.so.13", found: "/cuda/libcudart.so.13", problem: null, remedy: null },
      { name: "libcudnn.so.9", found: null, problem: "not there", remedy: "install it" },
    ],
    devices: [
      { index: 0, name: "GPU", memory: 85e9, capability: "9.0", multiprocessors: 132 },
    ],
  },
  device: {
    asked: "auto",
    device: "cuda:0",
    reason: "cuda:0 (GPU)",
    memory: { free: 80e9, total: 85e9 },
    rates: [{ dtype: "bfloat16", size: 4096, gflops: 612_345 }],
    bandwidth: { host: 18.16, hostToDevice: 50, deviceToHost: 12.5 },
  },
  decoders: [
    { name: "sharp", version: null, problem: "no libvips" },
    { name: "jpeg-js", version: "0.4.4", problem: null },
  ],
  platforms: [{ name: "darwin arm64", tested: false }, { name: "linux x64", tested: true }],
  advice: "Do this",
};

async function call(line: string, report: DoctorReport = REPORT) {
  const terminal = new FakeTerminal();
  const asked: DoctorOptions[] = [];
  const command = doctorCommand((options = {}) => {
    asked.push(options);
    return Promise.resolve(report);
  });
  const code = await main(line.split(" "), { commands: [command], terminal });
  return { code, asked, out: terminal.stdout, err: terminal.stderr };
}

Deno.test("ccmim doctor prints what was found, and what to do last", async () => {
  const { code, out, asked } = await call("doctor");
  assert.equal(code, 0);
  assert.deepEqual(asked, [{}]);
  assert.equal(
    out,
    `\
System         linux x86_64, release 6.1; Deno 2.9.6
               Processor, 16 cores
Memory         120 GB of 128 GB available; at most 64 GB for this control group
Shared memory  63 MB of 64 MB free at /dev/shm
Disk           unknown
ONNX Runtime   1.31.0 at /ort
               it is version 1.31.0
Providers      CPUExecutionProvider: works
               CUDAExecutionProvider: does not load: says this
               TensorrtExecutionProvider: not used
For CUDA       ok      libcudart.so.13: /cuda/libcudart.so.13
               MISSING libcudnn.so.9: not there
GPUs           cuda:0 GPU, 85 GB, compute capability 9.0, 132 multiprocessors
Device         cuda:0 (GPU)
               80 GB of 85 GB free
               612,345 GFLOP/s in bfloat16 products of 4096 x 4096
               copies on the host 18.16 GB/s, to the device 50 GB/s, from the device 12.50 GB/s
Decoders       sharp does not load: no libvips
               jpeg-js 0.4.4
Platforms      darwin arm64 (untested), linux x64

Do this
`,
  );
});

Deno.test("ccmim doctor exits with 4 if the device that was asked for does not work", async () => {
  const device = {
    ...REPORT.device,
    device: null,
    reason: "Cannot run on cuda:7: there is one",
    rates: [],
    bandwidth: null,
  };
  const report: DoctorReport = { ...REPORT, ok: false, device };
  const { code, out, asked } = await call("doctor --device cuda:7", report);
  assert.equal(code, 4);
  assert.deepEqual(asked, [{ device: "cuda:7" }]);
  assert.match(out, /^Device {9}Cannot run on cuda:7: there is one$/m);

  const json = await call("doctor --json", report);
  assert.equal(json.code, 4);
  assert.deepEqual(JSON.parse(json.out), report);
  assert.equal(json.err, "");
});

Deno.test("ccmim doctor refuses what is no device", async () => {
  const { code, err, asked } = await call("doctor --device tpu");
  assert.equal(code, 2);
  assert.match(err, /--device: Cannot use "tpu" as a device/);
  assert.deepEqual(asked, []);
});
