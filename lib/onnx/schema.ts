/**
 * The part of the ONNX schema (onnx.proto) that this project writes and reads, as one table: message -> field ->
 * number, type, and whether it repeats. Field numbers are the schema's; names are its names in camel case.
 */

const REPEATED = "repeated";

/** The table. A type is a protobuf scalar or the name of another message. */
export const SCHEMA = {
  Model: {
    irVersion: [1, "int64"],
    producerName: [2, "string"],
    producerVersion: [3, "string"],
    domain: [4, "string"],
    modelVersion: [5, "int64"],
    docString: [6, "string"],
    graph: [7, "Graph"],
    opsetImport: [8, "OperatorSetId", REPEATED],
    metadataProps: [14, "StringStringEntry", REPEATED],
  },
  OperatorSetId: { domain: [1, "string"], version: [2, "int64"] },
  StringStringEntry: { key: [1, "string"], value: [2, "string"] },
  Graph: {
    node: [1, "Node", REPEATED],
    name: [2, "string"],
    initializer: [5, "Tensor", REPEATED],
    docString: [10, "string"],
    input: [11, "ValueInfo", REPEATED],
    output: [12, "ValueInfo", REPEATED],
    valueInfo: [13, "ValueInfo", REPEATED],
  },
  Node: {
    input: [1, "string", REPEATED],
    output: [2, "string", REPEATED],
    name: [3, "string"],
    opType: [4, "string"],
    attribute: [5, "Attribute", REPEATED],
    docString: [6, "string"],
    domain: [7, "string"],
  },
  Attribute: {
    name: [1, "string"],
    f: [2, "float"],
    i: [3, "int64"],
    s: [4, "bytes"],
    floats: [7, "float", REPEATED],
    ints: [8, "int64", REPEATED],
    type: [20, "int32"],
  },
  Tensor: {
    dims: [1, "int64", REPEATED],
    dataType: [2, "int32"],
    name: [8, "string"],
    rawData: [9, "bytes"],
    externalData: [13, "StringStringEntry", REPEATED],
    dataLocation: [14, "int32"],
  },
  ValueInfo: { name: [1, "string"], type: [2, "Type"] },
  Type: { tensorType: [1, "TensorType"] },
  TensorType: { elemType: [1, "int32"], shape: [2, "TensorShape"] },
  TensorShape: { dim: [1, "Dimension", REPEATED] },
  Dimension: { dimValue: [1, "int64"], dimParam: [2, "string"] },
} as const satisfies Record<string, Record<string, FieldSpec>>;

/** Number, type and repetition of a field. */
export type FieldSpec = readonly [number, string] | readonly [number, string, typeof REPEATED];

/** Name of a message. */
export type MessageName = keyof typeof SCHEMA;

/** Protobuf scalars in use, with the JavaScript type of each. */
export interface Scalars {
  /** Whole numbers within the safe range of a double. */
  int64: number;
  int32: number;
  float: number;
  string: string;
  bytes: Uint8Array;
}

type FieldType<T> = T extends keyof Scalars ? Scalars[T]
  : T extends MessageName ? Message<T>
  : never;

/** A message as a plain object: absent fields are left out, repeated ones are arrays. */
export type Message<N extends MessageName> = {
  readonly [F in keyof (typeof SCHEMA)[N]]?: (typeof SCHEMA)[N][F] extends
    readonly [number, infer T, string] ? readonly FieldType<T>[]
    : (typeof SCHEMA)[N][F] extends readonly [number, infer T] ? FieldType<T>
    : never;
};
