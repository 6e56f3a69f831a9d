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

/** One step of LARS as MAE's linear probe takes it, with `adapts` for tensors of two axes or more; changes the state in place. */
export function literalLars(
  { parameter, momentum }: { readonly parameter: number[]; readonly momentum: number[] },
  gradient: readonly number[],
  options: {
    readonly lr: number;
    readonly momentum: number;
    readonly trust: number;
    readonly weightDecay: number;
    readonly adapts: boolean;
  },
): void {
  const length = (x: readonly number[]) => Math.sqrt(x.reduce((sum, value) => sum + value ** 2, 0));
  let step = [...gradient];
  if (options.adapts) {
    step = step.map((g, i) => g + options.weightDecay * parameter[i]!);
    const [own, other] = [length(parameter), length(step)];
    if (own > 0 && other > 0) step = step.map((d) => d * options.trust * own / other);
  }
  for (let i = 0; i < parameter.length; i++) {
    momentum[i] = options.momentum * momentum[i]! + step[i]!;
    parameter[i] = parameter[i]! - options.lr * momentum[i]!;
  }
}
