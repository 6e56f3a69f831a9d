/** What this machine has, and how fast it is. @module */
export { type Bandwidth, type BandwidthOptions, measureBandwidth } from "./bandwidth.ts";
export type { DecoderFacts } from "./decoders.ts";
export {
  type DeviceFacts,
  type DoctorOptions,
  type DoctorReport,
  examine,
  type RuntimeFacts,
} from "./doctor.ts";
export type { PlatformFacts } from "./platforms.ts";
export type { ProviderFacts } from "./provider.ts";
export { type MatrixRate, measureMatrixRate, type RateOptions, type RateType } from "./rate.ts";
export type { Room, SpaceFacts } from "./space.ts";
export type { SystemFacts } from "./system.ts";
