/** Names of `OrtErrorCode`, by number. */
const CODES = [
  "OK",
  "FAIL",
  "INVALID_ARGUMENT",
  "NO_SUCHFILE",
  "NO_MODEL",
  "ENGINE_ERROR",
  "RUNTIME_EXCEPTION",
  "INVALID_PROTOBUF",
  "MODEL_LOADED",
  "NOT_IMPLEMENTED",
  "INVALID_GRAPH",
  "EP_FAIL",
  "MODEL_LOAD_CANCELED",
  "MODEL_REQUIRES_COMPILATION",
  "NOT_FOUND",
] as const;

/** A call that ONNX Runtime refused; the message is ONNX Runtime's own. */
export class OrtError extends Error {
  /** Name of the class. */
  override readonly name = "OrtError";
  /** Name of the `OrtErrorCode`, such as `INVALID_PROTOBUF`. */
  readonly code: string;

  /** Names the error by ONNX Runtime's code. */
  constructor(code: number, message: string) {
    super(message);
    this.code = CODES[code] ?? `CODE_${code}`;
  }
}

/** The machine lacks something: the native library, or the provider of a device. */
export class EnvironmentError extends Error {
  /** Name of the class. */
  override readonly name = "EnvironmentError";
}
