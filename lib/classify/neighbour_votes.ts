/** Votes of nearest neighbours for classes, as Wu et al. 2018 and DINO count them. */

/** Neighbours of one image, the nearest first. */
export interface VotingNeighbours {
  /** Cosine similarities. */
  readonly similarities: ArrayLike<number>;
  /** Class of each. */
  readonly labels: ArrayLike<number>;
}

/**
 * Fills `votes` `[C]`: each neighbour votes for its own class with the weight exp(cosine / T). Weights are in proportion to the
 * nearest one's, so that nothing overflows.
 *
 * @param temperature T > 0.
 *
 * @example
 * ```ts
 * import { countVotes } from "./mod.ts";
 *
 * const votes = new Float32Array(2);
 * countVotes({ similarities: [0.9, 0.8, 0.1], labels: [1, 1, 0] }, 0.07, votes);
 * console.assert(votes[1]! > votes[0]!);
 * ```
 */
export function countVotes(
  { similarities, labels }: VotingNeighbours,
  temperature: number,
  votes: Float32Array,
): void {
  votes.fill(0);
  for (let i = 0; i < similarities.length; i++) {
    votes[labels[i]!]! += Math.exp((similarities[i]! - similarities[0]!) / temperature);
  }
}
