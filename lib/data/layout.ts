/** From paths to splits and classes. */
import { DataError } from "./error.ts";
import { type SplitName, SPLITS } from "./manifest.ts";

/** Where one image belongs. */
export interface Place {
  readonly split: SplitName;
  /** Position in the list of classes; -1 = unlabelled. */
  readonly label: number;
}

/** What the paths of a source say together. */
export interface Layout {
  /** Sorted names; empty if no image has a class. */
  readonly classes: readonly string[];
  /** True if the source itself has a validation split. */
  readonly hasVal: boolean;
  /** How many characters at the start of every path are the one folder that holds all. */
  readonly prefix: number;
  place(path: string): Place;
}

/** Extensions of image files, lower case. */
const EXTENSIONS = { jpeg: [".jpg", ".jpeg"], other: [".png", ".webp"] } as const;

/** True if the name says that it is an image which a decoder that reads only JPEG, or more, can read. */
export function isImagePath(path: string, decodes: "jpeg" | "all"): boolean {
  const name = path.toLowerCase();
  const ends = (extension: string) => name.endsWith(extension);
  return EXTENSIONS.jpeg.some(ends) || (decodes === "all" && EXTENSIONS.other.some(ends));
}

/**
 * Finds splits and classes in the paths of all images. One folder that holds everything is left out, unless
 * it is a split. Then either all images lie in `train`, `val` and `test` folders, or none does and all are
 * `train`. Within a split, either all lie in class folders (at any depth below them) or none does.
 *
 * @throws {DataError} if there are no paths, or they are laid out in some other way.
 */
export function layoutOf(paths: readonly string[]): Layout {
  if (paths.length === 0) throw new DataError("Cannot find any image in the source");
  const prefix = commonFolder(paths);
  const parts = (path: string) => path.slice(prefix).split("/");
  const firstWith = (test: (path: string) => boolean) => paths.find(test);

  const inSplit = (path: string) => parts(path).length > 1 && isSplit(parts(path)[0]!);
  const split = firstWith(inSplit);
  const stray = firstWith((path) => !inSplit(path));
  if (split !== undefined && stray !== undefined) {
    throw new DataError(
      `Cannot tell the splits: ${split} is in a split's folder and ${stray} is not; put all images into train, val and test, or none`,
    );
  }
  const locate = (path: string) => {
    const rest = parts(path);
    const name = split === undefined ? "train" : rest.shift() as SplitName;
    return { split: name, className: rest.length > 1 ? rest[0]! : undefined };
  };

  const classes = new Map<SplitName, { names: Set<string>; inClass?: string; outside?: string }>();
  for (const path of paths) {
    const { split, className } = locate(path);
    const seen = classes.get(split) ?? { names: new Set() };
    classes.set(split, seen);
    if (className === undefined) seen.outside ??= path;
    else seen.names.add(className), seen.inClass ??= path;
    if (seen.outside === undefined || seen.inClass === undefined) continue;
    throw new DataError(
      `Cannot tell the classes: ${seen.inClass} is in a class's folder and ${seen.outside} is not`,
    );
  }
  const names = [...new Set([...classes.values()].flatMap(({ names }) => [...names]))].sort();
  checkKnown(classes.get("train")?.names, names);
  const labels = new Map(names.map((name, label) => [name, label]));
  return {
    classes: names,
    hasVal: classes.has("val"),
    prefix,
    place: (path) => {
      const { split, className } = locate(path);
      return { split, label: className === undefined ? -1 : labels.get(className)! };
    },
  };
}

/** Where there are training classes, other splits may have no other ones. */
function checkKnown(train: ReadonlySet<string> | undefined, names: readonly string[]): void {
  if (train === undefined || train.size === 0) return;
  const unknown = names.find((name) => !train.has(name));
  if (unknown === undefined) return;
  throw new DataError(`Cannot use class folder "${unknown}" of val or test: train has none`);
}

function isSplit(name: string): name is SplitName {
  return (SPLITS as readonly string[]).includes(name);
}

/** Length of the one leading folder that all paths share, its `/` included; 0 if it is a split. */
function commonFolder(paths: readonly string[]): number {
  const first = paths[0]!;
  const length = first.indexOf("/") + 1;
  const folder = first.slice(0, length);
  if (length === 0 || isSplit(folder.slice(0, -1))) return 0;
  return paths.every((path) => path.startsWith(folder)) ? length : 0;
}
