/** Runs in one folder, which all tests of a file share. */
import { pretrain } from "../../lib/train/mod.ts";
import { Runs } from "./_runs.ts";

let runs: Runs;
let whole: ReturnType<typeof pretrain> | null = null;
Deno.test.beforeAll(() => void (runs = new Runs()));
Deno.test.afterAll(() => runs[Symbol.dispose]());

/** The path of a run, or of a dataset. */
export const pathOf = (name: string): string => `${runs.folder}/${name}`;
export const request: Runs["request"] = (...args) => runs.request(...args);
export const here: Runs["here"] = (...args) => runs.here(...args);
export const metrics: Runs["metrics"] = (name) => runs.metrics(name);
export const checkpoints: Runs["checkpoints"] = (name) => runs.checkpoints(name);
export const assertSameRun: Runs["assertSameRun"] = (...names) => runs.assertSameRun(...names);

/** The uninterrupted run `whole` that others are compared with, made once. */
export const wholeRun = () => whole ??= pretrain(request("whole"));
