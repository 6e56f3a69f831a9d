import { nameProblem } from "../runtime/mod.ts";
import type { DoctorReport } from "./doctor.ts";

/** What to do about what was found, the most pressing first, in one sentence. */
export function adviseOn(
  found: Pick<DoctorReport, "runtime" | "cuda" | "device" | "decoders">,
): string {
  const { runtime, cuda, device, decoders } = found;
  if (device.device === null) return device.reason;
  const missing = cuda.requirements.find(({ problem }) => problem !== null);
  if (device.device === "cpu" && cuda.devices.length > 0 && missing !== undefined) {
    const gpu = cuda.devices[0]!.name;
    return `To use ${gpu}: ${nameProblem(missing)}; ${missing.remedy}`;
  }
  if (decoders.every(({ problem }) => problem !== null)) {
    return "No decoder loads, so no images can be packed; packed datasets can be trained on";
  }
  if (runtime.problem !== null) return `${runtime.problem}; results may differ`;
  const slow = decoders[0]!.problem === null ? "" : `, though without ${decoders[0]!.name}, slowly`;
  return `Nothing is wrong: "ccmim prepare" packs images${slow}, "ccmim pretrain" trains on ${device.device}`;
}
