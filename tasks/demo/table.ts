/** The table that the demonstration ends with: what each start was worth, and by how much pretraining beat none. */
import { columns } from "../../cli/table.ts";

/** An accuracy on the test pictures. Shares are in [0, 1]. */
export interface Score {
  readonly top1: number;
  /** 95% interval. */
  readonly top1Interval: readonly [number, number];
  /** Pictures that it was measured on. */
  readonly images: number;
  /** What the accuracy is of. */
  readonly protocol: string;
}

/** What is done with an encoder. */
const MEASURES = { knn: "kNN", linear: "linear probe", tuned: "fine-tuned" } as const;

/** What one start came to. */
export interface Row {
  readonly name: string;
  readonly scores: Readonly<Record<keyof typeof MEASURES, Score>>;
}

const KEYS = Object.keys(MEASURES) as (keyof typeof MEASURES)[];

/**
 * The table's lines.
 *
 * @param rows the one that was not pretrained first.
 * @param classes how many there are, equally frequent.
 */
export function showTable(rows: readonly [Row, ...Row[]], classes: number): string[] {
  const [baseline, ...others] = rows;
  const { images } = baseline.scores.knn;
  const head = (first: string) => [first, ...KEYS.map((key) => MEASURES[key])];
  return [
    `Accuracy in % on ${images.toLocaleString("en")} test pictures of ${classes} classes (chance ${
      percent(1 / classes)
    }), with 95% intervals`,
    "",
    ...columns([
      head("start"),
      ...rows.map(({ name, scores }) => [name, ...KEYS.map((key) => showScore(scores[key]))]),
    ]),
    "",
    `By how many points it beats ${baseline.name}, with 95% intervals`,
    "",
    ...columns([
      head("start"),
      ...others.map(({ name, scores }) => [
        name,
        ...KEYS.map((key) => showMargin(margin(scores[key], baseline.scores[key]))),
      ]),
    ]),
    "",
    ...columns(KEYS.map((key) => [MEASURES[key], protocols(rows, key)])),
  ];
}

/** How they were measured; what differs from one start to the other is said of each. */
function protocols(rows: readonly Row[], key: keyof typeof MEASURES): string {
  return [...new Set(rows.map(({ scores }) => scores[key].protocol))].join("; ");
}

const percent = (share: number) => (100 * share).toFixed(1);
const signed = (share: number) => `${share < 0 ? "" : "+"}${percent(share)}`;

function showScore({ top1, top1Interval: [low, high] }: Score): string {
  return `${percent(top1)} (${percent(low)} to ${percent(high)})`;
}

function showMargin({ points, interval: [low, high] }: Margin): string {
  return `${signed(points)} (${signed(low)} to ${signed(high)})`;
}

/** By how much one share is above another. */
export interface Margin {
  readonly points: number;
  readonly interval: readonly [number, number];
}

/**
 * The difference of two accuracies with its 95% interval, from those of the two (Newcombe 1998, method 10). It takes them for
 * accuracies on different images: on the same ones, the true interval is narrower.
 */
export function margin(a: Score, b: Score): Margin {
  const points = a.top1 - b.top1;
  const [aLow, aHigh] = a.top1Interval, [bLow, bHigh] = b.top1Interval;
  return {
    points,
    interval: [
      points - Math.hypot(a.top1 - aLow, bHigh - b.top1),
      points + Math.hypot(aHigh - a.top1, b.top1 - bLow),
    ],
  };
}
