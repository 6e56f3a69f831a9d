/** How training ends early. */

/** A loss or a gradient was not finite. */
export class DivergedError extends Error {
  /** Name of the class. */
  override readonly name = "DivergedError";
}

/** Training was asked to stop; it can go on from its last checkpoint. */
export class InterruptedError extends Error {
  /** Name of the class. */
  override readonly name = "InterruptedError";
}

/** A run wants more memory than there is. */
export class OutOfMemoryError extends Error {
  override readonly name = "OutOfMemoryError";
}
