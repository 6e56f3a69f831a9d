/** Progress of `ccmim prepare` on standard error. */
import type { PrepareProgress, verifyDataset, VerifyResult } from "../lib/data/mod.ts";
import type { Context } from "./context.ts";
import type { Progress } from "./progress.ts";

const LABELS: Readonly<Record<PrepareProgress["phase"], string>> = {
  list: "Listing",
  pack: "Packing",
  finish: "Checksums",
};

/** Shows each phase as a task of its own. */
export function watchPrepare(
  context: Context,
): Disposable & { update(progress: PrepareProgress): void } {
  let phase: PrepareProgress["phase"] | undefined;
  let shown: Progress | undefined;
  const end = () => shown?.[Symbol.dispose]();
  const update = ({ phase: now, done, total, bad }: PrepareProgress) => {
    if (now !== phase) {
      end();
      const known = total === undefined ? {} : { total };
      shown = context.progress({ label: LABELS[now], unit: "images", ...known });
      phase = now;
    }
    shown?.update(done, bad > 0 ? { bad } : {});
  };
  return { update, [Symbol.dispose]: end };
}

/** Verifies with progress in megabytes. */
export function verifyWatched(
  verify: typeof verifyDataset,
  dataset: string,
  context: Context,
): VerifyResult {
  let shown: Progress | undefined;
  try {
    return verify(dataset, {
      signal: context.signal,
      onProgress({ done, total }) {
        shown ??= context.progress({ label: "Verifying", unit: "MB", total: total / 1e6 });
        shown.update(done / 1e6);
      },
    });
  } finally {
    shown?.[Symbol.dispose]();
  }
}
