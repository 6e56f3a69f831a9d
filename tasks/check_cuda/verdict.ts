/** What a check found. */

/** One line of a check. */
export interface Verdict {
  readonly check: string;
  readonly what: string;
  readonly holds: boolean;
  readonly detail: string;
}

/** `ok   fixtures: micro_mae, float32: ...` */
export function showVerdict({ check, what, holds, detail }: Verdict): string {
  return `${holds ? "ok  " : "FAIL"} ${check}: ${what}: ${detail.replaceAll(/\s*\n\s*/g, " ")}`;
}

/** Verdicts of something; one that throws has failed. */
export async function verdictsOf(
  check: string,
  what: string,
  find: () => Promise<readonly Verdict[]> | readonly Verdict[],
): Promise<readonly Verdict[]> {
  try {
    return await find();
  } catch (error) {
    if (Deno.env.get("CCMIM_DEBUG") === "1") throw error;
    return [{ check, what, holds: false, detail: (error as Error).message }];
  }
}
