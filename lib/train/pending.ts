/** Results that a device has yet to compute. */

/** Something that is computed later on a device that runs ahead, and is there already on the host. */
export interface Pending<T> {
  /** The result, the same at every call. Blocks until it is there. */
  read(): T;
}

/** What `turn` makes of a result. */
export function mapPending<A, B>(pending: Pending<A>, turn: (result: A) => B): Pending<B> {
  return { read: () => turn(pending.read()) };
}
