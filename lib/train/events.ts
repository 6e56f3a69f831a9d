/** What a pretraining run is asked, what it tells while it runs, and what it ends with. */
import type { PretrainConfig, PretrainOptions } from "../recipes/mod.ts";
import type { BatchTrial } from "./batch_search.ts";
import type { RunMemory } from "./memory.ts";

/** A run to start or to go on with. */
export interface PretrainRequest {
  /** Folder of the packed dataset. */
  readonly data: string;
  /** Folder of the run: config.json, metrics.jsonl, checkpoints. */
  readonly out: string;
  readonly options: PretrainOptions;
  /**
   * On a GPU, whether to fail if ONNX Runtime puts a node with more than scalars and shapes on the host. Default
   * true.
   */
  readonly strictDevice?: boolean;
  /** Threads that read images ahead of the step; the result does not depend on it. As many as the dataset needs unless given. */
  readonly dataWorkers?: number;
  /** Go on from the run's last checkpoint. Options that are given must agree with the run's. */
  readonly resume: boolean;
}

/** Known once the graphs are built, before the first step. */
export interface RunStart {
  readonly config: PretrainConfig;
  /** The device and why it was taken, in one line. */
  readonly device: string;
  /** Memory that the run is foreseen to take, and what there is. */
  readonly memory: RunMemory;
  /** Provider of ONNX Runtime -> nodes of the run's graphs that it runs. */
  readonly nodes: Readonly<Record<string, number>>;
  /** Trained numbers, decoder and projector included. */
  readonly parameters: number;
  /** Images of the two splits. */
  readonly trainCount: number;
  readonly valCount: number;
  /** Optimiser steps already done: 0 unless resumed. */
  readonly step: number;
  /** Reconstruction loss of a model that predicts each target's mean. */
  readonly meanLevel: number;
}

/** One optimiser step; a line of metrics.jsonl. Losses are means over the step's micro-batches. */
export interface StepMetrics {
  /** Steps done, this one included. */
  readonly step: number;
  /** Epoch of the step, counted from 0. */
  readonly epoch: number;
  /** Reconstruction loss. */
  readonly rec: number;
  /** Alignment loss before its weight; null without the masked branch. */
  readonly align: number | null;
  /** `rec + weight * align`. */
  readonly loss: number;
  /** L2 norm of the whole gradient before clipping. */
  readonly gradNorm: number;
  /** With float16: the loss scale of the next step, and whether this one changed nothing because its gradient overflowed. */
  readonly lossScale?: number;
  readonly skipped?: boolean;
  readonly lr: number;
  readonly imagesPerSecond: number;
  /** Share of the step's time spent waiting for data, in [0, 1]. */
  readonly dataWait: number;
  /** Resident memory of the process in bytes. */
  readonly memory: number;
}

/** The end of an epoch. */
export interface EpochMetrics {
  /** Steps done. */
  readonly step: number;
  /** Epoch that ended, counted from 0. */
  readonly epoch: number;
  /** Reconstruction loss on the `val` split; null where there is none. */
  readonly valRec: number | null;
}

/** Told about a run as it happens, in order. What is left out is not told. */
export interface PretrainObserver {
  /** With the batch `auto`: a micro-batch has been tried. */
  trial?(trial: BatchTrial): void;
  start?(event: RunStart): void;
  step?(metrics: StepMetrics): void;
  epoch?(metrics: EpochMetrics): void;
  /** A checkpoint has been written whole. */
  checkpoint?(path: string, step: number): void;
  warning?(text: string): void;
}

/** What the thread that trains tells: all but what came before. */
export type RunObserver = Required<Omit<PretrainObserver, "trial">>;

/** How a finished run ended. */
export interface PretrainResult {
  /** Folder of the run. */
  readonly out: string;
  /** Folder of the last checkpoint. */
  readonly checkpoint: string;
  /** Steps of the whole run, and of this part of it. */
  readonly steps: number;
  readonly stepsNow: number;
  /** Losses of the last step. */
  readonly rec: number;
  readonly align: number | null;
  readonly loss: number;
  /** Reconstruction loss of a model that predicts each target's mean. */
  readonly meanLevel: number;
  /** Last reconstruction loss on the `val` split; null where there is none. */
  readonly valRec: number | null;
  /** Wall time of this part, and its training images a second. */
  readonly seconds: number;
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
