/** What a pretraining run is asked, what it tells while it runs, and what it ends with. */
import type { PretrainConfig, PretrainOptions, RunConfig } from "../recipes/mod.ts";
import type { BatchTrial } from "./batch_search.ts";
import type { RunMemory } from "./memory.ts";
import type { EpochOf, StepOf } from "./metrics.ts";
import type { RunRequest } from "./train_run.ts";

/** A run to start or to go on with. */
export interface PretrainRequest extends RunRequest<PretrainOptions> {
  /**
   * Epochs from one look to the next at how well nearest neighbours tell the classes of a small fixed subset, whole and >= 1;
   * never unless given. It changes nothing in what is trained.
   */
  readonly knnEvery?: number;
}

/** Known once the graphs are built, before the first step. */
export interface RunStart<C = RunConfig> {
  /** Every option, resolved. */
  readonly config: C;
  /** The device and why it was taken, in one line. */
  readonly device: string;
  /** Memory that the run is foreseen to take, and what there is. */
  readonly memory: RunMemory;
  /** Provider of ONNX Runtime -> nodes of the run's graphs that it runs. */
  readonly nodes: Readonly<Record<string, number>>;
  /** Trained numbers. */
  readonly parameters: number;
  /** Optimiser steps already done: 0 unless resumed. */
  readonly step: number;
}

/** {@linkcode RunStart} of pretraining; its trained numbers are those of decoder and projector too. */
export interface PretrainStart extends RunStart<PretrainConfig> {
  /** Images of the two splits. */
  readonly trainCount: number;
  /** Images that are held out. */
  readonly valCount: number;
  /** Reconstruction loss of a model that predicts each target's mean. */
  readonly meanLevel: number;
}

/** Losses of a step of pretraining. */
export type PretrainLosses = {
  /** Reconstruction loss. */
  readonly rec: number;
  /** Alignment loss before its weight; null without the masked branch. */
  readonly align: number | null;
  /** `rec + weight * align`. */
  readonly loss: number;
};

/** One optimiser step of pretraining. */
export type StepMetrics = StepOf<PretrainLosses>;

/** The end of an epoch of pretraining. */
export type EpochMetrics = EpochOf<{
  /** Reconstruction loss on the `val` split; null where there is none. */
  readonly valRec: number | null;
  /** Where it was looked at: share of a small fixed subset whose class its nearest neighbours tell, in [0, 1]. */
  readonly knnTop1?: number;
}>;

/** Told about a run as it happens, in order. What is left out is not told. */
export interface RunObserver<Start, Step, Epoch> {
  /** The graphs are built, and the first step is about to begin. */
  start?(event: Start): void;
  /** A step was done. */
  step?(metrics: Step): void;
  /** An epoch was done, and judged where there are held-out images. */
  epoch?(metrics: Epoch): void;
  /** A checkpoint has been written whole. */
  checkpoint?(path: string, step: number): void;
  /** Something went wrong without stopping the run. */
  warning?(text: string): void;
}

/** Told about pretraining. */
export interface PretrainObserver extends RunObserver<PretrainStart, StepMetrics, EpochMetrics> {
  /** With the batch `auto`: a micro-batch has been tried. */
  trial?(trial: BatchTrial): void;
}

/** How a finished run ended. */
export interface PretrainResult {
  /** Folder of the run. */
  readonly out: string;
  /** Folder of the last checkpoint. */
  readonly checkpoint: string;
  /** Steps of the whole run, and of this part of it. */
  readonly steps: number;
  /** Steps that this call did; less if it went on with a run. */
  readonly stepsNow: number;
  /** Losses of the last step. */
  readonly rec: number;
  /** Alignment loss of the last step; null without the masked branch. */
  readonly align: number | null;
  /** Loss of the last step. */
  readonly loss: number;
  /** Reconstruction loss of a model that predicts each target's mean. */
  readonly meanLevel: number;
  /** Last reconstruction loss on the `val` split; null where there is none. */
  readonly valRec: number | null;
  /** Wall time of this part, and its training images a second. */
  readonly seconds: number;
  /** Median of the steps. */
  readonly imagesPerSecond: number;
}

/**
 * Pretrains. When `signal` fires, the step under way is finished and a checkpoint written before
 * InterruptedError is thrown.
 */
export type Pretrain = (
  request: PretrainRequest,
  observer?: PretrainObserver,
  signal?: AbortSignal,
) => Promise<PretrainResult>;
