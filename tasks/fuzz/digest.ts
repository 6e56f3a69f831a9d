/** Telling results apart. */
import { createHash } from "node:crypto";

/** SHA-256 of values: bytes as they are, everything else as JSON. */
export function digest(...values: readonly unknown[]): string {
  const hash = createHash("sha256");
  for (const value of values) {
    hash.update(value instanceof Uint8Array ? value : `${JSON.stringify(value)}\n`);
  }
  return hash.digest("hex");
}
