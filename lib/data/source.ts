/** Where images come from: what all kinds of sources have in common. */
import type { ImageHeader } from "./dimensions.ts";
import type { SplitName } from "./manifest.ts";

/** Where an image belongs, if its source says so. */
export interface GivenPlace {
  readonly split: SplitName;
  /** Name of its class, or its number among the names that the source lists; `undefined` = unlabelled. */
  readonly label: string | number | undefined;
}

/** Where bytes lie on the disk. */
export interface OnDisk {
  /** Path of the file that they are in. */
  readonly file: string;
  /** How many bytes of it lie before them. */
  readonly offset: number;
}

/** A file of a source, or a record that stands for one. */
export interface SourceFile {
  readonly kind: "file";
  /** Path in the source, with `/`. */
  readonly path: string;
  /** Bytes of the file. */
  readonly size: number;
  /** Where it belongs: then it is an image, whatever its name. Left out, the paths say it. */
  readonly place?: GivenPlace;
  /** What its bytes are, if they do not say it themselves. */
  readonly header?: ImageHeader;
  /** Where its bytes lie just as they are, so that others can read them. */
  readonly onDisk?: OnDisk;
  /** The file, or at least its first `atLeast` bytes. Call it before asking for the next entry. */
  read(atLeast?: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** The bytes of a file, or where whoever needs them can read them. */
export type Content = Uint8Array<ArrayBuffer> | OnDisk;

/** The bytes of a file only if they lie nowhere just as they are. */
export async function contentOf({ onDisk, read }: SourceFile): Promise<Content> {
  return onDisk ?? await read();
}

/** What going through a source comes upon. */
export type SourceEntry =
  | SourceFile
  /** An image that cannot be read. */
  | {
    readonly kind: "bad";
    readonly path: string;
    readonly reason: string;
  }
  /** A folder, whether or not there is anything in it. */
  | { readonly kind: "folder"; readonly path: string }
  /** The label of the images whose path without extensions is `key`. */
  | { readonly kind: "label"; readonly key: string; readonly label: string | number }
  /** Names of the classes, in the order of their numbers. */
  | { readonly kind: "classes"; readonly names: readonly string[] }
  | { readonly kind: "warning"; readonly message: string };

/** Entries that can be gone through more than once, in the same order each time. */
export interface Source {
  /** Short name; what its paths start with beside other sources. */
  readonly name: string;
  /** What its images are where only labels are given. */
  readonly split: SplitName;
  entries(): AsyncIterable<SourceEntry>;
}

/** A path that was looked at: what it is called, whether it is gzipped. */
export interface Opened extends Pick<Source, "name" | "split"> {
  readonly path: string;
  readonly gzip: boolean;
}

/** What the paths of each source start with: nothing, unless there are several. */
export function prefixesOf(sources: readonly Source[]): string[] {
  return sources.map(({ name }) => sources.length > 1 ? `${name}/` : "");
}

/** The files of all sources, one source after the other. */
export async function* filesOf(sources: readonly Source[]): AsyncGenerator<SourceFile> {
  const prefixes = prefixesOf(sources);
  for (const [i, source] of sources.entries()) {
    for await (const entry of source.entries()) {
      if (entry.kind === "file") yield { ...entry, path: prefixes[i] + entry.path };
    }
  }
}

/** The split that the first such word of a name says, as in `cc3m-validation-00003.tar`; else `train`. */
export function splitOfName(name: string): SplitName {
  const words = name.toLowerCase().split(/[^a-z0-9]+/);
  return words.map((word) => SPLIT_WORDS.get(word)).find((split) => split !== undefined) ?? "train";
}

/** The split that a word of a table or file name means. */
export const SPLIT_WORDS: ReadonlyMap<string, SplitName> = new Map([
  ["train", "train"],
  ["training", "train"],
  ["val", "val"],
  ["valid", "val"],
  ["validation", "val"],
  ["dev", "val"],
  ["test", "test"],
  ["testing", "test"],
  ["t10k", "test"],
]);
