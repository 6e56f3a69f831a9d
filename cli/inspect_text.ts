/** An inspection as text. */
import type {
  CheckpointInspection,
  DatasetInspection,
  Inspection,
  NpyInspection,
  OnnxInspection,
  OnnxPort,
  RunInspection,
  SafetensorsInspection,
} from "../lib/inspect/mod.ts";
import { MODEL_FILE } from "../lib/checkpoint/mod.ts";
import { showBytes } from "../lib/runtime/show_bytes.ts";
import { showShape } from "../lib/tensor/mod.ts";
import { showFigure } from "./progress.ts";
import { columns, headed } from "./table.ts";
import { groupTensors } from "./tensor_groups.ts";

type Rows = readonly (readonly [heading: string, lines: readonly string[]])[];

/** Says what was found, in a table. */
export function showInspection(inspection: Inspection): string {
  switch (inspection.kind) {
    case "dataset":
      return lines("Packed dataset", inspection, datasetRows(inspection));
    case "run":
      return lines(`Run of ccmim ${inspection.command}`, inspection, runRows(inspection));
    case "checkpoint":
      return lines("Checkpoint", inspection, checkpointRows(inspection));
    case "safetensors":
      return lines("Safetensors", inspection, safetensorsRows(inspection));
    case "onnx":
      return lines("ONNX model", inspection, onnxRows(inspection));
    case "npy":
      return lines("NumPy array", inspection, npyRows(inspection));
  }
}

function lines(
  what: string,
  { path, bytes }: { readonly path: string; readonly bytes: number },
  rows: Rows,
): string {
  return [`${what} ${path}, ${showBytes(bytes)}`, "", ...headed(rows)].join("\n");
}

const whole = (count: number) => count.toLocaleString("en-US");

function datasetRows({ sha256, splits, problems, manifest }: DatasetInspection): Rows {
  const { size, classes, statistics, source, bad, held, decoder, enlarged, version } = manifest;
  const channels = (values: readonly number[]) => values.map((x) => x.toFixed(4)).join(" ");
  const names = classes.slice(0, 8).join(", ") + (classes.length > 8 ? ", ..." : "");
  return [
    [
      "Splits",
      Object.entries(splits).map(([name, { images, shards }]) =>
        `${name}: ${whole(images)} images in ${shards} ${shards === 1 ? "shard" : "shards"}`
      ),
    ],
    ["Images", [
      `RGB, ${size} x ${size} pixels${enlarged ? "" : ", smaller ones as they were"}`,
      `from ${whole(source.images)} files of ${showBytes(source.bytes)}` +
      (bad.length > 0 ? `, ${whole(bad.length)} bad ones skipped` : ""),
    ]],
    ["Classes", [classes.length === 0 ? "none" : `${whole(classes.length)}: ${names}`]],
    ["Held out", [held === null ? "nothing" : `${held.fraction} of train, seed ${held.seed}`]],
    ["Pixels", [
      `mean ${channels(statistics.mean)}, deviation ${
        channels(statistics.deviation)
      } (${statistics.split})`,
    ]],
    ["Decoder", [`${decoder.name} ${decoder.version}; resized by ${decoder.resize}`]],
    ["Format", [`version ${version}, manifest ${sha256}`]],
    ["Problems", problems.length === 0 ? ["none: all files have their size"] : problems],
  ];
}

function runRows(run: RunInspection): Rows {
  const { dataset, versions, lastStep, lastEpoch, checkpoints, config } = run;
  return [
    ["Dataset", dataset === null ? ["unknown"] : [dataset.path, `manifest ${dataset.sha256}`]],
    ["Configuration", Object.entries(config).map(([name, value]) => `${name}: ${compact(value)}`)],
    ["Last step", [lastStep === null ? "none" : showMetrics(lastStep)]],
    ["Last epoch", [lastEpoch === null ? "none" : showMetrics(lastEpoch)]],
    ["Checkpoints", [
      checkpoints.length === 0
        ? "none"
        : `${checkpoints.length}: ${checkpoints.map(({ step }) => whole(step)).join(", ")}`,
    ]],
    ["Versions", [
      Object.entries(versions).map(([name, version]) => `${name} ${version}`).join(", "),
    ]],
  ];
}

/** A value of a configuration on one line: `width 192, depth 12`. */
function compact(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) return `[${value.map(compact).join(", ")}]`;
  return Object.entries(value).map(([name, inner]) => `${name} ${compact(inner)}`).join(", ");
}

function showMetrics(line: Readonly<Record<string, unknown>>): string {
  return Object.entries(line).map(([name, value]) => {
    if (typeof value !== "number") return `${name} ${value ?? "none"}`;
    return `${name} ${name === "memory" ? showBytes(value) : showFigure(value)}`;
  }).join(", ");
}

function checkpointRows({ position, files }: CheckpointInspection): Rows {
  return [
    ["Position", Object.entries(position).map(([name, value]) => `${name} ${compact(value)}`)],
    ...Object.entries(files).flatMap(([name, file]): Rows => [
      [name, [
        `${whole(file.elements)} elements in ${whole(file.tensors.length)} tensors`,
        ...name === MODEL_FILE ? tensorLines(file) : [], // the state repeats the same names
      ]],
    ]),
  ];
}

function safetensorsRows(file: SafetensorsInspection): Rows {
  const metadata = Object.entries(file.metadata);
  return [
    ["Elements", [`${whole(file.elements)} in ${whole(file.tensors.length)} tensors`]],
    ["Metadata", metadata.length === 0 ? ["none"] : metadata.map((pair) => pair.join(": "))],
    ["Tensors", tensorLines(file)],
  ];
}

/** A line for each kind of tensor, those of repeated blocks together. */
function tensorLines({ tensors }: SafetensorsInspection): string[] {
  const rows = groupTensors(tensors).map(({ name, dtype, shape, count }) => [
    name,
    `${dtype} ${showShape(shape)}`,
    count === 1 ? "" : `x ${count}`,
  ]);
  return columns(rows);
}

function onnxRows(model: OnnxInspection): Rows {
  const { producer, irVersion, opsets, name, description, metadata, ops } = model;
  const ports = (list: readonly OnnxPort[]) =>
    columns(list.map(({ name, dtype, shape }) => [name, `${dtype} [${shape.join(", ")}]`]));
  const notes = [description, ...Object.entries(metadata).map((pair) => pair.join(": "))];
  return [
    ["Graph", [
      `${name || "unnamed"}, ${whole(model.nodes)} nodes; by ${producer || "an unknown program"}`,
    ]],
    ["Versions", [
      `IR ${irVersion}; opsets ` +
      Object.entries(opsets).map(([domain, version]) => `${domain || "ai.onnx"} ${version}`)
        .join(", "),
    ]],
    ["Inputs", ports(model.inputs)],
    ["Outputs", ports(model.outputs)],
    ["Weights", [
      `${whole(model.parameters)} elements in ${whole(model.initializers)} initializers`,
      ...model.externalFiles.map((file) => `in the file ${file} beside it`),
    ]],
    ["Ops", columns(Object.entries(ops).map(([op, count]) => [whole(count), op]), [0])],
    ["Notes", notes.filter(Boolean)],
  ];
}

function npyRows({ dtype, shape, elements }: NpyInspection): Rows {
  return [["Array", [`${dtype} ${showShape(shape)}, ${whole(elements)} elements`]]];
}
