/** What the benchmark measures: cases of several kinds of rows, each a process of ours and perhaps one of a peer. */

/** Kinds of rows, in the table's order. */
export const ROWS = [
  "train",
  "features",
  "session",
  "memory",
  "loader",
  "prepare",
  "rewrites",
] as const;

/** Rows that are measured unless others are asked for. What a rewrite gives is asked when one is changed. */
export const DEFAULT_ROWS = ROWS.filter((row) => row !== "rewrites");

/** Kind of row. */
export type RowName = (typeof ROWS)[number];

/** Figures of one turn by their keys. */
export type Figures = Readonly<Record<string, number>>;

/** A figure that is shown. */
export interface Figure {
  readonly row: RowName;
  readonly key: string;
  readonly label: string;
  /** Empty for a share. */
  readonly unit: string;
}

/** Another program that does the same work. */
export interface Peer {
  readonly name: string;
  measure(): Promise<Figures>;
}

/** Something to measure. */
export interface Case {
  readonly name: string;
  readonly figures: readonly Figure[];
  measure(): Promise<Figures>;
  readonly peer?: Peer;
}

/** What the rows are to measure, and how long. */
export interface BenchRequest {
  readonly configs: readonly string[];
  readonly methods: readonly string[];
  /** Seconds that a turn times. */
  readonly seconds: number;
  readonly threads: number;
  /** A minute for everything: fewer images. */
  readonly quick: boolean;
  /** Folder of the PyTorch twin; without it there is no peer. */
  readonly peer: string | undefined;
  /** Python that has PyTorch and Pillow. */
  readonly python: string;
  /** Sources of images for `prepare`; drawn unless given. */
  readonly photographs: string | undefined;
  readonly small: string | undefined;
}

/** Cases whose figures are of the rows asked for; the others' figures are left out. */
export function casesOf(all: readonly Case[], rows: readonly RowName[]): Case[] {
  return all.map((one) => {
    return { ...one, figures: one.figures.filter(({ row }) => rows.includes(row)) };
  }).filter(({ figures }) => figures.length > 0);
}
