/** Values to an ONNX model: a walk over the graph, operands first. */
import { type DType, DTYPES, type Shape } from "../tensor/mod.ts";
import { is, type Op, scalar, type TensorType, topological, type Value } from "../graph/mod.ts";
import {
  type Attributes,
  MICROSOFT_OPS,
  NODE_RULES,
  type NodeRule,
  type NodeWriter,
} from "./node_rules.ts";
import type { Message } from "./schema.ts";
import { encode } from "./wire.ts";

/** Version of the standard op set that is written: from 17 to 21 no provider lacks a kernel that this project uses. */
export const OPSET = 21;

/** IR version that opset 21 came with. */
const IR_VERSION = 10;

/** `AttributeProto.AttributeType`. */
const ATTRIBUTE_TYPE = { float: 1, int: 2, string: 3, ints: 7 } as const;

/** Attributes that are floats even when their value is whole. */
const FLOAT_ATTRIBUTES: ReadonlySet<string> = new Set(["alpha", "epsilon", "scale"]);

/** What to write beside the graph. */
export interface EmitOptions {
  /** Name of the graph. */
  readonly name: string;
  /** Key-value pairs kept in the model. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Write ONNX's own ops alone, for other runtimes; fused kernels of ONNX Runtime are refused then. Default false. */
  readonly standardOnly?: boolean;
}

/**
 * Writes the graph that `outputs` reach as a model.
 *
 * Inputs of the model are the `Input` values, in the order of a walk from the first output; outputs have the
 * given names.
 *
 * @returns the bytes of a `ModelProto`, opset 21 and ONNX Runtime's own ops.
 * @throws {TypeError} if two different inputs share a name, or an input and an output do.
 *
 * @example
 * ```ts
 * import { graph, onnx } from "../../mod.ts";
 *
 * const x = graph.input("x", "float32", [2, 3]);
 * const bytes = onnx.emit({ y: graph.softmax(x) }, { name: "softmax" });
 * Deno.writeFileSync("softmax.onnx", bytes);
 * ```
 */
export function emit(
  outputs: Readonly<Record<string, Value>>,
  options: EmitOptions,
): Uint8Array<ArrayBuffer> {
  return encode("Model", toModel(outputs, options));
}

/**
 * The message of {@linkcode emit}, before it is bytes.
 *
 * @throws {TypeError} as there.
 *
 * @example
 * ```ts
 * import { graph } from "../../mod.ts";
 * import { toModel } from "./mod.ts";
 *
 * const model = toModel({ y: graph.exp(graph.input("x", "float32", [3])) }, { name: "exp" });
 * console.assert(model.graph!.node!.length === 1);
 * ```
 */
export function toModel(
  outputs: Readonly<Record<string, Value>>,
  { name, metadata = {}, standardOnly = false }: EmitOptions,
): Message<"Model"> {
  const own = standardOnly ? [] : [{ domain: "com.microsoft", version: 1 }];
  return {
    irVersion: IR_VERSION,
    producerName: "ccmim",
    opsetImport: [{ domain: "", version: OPSET }, ...own],
    graph: new Emitter(standardOnly).graph(outputs, name),
    metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
  };
}

class Emitter {
  readonly #standardOnly: boolean;
  readonly #nodes: Message<"Node">[] = [];
  readonly #initializers: Message<"Tensor">[] = [];
  /** Types of what is neither input nor output, so that a reader of the model knows how large each tensor is. */
  readonly #infos: Message<"ValueInfo">[] = [];
  readonly #constants = new Map<string, string>();
  readonly #names = new Map<Value, readonly string[]>();
  /** Names that the caller gave to inputs and outputs. */
  readonly #taken = new Set<string>();
  #count = 0;
  /** Name of the graph, and scope of the value that is written: nodes are named by both. */
  #graph = "";
  #scope = "";

  constructor(standardOnly: boolean) {
    this.#standardOnly = standardOnly;
  }

  graph(outputs: Readonly<Record<string, Value>>, name: string): Message<"Graph"> {
    this.#graph = name;
    const order = topological(Object.values(outputs));
    const inputs = order.filter((value) => is(value, "Input"));
    for (const key of Object.keys(outputs)) this.#taken.add(key);
    for (const { attrs } of inputs) {
      if (this.#taken.has(attrs.name)) {
        throw new TypeError(
          `Cannot emit the graph "${name}": the name "${attrs.name}" is used twice`,
        );
      }
      this.#taken.add(attrs.name);
    }
    // A value's first output takes the name that the caller gave it, so that no copy is needed
    const given = new Map<Value, string>();
    for (const [key, value] of Object.entries(outputs)) {
      if (NODE_RULES[value.op] !== null && !given.has(value)) given.set(value, key);
    }
    for (const value of order) this.#value(value, given.get(value));
    for (const [key, value] of Object.entries(outputs)) {
      if (given.get(value) !== key) this.#node("Identity", [this.#nameOf(value)], {}, [key]);
    }
    return {
      name,
      node: this.#nodes,
      initializer: this.#initializers,
      input: inputs.map((value) => valueInfo(value.attrs.name, value)),
      output: Object.entries(outputs).map(([key, value]) => valueInfo(key, value)),
      valueInfo: this.#infos,
    };
  }

  #value<K extends Op>(value: Value<K>, given: string | undefined): void {
    this.#scope = value.scope;
    if (is(value, "Input")) return void this.#names.set(value, [value.attrs.name]);
    if (is(value, "Constant")) {
      const { dtype, shape, bytes } = value.attrs;
      return void this.#names.set(value, [this.#constant(dtype, shape, bytes)]);
    }
    if (is(value, "StopGradient") || is(value, "Segment")) {
      return void this.#names.set(value, [this.#nameOf(value.inputs[0])]);
    }
    if (is(value, "Part")) {
      return void this.#names.set(value, [this.#names.get(value.inputs[0])![value.attrs.index]!]);
    }
    const outputs = value.outputs.map((_, i) => i === 0 && given ? given : this.#fresh());
    this.#names.set(value, outputs);
    value.outputs.forEach((type, i) => {
      if (i > 0 || !given) this.#infos.push(valueInfo(outputs[i]!, type));
    });
    const writer: NodeWriter = {
      name: (operand) => this.#nameOf(operand),
      outputs,
      node: (op, inputs, attributes = {}, to = [this.#fresh()]) =>
        this.#node(op, inputs, attributes, to),
      ints: (values) => {
        const bytes = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
        return this.#constant("int64", [values.length], bytes);
      },
      scalar: (number, dtype) => this.#constant(dtype, [], scalar(number, dtype).attrs.bytes),
    };
    const rule: NodeRule<K> | null = NODE_RULES[value.op];
    rule?.(value, writer);
  }

  #nameOf(value: Value): string {
    return this.#names.get(value)![0]!;
  }

  /** A name that nothing else has. */
  #fresh(): string {
    const name = `v${this.#count++}`;
    return this.#taken.has(name) ? this.#fresh() : name;
  }

  #node(
    op: string,
    input: readonly string[],
    attributes: Attributes,
    output: readonly string[],
  ): string {
    const isOwn = MICROSOFT_OPS.has(op);
    if (isOwn && this.#standardOnly) {
      throw new TypeError(
        `Cannot emit ${op} in the graph "${this.#graph}": it is no op of ONNX's own`,
      );
    }
    this.#nodes.push({
      input,
      output,
      name: [this.#graph, this.#scope, `${op}_${this.#nodes.length}`].filter(Boolean).join("/"),
      opType: op,
      domain: isOwn ? "com.microsoft" : "",
      attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
    });
    return output[0]!;
  }

  /** Equal constants are stored once. */
  #constant(dtype: DType, shape: Shape, bytes: Uint8Array): string {
    const content = bytes.byteLength <= 64 ? bytes.join() : `#${this.#initializers.length}`;
    const key = `${dtype} ${shape.join()} ${content}`;
    const known = this.#constants.get(key);
    if (known !== undefined) return known;
    const name = this.#fresh();
    this.#constants.set(key, name);
    this.#initializers.push({ name, dims: shape, dataType: DTYPES[dtype].onnx, rawData: bytes });
    return name;
  }
}

function attribute(name: string, value: Attributes[string]): Message<"Attribute"> {
  if (name === "to") return { name, i: DTYPES[value as DType].onnx, type: ATTRIBUTE_TYPE.int };
  if (typeof value === "string") {
    return { name, s: new TextEncoder().encode(value), type: ATTRIBUTE_TYPE.string };
  }
  if (typeof value !== "number") return { name, ints: value, type: ATTRIBUTE_TYPE.ints };
  if (FLOAT_ATTRIBUTES.has(name)) return { name, f: value, type: ATTRIBUTE_TYPE.float };
  return { name, i: value, type: ATTRIBUTE_TYPE.int };
}

function valueInfo(name: string, type: TensorType): Message<"ValueInfo"> {
  const dim = type.shape.map((dimValue) => ({ dimValue }));
  return { name, type: { tensorType: { elemType: DTYPES[type.dtype].onnx, shape: { dim } } } };
}
