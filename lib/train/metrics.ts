/** What training tells of its steps and epochs, whatever is trained. */

/** Numbers by name; null where there is none. */
export type Figures = Readonly<Record<string, number | null>>;

/** What every optimiser step has. */
export interface StepFacts {
  /** Steps done, this one included. */
  readonly step: number;
  /** Epoch of the step, counted from 0. */
  readonly epoch: number;
  /** L2 norm of the whole gradient before clipping. */
  readonly gradNorm: number;
  /** With float16: the loss scale of the next step, and whether this one changed nothing because its gradient overflowed. */
  readonly lossScale?: number;
  /** True if the step changed nothing, as a value was not finite. */
  readonly skipped?: boolean;
  /** Learning rate. */
  readonly lr: number;
  /** Training images of the step over its wall time. */
  readonly imagesPerSecond: number;
  /** Share of the step's time spent waiting for data, in [0, 1]. */
  readonly dataWait: number;
  /** Resident memory of the process in bytes. */
  readonly memory: number;
}

/** The end of an epoch. */
export interface EpochFacts {
  /** Steps done. */
  readonly step: number;
  /** Epoch that ended, counted from 0. */
  readonly epoch: number;
}

/** One optimiser step, a line of metrics.jsonl; its figures are means over the step's micro-batches. */
export type StepOf<F = unknown> = StepFacts & F;

/** An epoch's end, a line of metrics.jsonl; its figures are what the evaluation came to. */
export type EpochOf<F = unknown> = EpochFacts & F;
