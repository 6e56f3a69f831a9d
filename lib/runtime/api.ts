import { OrtError } from "./errors.ts";
import { API_VERSION, FUNCTIONS } from "./functions.ts";

type Functions = typeof FUNCTIONS;
type Native<F extends Deno.ForeignFunction> = Deno.UnsafeFnPointer<F>["call"];

/** ONNX Runtime's functions. One that returns a status in C returns nothing here, and throws {@linkcode OrtError}. */
export type Api = {
  readonly [K in keyof Functions]: Functions[K]["status"] extends true
    ? (...args: Parameters<Native<Functions[K]>>) => void
    : Native<Functions[K]>;
};

/**
 * The functions behind what `OrtGetApiBase` returned, and the version of the library.
 *
 * `api` is null if the library is older than {@linkcode API_VERSION}.
 */
export function openApi(base: Deno.PointerObject): { api: Api | null; version: string } {
  const view = new Deno.UnsafePointerView(base); // struct { GetApi, GetVersionString }
  const getVersion = { parameters: [], result: "pointer" } as const;
  const version = new Deno.UnsafeFnPointer(pointerAt(view, 1), getVersion).call();
  const getApi = { parameters: ["u32"], result: "pointer" } as const;
  const table = new Deno.UnsafeFnPointer(pointerAt(view, 0), getApi).call(API_VERSION);
  return {
    api: table === null ? null : bind(new Deno.UnsafePointerView(table)),
    version: textAt(version),
  };
}

function bind(table: Deno.UnsafePointerView): Api {
  type Call = (...args: unknown[]) => Deno.PointerValue;
  const functions: Record<string, Call> = {};
  for (const [name, { index, status, ...definition }] of Object.entries(FUNCTIONS)) {
    const native = new Deno.UnsafeFnPointer<Deno.ForeignFunction>(
      pointerAt(table, index),
      definition,
    );
    const call = native.call as unknown as Call;
    functions[name] = (...args) => {
      const result = call.apply(native, args);
      return status ? unwrap(api, result) : result;
    };
  }
  const api = functions as unknown as Api;
  return api;
}

/** Frees a status and throws what it says; null means that all went well. */
function unwrap(api: Api, status: Deno.PointerValue): null {
  if (status === null) return null;
  const error = new OrtError(api.GetErrorCode(status), textAt(api.GetErrorMessage(status)));
  api.ReleaseStatus(status);
  throw error;
}

function pointerAt<T>(view: Deno.UnsafePointerView, index: number): Deno.PointerObject<T> {
  const pointer = view.getPointer<T>(8 * index);
  if (pointer === null) {
    throw new RangeError(`Cannot use function ${index} of ONNX Runtime: it has no address`);
  }
  return pointer;
}

/** The text that a `const char*` points to; null is the empty text. */
export function textAt(pointer: Deno.PointerValue): string {
  return pointer === null ? "" : new Deno.UnsafePointerView(pointer).getCString();
}

/** `text` as a `const char*`. */
export function cString(text: string): Uint8Array<ArrayBuffer> {
  if (text.includes("\0")) {
    throw new TypeError(`Cannot pass ${JSON.stringify(text)} to ONNX Runtime: it holds a NUL`);
  }
  return new TextEncoder().encode(text + "\0");
}

/** The pointer that `fill` writes through its `T** out`; null if it writes none. */
export function outPointer(fill: (out: BigUint64Array<ArrayBuffer>) => void): Deno.PointerValue {
  const out = new BigUint64Array(1);
  fill(out);
  return Deno.UnsafePointer.create(out[0]!);
}

/** As {@linkcode outPointer}, for functions that always write one. */
export function created(fill: (out: BigUint64Array<ArrayBuffer>) => void): Deno.PointerObject {
  const pointer = outPointer(fill);
  if (pointer === null) throw new TypeError("Cannot use what ONNX Runtime created: it is null");
  return pointer;
}

/** The whole number that `fill` writes through its `size_t* out`. */
export function outSize(fill: (out: BigUint64Array<ArrayBuffer>) => void): number {
  const out = new BigUint64Array(1);
  fill(out);
  return Number(out[0]!);
}

/** Reads a text that ONNX Runtime allocated, and frees it. */
export function takeText(
  api: Api,
  allocator: Deno.PointerObject,
  fill: (out: BigUint64Array<ArrayBuffer>) => void,
): string {
  const pointer = outPointer(fill);
  const text = textAt(pointer);
  api.AllocatorFree(allocator, pointer);
  return text;
}
