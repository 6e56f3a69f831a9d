/** What is written of images, and what writes it. */
import { extname } from "node:path";
import type { Prediction } from "./prediction.ts";

/** Results of a batch. */
export type Rows =
  | {
    readonly names: readonly string[];
    /** `[names, width]`. */
    readonly features: Float32Array;
  }
  | {
    readonly names: readonly string[];
    /** Of each image, the most probable first. */
    readonly predictions: readonly (readonly Prediction[])[];
  };

/** Writes rows. Unless it is finished, disposal removes what was written. */
export interface RowWriter extends Disposable {
  write(rows: Rows): void;
  /** Gives the file, or files, their names. */
  finish(): void;
}

/** What a writer is told. */
export interface WriterOptions {
  /** Numbers of an image's features. */
  readonly width: number;
  /** True for predictions instead of features. */
  readonly predictions: boolean;
  /** Says of the file where it comes from, if it has room for it. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** The file of names beside features that have no room for them: `features.npy` -> `features.names.json`. */
export function namesFile(out: string): string {
  return `${out.slice(0, -extname(out).length)}.names.json`;
}
