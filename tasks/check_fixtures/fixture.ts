/**
 * Folders of reference values: weights.safetensors, images.npy (uint8 `[B, S, S, 3]`), what else a task reads of a batch
 * (noise_steps.npy or labels.npy), and what an independent float64 implementation computes from them: expected.json and
 * expected_f64.safetensors.
 */
import { join } from "node:path";
import { readNpy, readSafetensors, type StoredTensor } from "../../lib/checkpoint/mod.ts";
import type { Device } from "../../lib/runtime/mod.ts";
import type { EncoderConfig } from "../../lib/vit/mod.ts";

/** How to run. */
export interface CheckOptions {
  readonly device?: Device;
  readonly threads?: number;
}

/** What every expected.json holds. */
export interface Expected {
  readonly task: string;
  readonly batch: number;
  readonly steps: number;
  readonly config: Readonly<Record<string, number>>;
  readonly f64: {
    readonly losses: readonly Readonly<Record<string, number>>[];
    readonly optimiser: { readonly lr: number };
  };
}

/** Named tensors. */
export type Reference = ReadonlyMap<string, StoredTensor>;

/** A folder that was read. */
export interface Fixture<E extends Expected> {
  readonly expected: E;
  /** What comes out in float64. */
  readonly reference: Reference;
  /** What it starts from. */
  readonly weights: Reference;
  /** An array of the batch. */
  array(name: string): StoredTensor;
}

/** Reads a folder. @throws {RangeError} if it holds another task. */
export function readFixture<E extends Expected>(folder: string, task: string): Fixture<E> {
  const expected: E = JSON.parse(Deno.readTextFileSync(join(folder, "expected.json")));
  if (expected.task !== task) {
    throw new RangeError(`Cannot check ${folder}: its task is "${expected.task}", not "${task}"`);
  }
  const tensors = (name: string) => readSafetensors(join(folder, `${name}.safetensors`)).tensors;
  return {
    expected,
    reference: tensors("expected_f64"),
    weights: tensors("weights"),
    array: (name) => readNpy(join(folder, `${name}.npy`)),
  };
}

/** Sizes of the encoder. */
export function encoderOf({ config: c }: Pick<Expected, "config">): EncoderConfig {
  return {
    imageSize: c.img!,
    patch: c.patch!,
    width: c.dim!,
    depth: c.depth!,
    heads: c.heads!,
    mlpRatio: c.mlp_ratio!,
  };
}

/** Sizes of the batches, whose images are stored as the model takes them. */
export function batchSizesOf({ batch, config }: Pick<Expected, "batch" | "config">) {
  return { batch, storedSize: config.img!, crop: false };
}
