/** `deno task setup:cuda` with stand-ins for the installer, the libraries and the GPU: the real ones need a network. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { CUDA_PROVIDER_FILES, type CudaStatus } from "../../lib/runtime/mod.ts";
import { setupCuda } from "../../tasks/setup_cuda.ts";
import { fakeLibrary } from "../runtime/_elf.ts";

const [SHARED, PROVIDER] = CUDA_PROVIDER_FILES;
const found = (name: string, found: string) => ({ name, found, problem: null, remedy: null });
const USABLE: CudaStatus = {
  requirements: [found(PROVIDER, "/there"), found("libcudart.so.13", "found by the loader")],
  missing: null,
  devices: [{ index: 0, name: "GPU", memory: 80e9, capability: "9.0", multiprocessors: 132 }],
};

/** A package's folder, set up by an installer that `install` stands for. */
async function setUp(
  files: Readonly<Record<string, Uint8Array>>,
  install: (folder: string) => string | null,
  status: CudaStatus = USABLE,
) {
  const folder = Deno.makeTempDirSync();
  const lines: string[] = [];
  let installs = 0;
  try {
    for (const [name, bytes] of Object.entries(files)) {
      Deno.writeFileSync(join(folder, name), bytes);
    }
    const code = await setupCuda({
      folder,
      install: () => {
        installs++;
        return Promise.resolve(install(folder));
      },
      inspect: () => status,
      say: (line) => lines.push(line.replaceAll(folder, "FOLDER")),
    });
    const left = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
    return { code, lines, left, installs };
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

const ORT = { "libonnxruntime.so.1": fakeLibrary() };
const WHOLE = { [SHARED]: fakeLibrary(), [PROVIDER]: fakeLibrary({ needed: ["libcudart.so.13"] }) };

function installWhole(folder: string): null {
  for (const [name, bytes] of Object.entries(WHOLE)) Deno.writeFileSync(join(folder, name), bytes);
  return null;
}

Deno.test("setupCuda() obtains the provider and says what it wants", async () => {
  const { code, lines, left } = await setUp(ORT, installWhole);
  assert.equal(code, 0);
  assert.deepEqual(left, ["libonnxruntime.so.1", PROVIDER, SHARED].sort());
  assert.match(lines[0]!, /^Obtaining the CUDA provider of ONNX Runtime 1\.30\.0/);
  assert.deepEqual(lines.slice(1), [
    "The CUDA provider is in FOLDER",
    `  ok      ${PROVIDER}: /there`,
    "  ok      libcudart.so.13: found by the loader",
    'GPU can be used: "ccmim doctor --device cuda" measures it',
  ]);
});

Deno.test("setupCuda() obtains nothing twice", async () => {
  const { code, installs, lines } = await setUp({ ...ORT, ...WHOLE }, installWhole);
  assert.equal(code, 0);
  assert.equal(installs, 0);
  assert.equal(lines[0], "The CUDA provider is in FOLDER already");
});

Deno.test("setupCuda() replaces files that were half written", async () => {
  const half = { [PROVIDER]: WHOLE[PROVIDER]!.subarray(0, 100) };
  const { code, installs } = await setUp({ ...ORT, ...WHOLE, ...half }, installWhole);
  assert.equal(code, 0);
  assert.equal(installs, 1);
});

Deno.test("setupCuda() leaves nothing behind when the installer fails", async () => {
  const failing = (folder: string) => {
    Deno.writeFileSync(join(folder, SHARED), fakeLibrary());
    Deno.writeFileSync(join(folder, "libonnxruntime_providers_tensorrt.so"), new Uint8Array(5));
    return "getaddrinfo ENOTFOUND api.nuget.org";
  };
  const { code, lines, left } = await setUp(ORT, failing);
  assert.equal(code, 4);
  assert.deepEqual(left, ["libonnxruntime.so.1"]);
  assert.match(
    lines.at(-1)!,
    /^Cannot obtain the CUDA provider: getaddrinfo ENOTFOUND api\.nuget\.org\. It comes from NuGet.*CCMIM_ORT_LIBRARY$/,
  );
});

Deno.test("setupCuda() does not believe an installer that wrote no whole files", async () => {
  const cutting = (folder: string) => {
    installWhole(folder);
    Deno.truncateSync(join(folder, PROVIDER), 200);
    return null;
  };
  const { code, lines, left } = await setUp(ORT, cutting);
  assert.equal(code, 4);
  assert.deepEqual(left, ["libonnxruntime.so.1"]);
  assert.match(lines.at(-1)!, new RegExp(`: the installer wrote no whole ${PROVIDER}\\.`));
});

Deno.test("setupCuda() ends with what is still missing", async () => {
  const missing = {
    name: "libcudnn.so.9",
    found: null,
    problem: "libcudnn.so.9: not to be found",
    remedy: "install cuDNN 9",
  };
  const status = { requirements: [...USABLE.requirements, missing], missing, devices: [] };
  const { code, lines, left } = await setUp(ORT, installWhole, status);
  assert.equal(code, 4);
  assert.equal(left.length, 3, "the provider stays");
  assert.deepEqual(lines.slice(-2), [
    "  MISSING libcudnn.so.9: libcudnn.so.9: not to be found",
    "No GPU can be used yet: libcudnn.so.9: not to be found; install cuDNN 9",
  ]);
});
