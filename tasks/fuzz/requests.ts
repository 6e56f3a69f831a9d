/**
 * How much memory is asked for at once. Memory that is never written is not resident, so a size that was believed without a
 * check shows only where it is asked for.
 */

/** The classes whose constructor takes a length. */
const CLASSES = [
  "Uint8Array",
  "Uint8ClampedArray",
  "Int8Array",
  "Uint16Array",
  "Int16Array",
  "Uint32Array",
  "Int32Array",
  "Float32Array",
  "Float64Array",
  "BigInt64Array",
  "BigUint64Array",
] as const;

let largest = 0;

/** The largest request since the last call, in bytes. */
export function takeLargestRequest(): number {
  const taken = largest;
  largest = 0;
  return taken;
}

/** Has all memory for typed arrays that is asked for from now on counted, in this thread. */
export function countRequests(): void {
  const counted = <T extends abstract new (...args: never[]) => object>(type: T, bytes: number) => {
    const proxy: T = new Proxy(type, {
      construct(target, args: unknown[], newTarget) {
        const [length] = args;
        if (typeof length === "number") largest = Math.max(largest, length * bytes);
        return Reflect.construct(target, args, newTarget === proxy ? target : newTarget) as object;
      },
    });
    (type.prototype as { constructor: unknown }).constructor = proxy; // by which libraries tell the classes
    return proxy;
  };
  for (const name of CLASSES) {
    const type = globalThis[name];
    Object.assign(globalThis, { [name]: counted(type, type.BYTES_PER_ELEMENT) });
  }
  Object.assign(globalThis, {
    ArrayBuffer: counted(ArrayBuffer, 1),
    SharedArrayBuffer: counted(SharedArrayBuffer, 1),
  });
}
