/**
 * Obtains ONNX Runtime's CUDA provider, which npm packages are too small for, by onnxruntime-node's own installer
 * (Deno runs no install scripts by itself), and says what CUDA and cuDNN it wants and whether they load.
 *
 *     deno task setup:cuda
 *
 * Exit codes: 0 a GPU can be used, 4 something is missing; the last line says what.
 */
import { join } from "node:path";
import {
  CUDA_PROVIDER_FILES,
  type CudaStatus,
  inspectCuda,
  isWholeLibrary,
  LIBRARY_VARIABLE,
  libraryPath,
  nameProblem,
  PACKAGE_VERSION,
  packageFolder,
} from "../lib/runtime/mod.ts";

/** What the set-up stands on; a test brings its own. */
export interface SetupParts {
  /** Folder of the package's library, where the provider belongs. */
  readonly folder: string;
  /** Runs the package's installer. @returns null, or why it failed. */
  install(): Promise<string | null>;
  inspect(): CudaStatus;
  say(line: string): void;
}

/** Obtains the provider unless it is there, whole; a failed attempt leaves nothing behind. @returns the exit code. */
export async function setupCuda(parts: SetupParts): Promise<0 | 4> {
  const { folder, say } = parts;
  const missing = CUDA_PROVIDER_FILES.filter((name) => !isWholeLibrary(join(folder, name)));
  if (missing.length === 0) {
    say(`The CUDA provider is in ${folder} already`);
  } else {
    say(
      `Obtaining the CUDA provider of ONNX Runtime ${PACKAGE_VERSION} (hundreds of megabytes) ...`,
    );
    const problem = await obtain(parts);
    if (problem !== null) {
      say(
        `Cannot obtain the CUDA provider: ${problem}. It comes from NuGet and needs the network once. Without ` +
          `that, take the libraries in onnxruntime/capi out of the Python wheel onnxruntime-gpu ` +
          `${PACKAGE_VERSION} and name their folder in ${LIBRARY_VARIABLE}`,
      );
      return 4;
    }
    say(`The CUDA provider is in ${folder}`);
  }
  const status = parts.inspect();
  for (const { name, found, problem } of status.requirements) {
    say(`  ${problem === null ? "ok     " : "MISSING"} ${name}: ${found ?? problem}`);
  }
  if (status.missing === null) {
    say(`${status.devices[0]!.name} can be used: "ccmim doctor --device cuda" measures it`);
    return 0;
  }
  say(`No GPU can be used yet: ${nameProblem(status.missing)}; ${status.missing.remedy}`);
  return 4;
}

/** Runs the installer; what it wrote is removed if it failed. @returns null, or why it failed. */
async function obtain({ folder, install }: SetupParts): Promise<string | null> {
  const list = () => [...Deno.readDirSync(folder)].map(({ name }) => name);
  for (const name of CUDA_PROVIDER_FILES) {
    if (list().includes(name)) Deno.removeSync(join(folder, name)); // half written before
  }
  const before = new Set(list());
  let problem = await install();
  if (problem === null) {
    const broken = CUDA_PROVIDER_FILES.find((name) => !isWholeLibrary(join(folder, name)));
    if (broken !== undefined) problem = `the installer wrote no whole ${broken}`;
  }
  if (problem !== null) {
    for (const name of list()) {
      if (!before.has(name)) Deno.removeSync(join(folder, name), { recursive: true });
    }
  }
  return problem;
}

/** Runs the package's install script in a process of its own, as npm would. */
async function runInstaller(): Promise<string | null> {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "eval",
      "--config",
      join(import.meta.dirname!, "..", "deno.json"),
      'await import("onnxruntime-node/script/install.js")',
    ],
    env: { ONNXRUNTIME_NODE_INSTALL: "true", NO_COLOR: "1" }, // all that this platform has
    stdout: "inherit",
    stderr: "piped",
  }).output();
  if (code === 0) return null;
  const words = new TextDecoder().decode(stderr);
  return /Error: (.+)/.exec(words)?.[1] ?? `the installer ended with ${code}: ${words.trim()}`;
}

if (import.meta.main) {
  const platform = `${Deno.build.os} ${Deno.build.arch}`;
  if (platform !== "linux x86_64") {
    console.error(`There is a CUDA provider for linux x86_64 only; this is ${platform}`);
    Deno.exit(4);
  }
  if (Deno.env.get(LIBRARY_VARIABLE)) {
    console.error(`${LIBRARY_VARIABLE} is set: what is checked is that build, not the package's`);
  }
  Deno.exit(
    await setupCuda({
      folder: packageFolder(),
      install: runInstaller,
      inspect: () => inspectCuda({ library: libraryPath() }),
      say: (line) => console.error(line),
    }),
  );
}
