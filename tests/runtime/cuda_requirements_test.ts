import assert from "node:assert/strict";
import { join } from "node:path";
import {
  CUDA_PROVIDER_FILES,
  type CudaMachine,
  type CudaQuestion,
  inspectCuda,
} from "../../lib/runtime/mod.ts";
import type { CudaDriver } from "../../lib/runtime/cuda_driver.ts";
import { type FakeLibrary, fakeLibrary } from "./_elf.ts";

const [SHARED, PROVIDER] = CUDA_PROVIDER_FILES;
const NEEDED = ["libcublasLt.so.13", "libcudart.so.13", "libcuda.so.1", "libc.so.6"];
const DEVICE = {
  index: 0,
  name: "GPU",
  memory: 80e9,
  capability: "9.0",
  multiprocessors: 132,
};

/** A machine whose loader knows `libraries`, and any file of these names. */
function machine(
  libraries: readonly string[],
  driver: CudaDriver | Error = { version: 13000, devices: [DEVICE] },
  platform = "linux x86_64",
  mood: string | null = null,
): CudaMachine & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    platform,
    loader: {
      load(name) {
        asked.push(name);
        return libraries.includes(name) || name.startsWith("/") ? null : `${name}: not to be found`;
      },
    },
    driver() {
      if (driver instanceof Error) throw driver;
      return driver;
    },
    runtime: (soname) => asked.includes(soname) ? mood : `${soname} was never loaded`,
  };
}

const ALL = [...NEEDED, "libcudnn.so.9"];
const FILES = { [SHARED]: { needed: ["libc.so.6"] }, [PROVIDER]: { needed: NEEDED } };

/** What is missing beside a library that lies among `files`. */
function missing(
  files: Readonly<Record<string, FakeLibrary>>,
  question: Omit<CudaQuestion, "library">,
) {
  const folder = Deno.makeTempDirSync();
  try {
    for (const [name, library] of Object.entries(files)) {
      Deno.mkdirSync(join(folder, name, ".."), { recursive: true });
      Deno.writeFileSync(join(folder, name), fakeLibrary(library));
    }
    const folders = question.folders?.map((name) => join(folder, name));
    const status = inspectCuda({
      ...question,
      library: join(folder, "libonnxruntime.so.1"),
      ...folders ? { folders } : {},
    });
    const relative = (text: string | null) => text && text.replaceAll(folder, "");
    const { name, problem, remedy } = status.missing ?? {};
    return {
      status,
      found: status.requirements.map(({ name, found }) => [name, relative(found)]),
      missing: status.missing && [name, relative(problem!), remedy],
    };
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("inspectCuda() finds all that a GPU needs, in order", () => {
  const { missing: first, found, status } = missing(FILES, { machine: machine(ALL) });
  assert.equal(first, null);
  assert.deepEqual(found, [
    [SHARED, `/${SHARED}`],
    [PROVIDER, `/${PROVIDER}`],
    ["libcublasLt.so.13", "found by the loader"],
    ["libcudart.so.13", "found by the loader"],
    ["libcudnn.so.9", "found by the loader"],
    ["NVIDIA driver", "runs CUDA up to 13.0"],
    ["cuda:0", "GPU"],
    ["CUDA runtime", "gets on with the driver"],
  ]);
  assert.deepEqual(status.devices, [DEVICE]);
});

Deno.test("inspectCuda() names the first missing piece and what helps", () => {
  const obtain =
    '"deno task setup:cuda" obtains it; or name a build that has it in CCMIM_ORT_LIBRARY';
  const without = (name: string) => machine(ALL.filter((other) => other !== name));
  const cases: [Parameters<typeof missing>, unknown[]][] = [
    [[{}, { machine: machine([]) }], [SHARED, "there is no such file in ", obtain]],
    [[{ [SHARED]: {} }, { machine: machine(ALL) }], [
      PROVIDER,
      "there is no such file in ",
      obtain,
    ]],
    [
      [FILES, { machine: without("libcublasLt.so.13") }],
      [
        "libcublasLt.so.13",
        "libcublasLt.so.13: not to be found",
        "install CUDA with libcublasLt.so.13, or name its folder in CCMIM_CUDA_LIBRARIES",
      ],
    ],
    [
      [FILES, { machine: without("libc.so.6") }],
      [
        "libc.so.6",
        "libc.so.6: not to be found",
        "install libc.so.6, or name its folder in CCMIM_CUDA_LIBRARIES",
      ],
    ],
    [
      [FILES, { machine: without("libcudnn.so.9") }],
      [
        "libcudnn.so.9",
        "libcudnn.so.9: not to be found",
        "install cuDNN 9, or name its folder in CCMIM_CUDA_LIBRARIES",
      ],
    ],
    [
      [FILES, { machine: without("libcuda.so.1") }],
      ["NVIDIA driver", "libcuda.so.1: not to be found", "install the driver of the GPU"],
    ],
    [
      [FILES, { machine: machine(ALL, new Error("cuInit() says: no CUDA-capable device (100)")) }],
      [
        "NVIDIA driver",
        "cuInit() says: no CUDA-capable device (100)",
        "nvidia-smi should list a GPU",
      ],
    ],
    [
      [FILES, { machine: machine(ALL, { version: 12080, devices: [DEVICE] }) }],
      [
        "NVIDIA driver",
        "it runs CUDA up to 12.8, and the provider is built for CUDA 13",
        "install a newer driver",
      ],
    ],
    [
      [FILES, { machine: machine(ALL), index: 1 }],
      ["cuda:1", "the GPUs are cuda:0 alone", "CUDA_VISIBLE_DEVICES may hide some"],
    ],
    [
      [FILES, { machine: machine(ALL, { version: 13000, devices: [] }) }],
      ["cuda:0", "the driver tells of no GPU", "CUDA_VISIBLE_DEVICES may hide some"],
    ],
    [
      [FILES, {
        machine: machine(ALL, undefined, undefined, "cudaGetDeviceCount() says: no (36)"),
      }],
      [
        "CUDA runtime",
        "cudaGetDeviceCount() says: no (36)",
        "the driver and CUDA must fit each other",
      ],
    ],
    [
      [FILES, { machine: machine(ALL, undefined, "darwin aarch64") }],
      ["Linux on x86-64", "this is darwin aarch64", "take --device cpu"],
    ],
  ];
  for (const [given, expected] of cases) assert.deepEqual(missing(...given).missing, expected);
});

Deno.test("inspectCuda() refuses a provider that was half written", () => {
  const files = { ...FILES, [PROVIDER]: { needed: NEEDED, missing: 1000 } };
  const [name, problem] = missing(files, { machine: machine(ALL) }).missing!;
  assert.equal(name, PROVIDER);
  assert.match(problem!, /^Cannot read .* as a library: it is cut short at \d+ bytes/);
});

Deno.test("inspectCuda() looks into folders, as Python's packages have them", () => {
  const nvidia = {
    "nvidia/cu13/lib/libcublasLt.so.13": { needed: ["libcudart.so.13"] },
    "nvidia/cu13/lib/libcudart.so.13": {},
    "nvidia/cudnn/lib/libcudnn.so.9": {},
  };
  const here = machine(["libc.so.6", "libcuda.so.1"]);
  const { missing: first, found } = missing({ ...FILES, ...nvidia }, {
    machine: here,
    folders: ["nvidia"],
  });
  assert.equal(first, null);
  assert.deepEqual(found.slice(2, 5), [
    ["libcublasLt.so.13", "/nvidia/cu13/lib/libcublasLt.so.13"],
    ["libcudart.so.13", "/nvidia/cu13/lib/libcudart.so.13"],
    ["libcudnn.so.9", "/nvidia/cudnn/lib/libcudnn.so.9"],
  ]);
  const files = here.asked.filter((name) => name.startsWith("/")).map((path) =>
    path.split("/").at(-1)
  );
  assert.deepEqual(
    files.slice(0, 2),
    ["libcudart.so.13", "libcublasLt.so.13"],
    "wanted ones first",
  );
});

Deno.test("inspectCuda() looks beside a library that lies in a Python package", () => {
  const folder = Deno.makeTempDirSync();
  try {
    const capi = join(folder, "onnxruntime", "capi"), lib = join(folder, "nvidia", "cudnn", "lib");
    Deno.mkdirSync(capi, { recursive: true });
    Deno.mkdirSync(lib, { recursive: true });
    for (const [name, library] of Object.entries(FILES)) {
      Deno.writeFileSync(join(capi, name), fakeLibrary(library));
    }
    Deno.writeFileSync(join(lib, "libcudnn.so.9"), fakeLibrary());
    const status = inspectCuda({
      library: join(capi, "libonnxruntime.so.1.30.0"),
      folders: [],
      machine: machine(NEEDED),
    });
    assert.equal(status.missing, null);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
