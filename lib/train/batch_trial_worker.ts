/** A Worker for one trial: what it allocated is gone when it ends. */
/// <reference lib="deno.worker" />
import { memoryFor, type TrialTask, tryBatch } from "./batch_trial.ts";
import { isOutOfMemory } from "./memory_watch.ts";

/** What the worker answers: images a second, null if memory ran out; or bytes, if it was asked for these. */
export type TrialAnswer =
  | { readonly value: number | null }
  | { readonly error: Error; readonly name: string };

/** What the worker is asked: a trial, or how much memory there is. */
export type TrialQuestion = TrialTask | Pick<TrialTask, "config">;

function answer(question: TrialQuestion): TrialAnswer {
  try {
    const value = "seconds" in question ? tryBatch(question) : memoryFor(question.config);
    return { value };
  } catch (cause) {
    if (isOutOfMemory(cause)) return { value: null };
    const error = cause instanceof Error ? cause : new Error(String(cause));
    return { error, name: error.name };
  }
}

self.onmessage = ({ data }: MessageEvent<TrialQuestion>) => {
  self.postMessage(answer(data));
  self.close();
};
