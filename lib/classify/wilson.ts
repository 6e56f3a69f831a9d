/** How sure a share of few trials is. */

/** Standard normal deviate of a two-sided 95% interval. */
const Z = 1.959963984540054;

/**
 * Wilson's score interval of a share at 95% (Wilson 1927); it stays within [0, 1] and is not empty at 0 and 1.
 *
 * @returns the lower and the upper end.
 * @throws {RangeError} if there is no trial, or there are more successes than trials.
 *
 * @example
 * ```ts
 * import { wilsonInterval } from "./mod.ts";
 *
 * const [low, high] = wilsonInterval(90, 100);
 * console.assert(low > 0.82 && high < 0.95);
 * ```
 */
export function wilsonInterval(successes: number, trials: number): readonly [number, number] {
  if (!(trials >= 1 && successes >= 0 && successes <= trials)) {
    throw new RangeError(`Cannot give an interval for ${successes} of ${trials}`);
  }
  const share = successes / trials;
  const shrink = 1 + Z * Z / trials;
  const centre = share + Z * Z / (2 * trials);
  const reach = Z * Math.sqrt(share * (1 - share) / trials + Z * Z / (4 * trials * trials));
  // Exactly 0 and 1 where rounding would miss them
  return [
    successes === 0 ? 0 : (centre - reach) / shrink,
    successes === trials ? 1 : (centre + reach) / shrink,
  ];
}
