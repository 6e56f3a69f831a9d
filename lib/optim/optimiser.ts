/** Optimisers as data, and their steps by kind. */
import type { Value } from "../graph/mod.ts";
import { adamw, type AdamWOptions, type StepScalars } from "./adamw.ts";
import { lars, type LarsOptions } from "./lars.ts";

/** An optimiser and its numbers. */
export type Optimiser =
  | { readonly kind: "adamw"; readonly betas: readonly [number, number]; readonly eps: number }
  | ({ readonly kind: "lars" } & LarsOptions);

/** What each kind keeps of every parameter, in its shape, beside the parameter. */
export const MOMENTS = {
  adamw: ["first", "second"],
  lars: ["momentum"],
} as const satisfies { readonly [K in Optimiser["kind"]]: readonly string[] };

/** The scalars of a step that each kind reads. */
export const STEP_SCALARS = {
  adamw: ["lr", "scale", "finite", "firstCorrection", "secondCorrection"],
  lars: ["lr", "scale", "finite"],
} as const satisfies { readonly [K in Optimiser["kind"]]: readonly (keyof StepScalars)[] };

/** A parameter, or a part of one, and its moments by name; equal shapes, float32. */
export interface OptimiserState {
  readonly parameter: Value;
  readonly moments: Readonly<Record<string, Value>>;
}

/** What a step needs beside the state. */
export interface StepInputs {
  /** In the parameter's shape. */
  readonly gradient: Value;
  readonly scalars: Readonly<Record<string, Value>>;
  /** A scalar or `[1]`. */
  readonly weightDecay: Value;
  /** Whether the parameter has two axes or more. LARS alone asks, and wants whole parameters. */
  readonly isMatrix: boolean;
}

/**
 * The state after one step of an optimiser; it may be written over the state before.
 *
 * @param inputs.scalars the kind's {@linkcode STEP_SCALARS}.
 *
 * @example
 * ```ts
 * import { graph } from "../../mod.ts";
 * import { optimise, STEP_SCALARS } from "./mod.ts";
 *
 * const scalars = Object.fromEntries(
 *   STEP_SCALARS.lars.map((name) => [name, graph.input(name, "float32", [1])]),
 * );
 * const tensor = (name: string) => graph.input(name, "float32", [64]);
 * const { parameter } = optimise({ kind: "lars", momentum: 0.9, trust: 0.001 }, {
 *   parameter: tensor("p"),
 *   moments: { momentum: tensor("m") },
 * }, {
 *   gradient: tensor("g"),
 *   scalars,
 *   weightDecay: graph.scalar(0),
 *   isMatrix: true,
 * });
 * console.assert(String(parameter.shape) === "64");
 * ```
 */
export function optimise(
  optimiser: Optimiser,
  { parameter, moments }: OptimiserState,
  { gradient, scalars, weightDecay, isMatrix }: StepInputs,
): OptimiserState {
  const step = scalars as unknown as StepScalars;
  switch (optimiser.kind) {
    case "adamw": {
      const { betas, eps: epsilon } = optimiser;
      const options: AdamWOptions = { betas, epsilon };
      const state = { parameter, first: moments.first!, second: moments.second! };
      const after = adamw(state, gradient, step, { ...options, weightDecay });
      return { parameter: after.parameter, moments: { first: after.first, second: after.second } };
    }
    case "lars": {
      const options = { ...optimiser, weightDecay, adapts: isMatrix };
      const state = { parameter, momentum: moments.momentum! };
      const after = lars(state, gradient, step, options);
      return { parameter: after.parameter, moments: { momentum: after.momentum } };
    }
  }
}
