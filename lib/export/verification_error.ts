/** What was written is not what was to be written. */

/** The file that was written does not compute, or hold, what the checkpoint does. It has been removed. */
export class VerificationError extends Error {
  override readonly name = "VerificationError";
}
