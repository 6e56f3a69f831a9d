/**
 * The native surface: every function of ONNX Runtime's C API that this project calls. `index` is the place in
 * the `OrtApi` table of onnxruntime_c_api.h, which only grows, so a row stays right in every later version.
 */

/** The lowest API version that has every row below. */
export const API_VERSION = 24;

/** A function that returns `OrtStatus*`, null when all went well. */
function status<const P extends readonly Deno.NativeType[]>(index: number, parameters: P) {
  return { index, parameters, result: "pointer", status: true } as const;
}

/** A function that frees what its one argument points to. */
function release(index: number) {
  return { index, parameters: ["pointer"], result: "void", status: false } as const;
}

/** Name -> place and signature, with the C types beside each argument. */
export const FUNCTIONS = {
  GetErrorCode: {
    index: 1,
    parameters: ["pointer"], // const OrtStatus* status
    result: "i32", // OrtErrorCode
    status: false,
  },
  GetErrorMessage: {
    index: 2,
    parameters: ["pointer"], // const OrtStatus* status
    result: "pointer", // const char*
    status: false,
  },
  ReleaseStatus: release(93), // OrtStatus*

  CreateEnv: status(3, [
    "i32", // OrtLoggingLevel level
    "buffer", // const char* logid
    "buffer", // OrtEnv** out
  ]),
  ReleaseEnv: release(92), // OrtEnv*
  CreateArenaCfgV2: status(164, [
    "buffer", // const char* const* keys
    "buffer", // const size_t* values
    "usize", // size_t num_keys
    "buffer", // OrtArenaCfg** out
  ]),
  ReleaseArenaCfg: release(157), // OrtArenaCfg*
  CreateAndRegisterAllocator: status(144, [
    "pointer", // OrtEnv* env
    "pointer", // const OrtMemoryInfo* mem_info
    "pointer", // const OrtArenaCfg* arena_cfg
  ]),
  GetAvailableProviders: status(125, [
    "buffer", // char*** out
    "buffer", // int* length
  ]),
  ReleaseAvailableProviders: status(126, [
    "pointer", // char** providers
    "i32", // int length
  ]),

  CreateSessionOptions: status(10, [
    "buffer", // OrtSessionOptions** out
  ]),
  ReleaseSessionOptions: release(100), // OrtSessionOptions*
  SetSessionExecutionMode: status(13, [
    "pointer", // OrtSessionOptions* options
    "i32", // ExecutionMode mode
  ]),
  EnableProfiling: status(14, [
    "pointer", // OrtSessionOptions* options
    "buffer", // const char* profile_file_prefix
  ]),
  EnableMemPattern: status(16, [
    "pointer", // OrtSessionOptions* options
  ]),
  DisableMemPattern: status(17, [
    "pointer", // OrtSessionOptions* options
  ]),
  EnableCpuMemArena: status(18, [
    "pointer", // OrtSessionOptions* options
  ]),
  DisableCpuMemArena: status(19, [
    "pointer", // OrtSessionOptions* options
  ]),
  SetSessionGraphOptimizationLevel: status(23, [
    "pointer", // OrtSessionOptions* options
    "i32", // GraphOptimizationLevel level
  ]),
  SetIntraOpNumThreads: status(24, [
    "pointer", // OrtSessionOptions* options
    "i32", // int threads
  ]),
  SetInterOpNumThreads: status(25, [
    "pointer", // OrtSessionOptions* options
    "i32", // int threads
  ]),
  AddSessionConfigEntry: status(130, [
    "pointer", // OrtSessionOptions* options
    "buffer", // const char* key
    "buffer", // const char* value
  ]),
  CreateCUDAProviderOptions: status(205, [
    "buffer", // OrtCUDAProviderOptionsV2** out
  ]),
  UpdateCUDAProviderOptions: status(206, [
    "pointer", // OrtCUDAProviderOptionsV2* options
    "buffer", // const char* const* keys
    "buffer", // const char* const* values
    "usize", // size_t count
  ]),
  UpdateCUDAProviderOptionsWithValue: status(263, [
    "pointer", // OrtCUDAProviderOptionsV2* options
    "buffer", // const char* key
    "pointer", // void* value
  ]),
  ReleaseCUDAProviderOptions: release(208), // OrtCUDAProviderOptionsV2*
  SessionOptionsAppendExecutionProvider_CUDA_V2: status(204, [
    "pointer", // OrtSessionOptions* options
    "pointer", // const OrtCUDAProviderOptionsV2* cuda_options
  ]),

  CreateSessionFromArray: status(8, [
    "pointer", // const OrtEnv* env
    "buffer", // const void* model_data
    "usize", // size_t model_data_length
    "pointer", // const OrtSessionOptions* options
    "buffer", // OrtSession** out
  ]),
  ReleaseSession: release(95), // OrtSession*
  SessionGetInputCount: status(30, [
    "pointer", // const OrtSession* session
    "buffer", // size_t* out
  ]),
  SessionGetOutputCount: status(31, [
    "pointer", // const OrtSession* session
    "buffer", // size_t* out
  ]),
  SessionGetInputTypeInfo: status(33, [
    "pointer", // const OrtSession* session
    "usize", // size_t index
    "buffer", // OrtTypeInfo** out
  ]),
  SessionGetOutputTypeInfo: status(34, [
    "pointer", // const OrtSession* session
    "usize", // size_t index
    "buffer", // OrtTypeInfo** out
  ]),
  SessionGetInputName: status(36, [
    "pointer", // const OrtSession* session
    "usize", // size_t index
    "pointer", // OrtAllocator* allocator
    "buffer", // char** out
  ]),
  SessionGetOutputName: status(37, [
    "pointer", // const OrtSession* session
    "usize", // size_t index
    "pointer", // OrtAllocator* allocator
    "buffer", // char** out
  ]),
  SessionEndProfiling: status(110, [
    "pointer", // OrtSession* session
    "pointer", // OrtAllocator* allocator
    "buffer", // char** out
  ]),

  Session_GetEpGraphAssignmentInfo: status(407, [
    "pointer", // const OrtSession* session
    "buffer", // const OrtEpAssignedSubgraph* const** out, owned by session
    "buffer", // size_t* count
  ]),
  EpAssignedSubgraph_GetEpName: status(408, [
    "pointer", // const OrtEpAssignedSubgraph* subgraph
    "buffer", // const char** out
  ]),
  EpAssignedSubgraph_GetNodes: status(409, [
    "pointer", // const OrtEpAssignedSubgraph* subgraph
    "buffer", // const OrtEpAssignedNode* const** out
    "buffer", // size_t* count
  ]),
  EpAssignedNode_GetName: status(410, [
    "pointer", // const OrtEpAssignedNode* node
    "buffer", // const char** out
  ]),
  EpAssignedNode_GetOperatorType: status(412, [
    "pointer", // const OrtEpAssignedNode* node
    "buffer", // const char** out
  ]),

  CastTypeInfoToTensorInfo: status(55, [
    "pointer", // const OrtTypeInfo* type_info
    "buffer", // const OrtTensorTypeAndShapeInfo** out, owned by type_info
  ]),
  ReleaseTypeInfo: release(98), // OrtTypeInfo*
  GetTensorElementType: status(60, [
    "pointer", // const OrtTensorTypeAndShapeInfo* info
    "buffer", // ONNXTensorElementDataType* out
  ]),
  GetDimensionsCount: status(61, [
    "pointer", // const OrtTensorTypeAndShapeInfo* info
    "buffer", // size_t* out
  ]),
  GetDimensions: status(62, [
    "pointer", // const OrtTensorTypeAndShapeInfo* info
    "buffer", // int64_t* values
    "usize", // size_t length
  ]),
  ReleaseTensorTypeAndShapeInfo: release(99), // OrtTensorTypeAndShapeInfo*

  GetAllocatorWithDefaultOptions: status(78, [
    "buffer", // OrtAllocator** out, not to be freed
  ]),
  AllocatorFree: status(76, [
    "pointer", // OrtAllocator* allocator
    "pointer", // void* memory
  ]),
  CreateAllocator: status(131, [
    "pointer", // const OrtSession* session
    "pointer", // const OrtMemoryInfo* info
    "buffer", // OrtAllocator** out
  ]),
  ReleaseAllocator: release(132), // OrtAllocator*
  AllocatorGetStats: status(319, [
    "pointer", // const OrtAllocator* allocator
    "buffer", // OrtKeyValuePairs** out
  ]),
  GetKeyValue: {
    index: 297,
    parameters: [
      "pointer", // const OrtKeyValuePairs* pairs
      "buffer", // const char* key
    ],
    result: "pointer", // const char*, owned by the pairs; null without that key
    status: false,
  },
  ReleaseKeyValuePairs: release(300), // OrtKeyValuePairs*
  CreateMemoryInfo: status(68, [
    "buffer", // const char* name
    "i32", // OrtAllocatorType type
    "i32", // int id
    "i32", // OrtMemType mem_type
    "buffer", // OrtMemoryInfo** out
  ]),
  ReleaseMemoryInfo: release(94), // OrtMemoryInfo*
  CreateTensorWithDataAsOrtValue: status(49, [
    "pointer", // const OrtMemoryInfo* info
    "pointer", // void* data, not owned
    "usize", // size_t byte_length
    "buffer", // const int64_t* shape
    "usize", // size_t rank
    "i32", // ONNXTensorElementDataType type
    "buffer", // OrtValue** out
  ]),
  GetTensorMutableData: status(51, [
    "pointer", // OrtValue* value
    "buffer", // void** out
  ]),
  GetTensorTypeAndShape: status(65, [
    "pointer", // const OrtValue* value
    "buffer", // OrtTensorTypeAndShapeInfo** out
  ]),
  ReleaseValue: release(96), // OrtValue*

  CreateIoBinding: status(134, [
    "pointer", // OrtSession* session
    "buffer", // OrtIoBinding** out
  ]),
  ReleaseIoBinding: release(135), // OrtIoBinding*
  BindInput: status(136, [
    "pointer", // OrtIoBinding* binding
    "buffer", // const char* name
    "pointer", // const OrtValue* value
  ]),
  BindOutput: status(137, [
    "pointer", // OrtIoBinding* binding
    "buffer", // const char* name
    "pointer", // const OrtValue* value
  ]),
  BindOutputToDevice: status(138, [
    "pointer", // OrtIoBinding* binding
    "buffer", // const char* name
    "pointer", // const OrtMemoryInfo* info
  ]),
  GetBoundOutputValues: status(140, [
    "pointer", // const OrtIoBinding* binding
    "pointer", // OrtAllocator* allocator
    "buffer", // OrtValue*** out
    "buffer", // size_t* count
  ]),
  CreateRunOptions: status(39, [
    "buffer", // OrtRunOptions** out
  ]),
  ReleaseRunOptions: release(97), // OrtRunOptions*
  AddRunConfigEntry: status(165, [
    "pointer", // OrtRunOptions* options
    "buffer", // const char* key
    "buffer", // const char* value
  ]),
  RunWithBinding: status(133, [
    "pointer", // OrtSession* session
    "pointer", // const OrtRunOptions* run_options
    "pointer", // const OrtIoBinding* binding
  ]),
} as const;
