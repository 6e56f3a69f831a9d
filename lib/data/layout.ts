/** From paths to splits and classes. */
import { DataError } from "./error.ts";
import { type SplitName, SPLITS } from "./manifest.ts";

/** Where one image belongs. */
export interface Place {
  readonly split: SplitName;
  /** `undefined` = unlabelled. */
  readonly className: string | undefined;
}

/** What the paths of a source say together. */
export interface Layout {
  /** How many characters at the start of every path are the one folder that holds all. */
  readonly prefix: number;
  place(path: string): Place;
  /** The class whose folder a path is; `undefined` if it is none. */
  classOfFolder(path: string): string | undefined;
}

/** What the names of image files end in, lower case. */
const EXTENSIONS = [".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".avif", ".gif"] as const;

/** True if the name says that it is an image. */
export function isImagePath(path: string): boolean {
  const name = path.toLowerCase();
  return EXTENSIONS.some((extension) => name.endsWith(extension));
}

/**
 * Finds splits and classes in the paths of all images. One folder that holds everything is left out, unless
 * it is a split. Then either all images lie in `train`, `val` and `test` folders, or none does and all are
 * `train`. Within a split, either all lie in class folders (at any depth below them) or none does.
 *
 * @throws {DataError} if they are laid out in some other way.
 */
export function layoutOf(paths: readonly string[]): Layout {
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

  const seen = new Map<SplitName, { inClass?: string; outside?: string }>();
  for (const path of paths) {
    const { split, className } = locate(path);
    const examples = seen.get(split) ?? {};
    seen.set(split, examples);
    if (className === undefined) examples.outside ??= path;
    else examples.inClass ??= path;
    if (examples.outside === undefined || examples.inClass === undefined) continue;
    throw new DataError(
      `Cannot tell the classes: ${examples.inClass} is in a class's folder and ${examples.outside} is not`,
    );
  }
  const labelled = [...seen.values()].some(({ inClass }) => inClass !== undefined);
  return {
    prefix,
    place: locate,
    classOfFolder: (path) => {
      if (!labelled || !`${path}/`.startsWith(paths[0]!.slice(0, prefix))) return undefined;
      const [first, second] = parts(`${path}/`).filter((part) => part !== "");
      if (split === undefined) return first;
      return first !== undefined && isSplit(first) ? second : undefined;
    },
  };
}

function isSplit(name: string): name is SplitName {
  return (SPLITS as readonly string[]).includes(name);
}

/** Length of the one leading folder that all paths share, its `/` included; 0 if it is a split. */
function commonFolder(paths: readonly string[]): number {
  const first = paths[0] ?? "";
  const length = first.indexOf("/") + 1;
  const folder = first.slice(0, length);
  if (length === 0 || isSplit(folder.slice(0, -1))) return 0;
  return paths.every((path) => path.startsWith(folder)) ? length : 0;
}
