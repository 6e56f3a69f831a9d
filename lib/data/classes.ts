/** The classes of all sources together. */
import { DataError } from "./error.ts";
import type { SplitName } from "./manifest.ts";

/** What is known of the classes of one source. */
export interface ClassesOfSource {
  /** Names as the source spells them, and the splits in which they have images. */
  readonly used: ReadonlyMap<string, ReadonlySet<SplitName>>;
  /** All names in the order of their numbers, if the source lists them. */
  readonly listed?: readonly string[];
}

/** A class's name as it is compared and stored: file systems spell accents in two ways (Unicode's forms C and D). */
export function className(name: string): string {
  return name.normalize("NFC");
}

/**
 * Names of the classes in the order of their labels. Classes of several sources that have one name are one. If every source that
 * has any lists the same names, theirs is the order; else they are sorted, as numbers if all are.
 *
 * @throws {DataError} if a source spells one name in two ways, or `val` or `test` has a class that `train`, which has some, has not.
 */
export function mergeClasses(sources: readonly ClassesOfSource[]): string[] {
  for (const { used } of sources) checkSpelling([...used.keys()]);
  checkKnown(sources);
  const labelled = sources.filter(({ used, listed }) => used.size > 0 || listed !== undefined);
  const lists = labelled.map(({ listed }) => listed?.map(className));
  const [first] = lists;
  if (first !== undefined && lists.every((list) => list?.join("\0") === first.join("\0"))) {
    return first;
  }
  const names = labelled.flatMap(({ used, listed = [] }) => [...used.keys(), ...listed]);
  return sorted(new Set(names.map(className)));
}

/**
 * Names of classes that are there already, which keep their labels, and then those that the sources add, in the order that
 * they would have on their own.
 *
 * @throws {DataError} as `mergeClasses` does, where those that are there are of `train`.
 */
export function extendClasses(
  known: readonly string[],
  sources: readonly ClassesOfSource[],
): string[] {
  if (known.length === 0) return mergeClasses(sources);
  const used = new Map(known.map((name) => [name, new Set(["train"] as const)]));
  const all = mergeClasses([...sources, { used }]);
  const labelled = new Set(known);
  return [...known, ...all.filter((name) => !labelled.has(name))];
}

/** Names of a list in which a name may stand twice: the second gets its number. */
export function distinct(names: readonly string[]): string[] {
  const seen = new Set<string>();
  return names.map((name, number) => {
    const free = seen.has(className(name)) ? `${name} (${number})` : name;
    seen.add(className(free));
    return free;
  });
}

/** Pairs of names that differ only in case, which is most often a mistake. */
export function sameButCase(names: readonly string[]): [string, string][] {
  const first = new Map<string, string>();
  return names.flatMap((name): [string, string][] => {
    const key = name.toLowerCase();
    const other = first.get(key);
    if (other !== undefined) return [[other, name]];
    first.set(key, name);
    return [];
  });
}

function sorted(names: ReadonlySet<string>): string[] {
  const list = [...names].sort();
  if (list.every((name) => /^\d{1,15}$/.test(name))) list.sort((a, b) => Number(a) - Number(b));
  return list;
}

function checkSpelling(names: readonly string[]): void {
  const spellings = new Map<string, string>();
  for (const name of names) {
    const other = spellings.get(className(name));
    if (other !== undefined) {
      throw new DataError(
        `Cannot tell the classes: "${other}" and "${name}" are one name in two spellings of Unicode (${
          [other, name].map((name) => `${new TextEncoder().encode(name).length} bytes`).join(", ")
        }); merge them`,
      );
    }
    spellings.set(className(name), name);
  }
}

/** Where there are training classes, other splits may have no other ones. */
function checkKnown(sources: readonly ClassesOfSource[]): void {
  const [train, others] = [new Set<string>(), new Set<string>()];
  for (const { used, listed = [] } of sources) {
    listed.forEach((name) => train.add(className(name)));
    for (const [name, splits] of used) {
      if (splits.has("train")) train.add(className(name));
      else others.add(className(name));
    }
  }
  const unknown = train.size === 0
    ? undefined
    : [...others].sort().find((name) => !train.has(name));
  if (unknown === undefined) return;
  throw new DataError(`Cannot use class "${unknown}" of val or test: train has none`);
}
