/** Packed datasets, and the micro-batches that training reads from them. @module */
export { append } from "./append.ts";
export { type AugmentOptions } from "./augment/augmenter.ts";
export { parseRandAugment, type RandAugmentOptions } from "./augment/rand_augment.ts";
export * from "./batch.ts";
export * from "./crop.ts";
export * from "./dataset.ts";
export { planAppend, planPrepare, type PrepareDryRun } from "./dry_run.ts";
export * from "./error.ts";
export * from "./data_workers.ts";
export * from "./loader.ts";
export { type ReadBatch, readBatch } from "./read_batch.ts";
export * from "./manifest.ts";
export * from "./mix.ts";
export * from "./order.ts";
export { type DecoderName, DECODERS, openDecoder } from "./decoder.ts";
export { type ImageBatch, type ImageStreamOptions, streamImages } from "./image_stream.ts";
export type { Index, Sample, Size } from "./index_file.ts";
export { type Fit, FITS } from "./fit.ts";
export { STORES } from "./header.ts";
export { type Picture, type PictureOptions, readPictures } from "./pictures.ts";
export { readAt } from "./positioned.ts";
export { sha256OfFile } from "./named_file.ts";
export * from "./prepare.ts";
export * from "./prepare_options.ts";
export { type LibjpegTurbo, openLibjpegTurbo } from "./libjpeg_turbo.ts";
export { resample, type Resampling, RESAMPLINGS } from "./resample.ts";
export type { BadImage } from "./scan.ts";
export {
  type DamagedFile,
  verifyDataset,
  type VerifyOptions,
  type VerifyResult,
} from "./verify.ts";
export type { Split } from "./split.ts";
export type { Noise } from "./augment/erase.ts";
