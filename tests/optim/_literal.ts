/** Optimisers written out in float64, one element at a time: what the graphs are held to. */

/** What a literal AdamW step is given beside the state. */
export interface LiteralStep {
  readonly lr: number;
  readonly betas: readonly [number, number];
  readonly epsilon: number;
  readonly weightDecay: number;
}

/** State of literal AdamW; changed in place. */
export interface LiteralState {
  readonly parameter: number[];
  readonly first: number[];
  readonly second: number[];
}

/** Step `t` (counted from 1) as algorithm 2 of Loshchilov and Hutter 2019 writes it. */
export function literalAdamW(
  { parameter, first, second }: LiteralState,
  gradient: readonly number[],
  t: number,
  { lr, betas: [beta1, beta2], epsilon, weightDecay }: LiteralStep,
): void {
  for (let i = 0; i < parameter.length; i++) {
    const g = gradient[i]!;
    first[i] = beta1 * first[i]! + (1 - beta1) * g;
    second[i] = beta2 * second[i]! + (1 - beta2) * g ** 2;
    const mean = first[i]! / (1 - beta1 ** t);
    const square = second[i]! / (1 - beta2 ** t);
    const decay = lr * weightDecay * parameter[i]!;
    parameter[i] = parameter[i]! - decay - lr * mean / (Math.sqrt(square) + epsilon);
  }
}
