/**
 * Fails when a file imports against the layers: a folder under lib/ may import only from the folders that
 * its row names (docs/design.md, "Layers"), cli/ and tasks/ only from lib/ and themselves, and
 * a sibling layer only through its mod.ts.
 */

const TENSOR = ["tensor"];
const GRAPH = [...TENSOR, "graph"];
/** What an encoder in ONNX is built from. */
const MODEL = [...GRAPH, "onnx", "nn", "augment", "vit"];
const STORED = ["files", "data", "checkpoint"];
/** What brings a model that was stored to run on stored images. */
const MODEL_OF_RUN = [...MODEL, ...STORED, "runtime", "recipes", "weights"];

/** Which folders of lib/ each folder of lib/ may import, itself aside. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  tensor: [],
  graph: TENSOR,
  onnx: GRAPH,
  lower: GRAPH,
  nn: GRAPH,
  augment: GRAPH,
  vit: [...GRAPH, "nn"],
  ccmim: [...GRAPH, "nn", "vit"],
  optim: [...GRAPH, "nn"],
  runtime: TENSOR,
  files: [],
  raster: [],
  data: [...TENSOR, "files", "raster"],
  checkpoint: [...TENSOR, "files", "data"],
  classify: [...TENSOR, "raster"],
  recipes: [...TENSOR, "vit", "ccmim", "optim"],
  runs: STORED,
  tensorboard: [],
  visual: [...MODEL_OF_RUN, "ccmim", "raster", "runs"],
  inspect: [...TENSOR, "onnx", "data", "checkpoint", "runs"],
  weights: [...TENSOR, "vit", "data", "checkpoint", "recipes"],
  doctor: [...GRAPH, "onnx", "runtime", "data"],
  train: [...MODEL_OF_RUN, "lower", "ccmim", "optim", "classify"],
  report: [
    ...TENSOR,
    ...STORED,
    "runtime",
    "raster",
    "recipes",
    "runs",
    "inspect",
    "visual",
    "features",
  ],
  logs: ["runtime", "data", "recipes", "tensorboard", "train", "visual"],
  export: [...MODEL_OF_RUN, "lower", "runs"],
  embed: [...GRAPH, "onnx", "augment", "files", "data", "runtime", "recipes", "export"],
  features: [...MODEL, "lower", "runtime", "data", "checkpoint", "weights", "train"],
  probe: [...MODEL_OF_RUN, "optim", "raster", "classify", "train", "features"],
  finetune: [
    ...MODEL_OF_RUN,
    "lower",
    "optim",
    "classify",
    "train",
    "export",
    "features",
    "probe",
  ],
};

/** The import specifiers of a module's source; examples in its comments may import what they like. */
function* specifiers(text: string): Generator<string> {
  const source = text.replaceAll(/^ *\* .*$/gm, "");
  const pattern =
    /(?:\bfrom\s*|\bimport\s*\(?\s*|new (?:Worker|URL)\(\s*(?:new URL\(\s*)?)["']([^"']+)["']/g;
  for (const match of source.matchAll(pattern)) yield match[1]!;
}

function* walk(folder: string): Generator<string> {
  for (const entry of Deno.readDirSync(folder)) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) yield* walk(path);
    else if (path.endsWith(".ts")) yield path;
  }
}

/** What is wrong with one import, or null. */
function complaint(file: string, target: string): string | null {
  const [root, layer] = file.split("/") as [string, string];
  const [targetRoot, targetLayer, ...rest] = target.split("/") as [string, string, ...string[]];
  if (root !== "lib") {
    const allowed = root === "tasks" ? ["lib", "tasks", "cli"] : ["lib", "cli"];
    return allowed.includes(targetRoot) ? null : `${root}/ may not import ${targetRoot}`;
  }
  if (targetRoot !== "lib") return `lib/ may not import ${targetRoot}`;
  const allowed = LAYERS[layer];
  if (allowed === undefined) return `lib/${layer} is not in the table of layers`;
  if (targetLayer === layer) return null;
  if (!allowed.includes(targetLayer)) return `lib/${layer} may not import lib/${targetLayer}`;
  return rest.join("/") === "mod.ts" ? null : `import lib/${targetLayer} through its mod.ts`;
}

const complaints: string[] = [];
let files = 0;
for (const root of ["lib", "cli", "tasks"]) {
  for (const file of walk(root)) {
    files++;
    for (const specifier of specifiers(Deno.readTextFileSync(file))) {
      if (!specifier.startsWith(".") || !specifier.endsWith(".ts")) continue; // a URL may name data
      const target = new URL(specifier, `file:///${file}`).pathname.slice(1);
      const wrong = complaint(file, target);
      if (wrong !== null) complaints.push(`${file} imports ${target}: ${wrong}`);
    }
  }
}
for (const line of complaints) console.error(line);
console.log(`layers: ${files} files, ${complaints.length} imports against the layers`);
if (complaints.length > 0) Deno.exit(1);
