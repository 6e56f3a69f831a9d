/** PyTorch's program for the same work, at its best settings. */
import type { BenchRequest, Figures, Peer } from "./cases.ts";
import { measured } from "./process.ts";

/** The program in the peer's folder. */
export const TWIN = "bench_torch.py";

/** glibc told to keep its pages: PyTorch is faster so. */
const MALLOC = {
  MALLOC_MMAP_THRESHOLD_: "4294967296",
  MALLOC_TRIM_THRESHOLD_: "68719476736",
  MALLOC_TOP_PAD_: "268435456",
};

/** What is read of the program's line. */
interface TwinFigures {
  readonly img_s: number;
  readonly peak_rss_mib: number;
  readonly cpu_per_wall: number;
  readonly first_step_s: number;
}

/** What the program is asked beside threads and length. */
export interface TwinOptions {
  readonly task: "train" | "infer";
  readonly config: string;
  readonly batch: number;
  readonly method?: string;
}

/** The peer of a case; none without its folder. All exact savings, fused attention and fused AdamW. */
export function torchPeer(
  { peer, python, threads, seconds }: BenchRequest,
  { task, config, batch, method }: TwinOptions,
): { peer: Peer } | Record<never, never> {
  if (peer === undefined) return {};
  const flags = { task, config, batch, threads, impl: "opt", attn: "sdpa", optim: "fused" };
  const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)]);
  if (method !== undefined) args.push("--method", method);
  args.push("--reps", "3", "--rep-seconds", String(seconds / 3));
  const measure = async (): Promise<Figures> => {
    const figures = await measured<TwinFigures>(python, {
      args: ["-B", TWIN, ...args],
      cwd: peer,
      env: MALLOC,
    });
    const { img_s, peak_rss_mib, cpu_per_wall } = figures;
    return { img_s, peak_rss_mib, cpu_per_wall };
  };
  return { peer: { name: "PyTorch", measure } };
}
