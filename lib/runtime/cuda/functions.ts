/** The native surface of CUDA: every function of its runtime library that this project calls, with the C types beside each argument. */

/** A function that returns `cudaError_t`, 0 when all went well. */
function status<const P extends readonly Deno.NativeType[]>(parameters: P) {
  return { parameters, result: "i32" } as const;
}

/** Name -> signature. */
export const CUDA_FUNCTIONS = {
  cudaGetErrorName: {
    parameters: ["i32"], // cudaError_t error
    result: "pointer", // const char*
  },
  cudaGetErrorString: {
    parameters: ["i32"], // cudaError_t error
    result: "pointer", // const char*
  },
  cudaGetLastError: status([]), // clears it, too

  cudaRuntimeGetVersion: status([
    "buffer", // int* version
  ]),
  cudaGetDeviceCount: status([
    "buffer", // int* count
  ]),
  cudaSetDevice: status([
    "i32", // int device
  ]),
  cudaDeviceGetAttribute: status([
    "buffer", // int* value
    "i32", // cudaDeviceAttr attribute
    "i32", // int device
  ]),
  cudaMemGetInfo: status([
    "buffer", // size_t* free
    "buffer", // size_t* total
  ]),

  cudaMalloc: status([
    "buffer", // void** out
    "usize", // size_t bytes
  ]),
  cudaFree: status([
    "pointer", // void* memory
  ]),
  cudaHostAlloc: status([
    "buffer", // void** out
    "usize", // size_t bytes
    "u32", // unsigned flags
  ]),
  cudaFreeHost: status([
    "pointer", // void* memory
  ]),
  cudaHostRegister: status([
    "pointer", // void* memory
    "usize", // size_t bytes
    "u32", // unsigned flags
  ]),
  cudaHostUnregister: status([
    "pointer", // void* memory
  ]),
  cudaMemcpyAsync: status([
    "pointer", // void* target
    "pointer", // const void* source
    "usize", // size_t bytes
    "i32", // cudaMemcpyKind kind
    "pointer", // cudaStream_t stream
  ]),
  cudaMemsetAsync: status([
    "pointer", // void* memory
    "i32", // int value
    "usize", // size_t bytes
    "pointer", // cudaStream_t stream
  ]),

  cudaStreamCreateWithFlags: status([
    "buffer", // cudaStream_t* out
    "u32", // unsigned flags
  ]),
  cudaStreamDestroy: status([
    "pointer", // cudaStream_t stream
  ]),
  cudaStreamSynchronize: status([
    "pointer", // cudaStream_t stream
  ]),
  cudaStreamWaitEvent: status([
    "pointer", // cudaStream_t stream
    "pointer", // cudaEvent_t event
    "u32", // unsigned flags
  ]),
  cudaEventCreateWithFlags: status([
    "buffer", // cudaEvent_t* out
    "u32", // unsigned flags
  ]),
  cudaEventDestroy: status([
    "pointer", // cudaEvent_t event
  ]),
  cudaEventRecord: status([
    "pointer", // cudaEvent_t event
    "pointer", // cudaStream_t stream
  ]),
  cudaEventQuery: status([
    "pointer", // cudaEvent_t event
  ]),
  cudaEventSynchronize: status([
    "pointer", // cudaEvent_t event
  ]),
  cudaEventElapsedTime: status([
    "buffer", // float* milliseconds
    "pointer", // cudaEvent_t start
    "pointer", // cudaEvent_t end
  ]),
} as const;

type Functions = typeof CUDA_FUNCTIONS;

/** CUDA's functions as they are, status and all: from {@linkcode loadCuda}, or from a test. */
export type CudaTable = {
  readonly [K in keyof Functions]: (
    ...args: Parameters<Deno.UnsafeFnPointer<Functions[K]>["call"]>
  ) => Functions[K]["result"] extends "pointer" ? Deno.PointerValue : number;
};
