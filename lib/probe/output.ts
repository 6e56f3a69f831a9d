/** The folder that a probe writes. */
import {
  checkFolderPlace,
  checkPlace,
  exists,
  replaceFolderAtomically,
  writeAtomically,
  writeDurably,
} from "../files/mod.ts";
import { ConfigError } from "../recipes/mod.ts";
import { FILES, type ProbeReport, reportFiles } from "./report.ts";

/** What a probe's folder may hold beside its report: what training leaves. */
const OTHERS = /^(config\.json|metrics\.jsonl|checkpoints|seed-\d+|\..+)$/;

/** True if the folder holds what a probe writes, and nothing that a probe does not. */
function isProbe(folder: string): boolean {
  if (!Deno.statSync(folder).isDirectory) return false;
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
  const files: readonly string[] = Object.values(FILES);
  if (!names.every((name) => files.includes(name) || OTHERS.test(name))) return false;
  const command = commandOf(folder);
  if (command !== null) return command === "probe";
  return names.some((name) => name === FILES.report || commandOf(`${folder}/${name}`) === "probe");
}

function commandOf(folder: string): unknown {
  try {
    return JSON.parse(Deno.readTextFileSync(`${folder}/config.json`)).command;
  } catch {
    return null;
  }
}

/**
 * Refuses a folder that cannot be written.
 *
 * @throws {ConfigError} if there is something that may not be replaced, or a file on the way.
 * @throws {WriteError} if nothing can be written there.
 */
export function checkOutput(
  out: string,
  { force, resume, isRun }: {
    readonly force: boolean;
    readonly resume: boolean;
    /** Whether what is written goes into the folder, if there is one, and does not take its place. */
    readonly isRun: boolean;
  },
): void {
  (isRun ? checkFolderPlace : checkPlace)(out);
  if (!exists(out) || isEmptyFolder(out)) return;
  if (resume && Deno.statSync(out).isDirectory) return;
  if (!force) {
    throw new ConfigError(
      `Cannot write a probe to ${out}: it exists; use --force to replace it, or name another folder`,
    );
  }
  if (!isProbe(out)) {
    throw new ConfigError(`Cannot replace ${out}: it is no probe's folder; name another one`);
  }
}

function isEmptyFolder(path: string): boolean {
  return Deno.statSync(path).isDirectory &&
    Deno.readDirSync(path)[Symbol.iterator]().next().done === true;
}

/** Removes what is in a probe's folder that {@linkcode checkOutput} lets replace, where one that trains needs its place. */
export function clearOutput(out: string): void {
  if (!exists(out)) return;
  for (const { name } of [...Deno.readDirSync(out)]) {
    Deno.removeSync(`${out}/${name}`, { recursive: true });
  }
}

/** Writes a report as a new folder, in place of a probe that was there. */
export function writeProbe(out: string, report: ProbeReport): void {
  replaceFolderAtomically(out, (temporary) => {
    for (const [name, bytes] of reportFiles(report)) writeDurably(`${temporary}/${name}`, [bytes]);
  });
}

/** Writes a report into the folder of a training run, `probe.json` last. */
export function addReport(out: string, report: ProbeReport): void {
  for (const [name, bytes] of reportFiles(report)) writeAtomically(`${out}/${name}`, [bytes]);
}
