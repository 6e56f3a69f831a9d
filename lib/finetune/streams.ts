/** What a run reads: images to train on, and those that judge. */
import { evaluationCrop, type LoaderTask, planLoader } from "../data/mod.ts";
import { planTraining, type ReadingOptions, type TrainTask, workersOf } from "../train/mod.ts";
import type { FinetuneConfig } from "./config.ts";
import { pathDraws } from "./drop_path.ts";
import type { FinetuneTaskFacts } from "./finetune_job.ts";
import { startTensors } from "./start.ts";
import type { FinetuneSubject, LabelledImages } from "./subject.ts";

/** Pixels a side of the images of a training batch: data workers that augment make them of the size that is trained on. */
export function readSize(
  { augment, model }: FinetuneConfig,
  { storedSize }: { readonly storedSize: number },
): number {
  return augment === null ? storedSize : model.imageSize;
}

/** Plans what is read after some steps. @throws {DataError} if the dataset cannot be opened. */
export function planStreams(
  dataset: string,
  { config, subject }: { readonly config: FinetuneConfig; readonly subject: FinetuneSubject },
  reading: ReadingOptions,
): Pick<TrainTask<FinetuneConfig, FinetuneTaskFacts>, "streams" | "facts" | "storedSize"> {
  const { model, batch, augment, mix, dropPath, crop } = config;
  const { train, validation, test, encoder, facts: { storedSize } } = subject;
  const { imageSize } = model;
  const judging = { dataset, batch, imageSize, storedSize };
  return {
    storedSize: readSize(config, { storedSize }),
    facts: {
      initial: startTensors(encoder, model),
      storedSize,
      labels: { validation: validation.labels, test: test?.labels ?? null },
    },
    streams: {
      train: planTraining(config, {
        dataset,
        samples: train.samples,
        tokens: 0,
        labels: true,
        draws: pathDraws(dropPath, model.depth),
        mix,
        augment,
        crop,
      }, reading),
      validation: planJudging(validation, judging, reading),
      ...test === null ? {} : { test: planJudging(test, judging, reading) },
    },
  };
}

/** What reads images to be judged by: each of them once in a pass, in their order. */
export function planJudging(
  { split, samples }: LabelledImages,
  { dataset, batch, imageSize, storedSize }: {
    readonly dataset: string;
    readonly batch: number;
    readonly imageSize: number;
    readonly storedSize: number;
  },
  reading: Pick<ReadingOptions, "dataWorkers">,
): LoaderTask {
  return planLoader({
    ...workersOf(reading),
    dataset,
    split,
    samples,
    batch,
    fill: true,
    shuffle: false,
    seed: 0,
    tokens: 0,
    crop: evaluationCrop(imageSize, storedSize),
    slots: 2,
  });
}
