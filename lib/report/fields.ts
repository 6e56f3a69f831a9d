/** What the metrics are called in a report; docs/metrics.md says it at length. */

/** A metric in words. */
export interface FieldText {
  readonly title: string;
  readonly unit: string;
  /** What it means, in a sentence. */
  readonly note: string;
  /** Under which heading it comes. */
  readonly group: "learning" | "speed";
  /** Factor to the unit; 1 unless given. */
  readonly factor?: number;
}

const FIELDS: Readonly<Record<string, FieldText>> = {
  loss: { title: "Loss", unit: "", note: "What is minimised.", group: "learning" },
  rec: {
    title: "Reconstruction loss",
    unit: "",
    note:
      "Squared error of masked patches while training; about 1 is what predicting each patch's mean gives.",
    group: "learning",
  },
  val_rec: {
    title: "Held-out reconstruction loss",
    unit: "",
    note: "The same on images that are not trained on, always with the same crops and masks.",
    group: "learning",
  },
  knn_top1: {
    title: "Nearest neighbours while training",
    unit: "%",
    note: "Share of a small fixed subset whose class its 20 nearest neighbours tell.",
    group: "learning",
    factor: 100,
  },
  val_top1: {
    title: "Accuracy while fine-tuning",
    unit: "%",
    note: "Top-1 of the images that choose the best epoch: val, else held-out training images.",
    group: "learning",
    factor: 100,
  },
  val_top5: {
    title: "Top-5 accuracy while fine-tuning",
    unit: "%",
    note: "The same, counting the five classes that scored highest.",
    group: "learning",
    factor: 100,
  },
  val_loss: {
    title: "Held-out cross-entropy",
    unit: "nats",
    note: "Of the same images, without smoothing or mixing.",
    group: "learning",
  },
  align: {
    title: "Alignment loss",
    unit: "",
    note: "Contrast of the visible with the masked half, before its weight.",
    group: "learning",
  },
  grad_norm: {
    title: "Gradient norm",
    unit: "",
    note: "L2 norm of the whole gradient before clipping.",
    group: "learning",
  },
  lr: { title: "Learning rate", unit: "", note: "Of each step.", group: "learning" },
  loss_scale: {
    title: "Loss scale",
    unit: "",
    note: "Factor of the loss in float16.",
    group: "learning",
  },
  images_per_second: {
    title: "Throughput",
    unit: "images/s",
    note: "Training images over a step's wall time.",
    group: "speed",
  },
  data_wait: {
    title: "Wait for data",
    unit: "% of the step",
    note: "Share of a step's wall time spent waiting for the data worker.",
    group: "speed",
    factor: 100,
  },
  memory: {
    title: "Memory",
    unit: "GB",
    note: "Resident memory of the process.",
    group: "speed",
    factor: 1e-9,
  },
};

/** Fields that are no curves. */
const LEFT_OUT: readonly string[] = ["epoch"];

/** A metric in words; one that nobody described by its own name. Null for what is no curve. */
export function fieldText(name: string): FieldText | null {
  if (LEFT_OUT.includes(name)) return null;
  return FIELDS[name] ??
    { title: name.replaceAll("_", " "), unit: "", note: "", group: "learning" };
}

/** The order in which metrics are shown: known ones as listed above, then others. */
export function inOrder(names: Iterable<string>): string[] {
  const known = Object.keys(FIELDS);
  const place = (name: string) => known.includes(name) ? known.indexOf(name) : known.length;
  return [...new Set(names)].sort((a, b) => place(a) - place(b) || (a < b ? -1 : 1));
}
