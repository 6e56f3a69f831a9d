/** Processes that print what they measured. */

/** What a process may use: all cores, or one of them. */
export type Cores = "all" | "one";

/** How a process is run. */
export interface ProcessOptions {
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: Record<string, string>;
  /** All unless given. Holding a process to one takes Linux. */
  readonly cores?: Cores;
}

/**
 * Runs a process to its end.
 *
 * @returns the last line that it prints, as JSON.
 * @throws {Error} if it fails, with the end of what it said.
 */
export async function measured<T>(command: string, options: ProcessOptions): Promise<T> {
  const { args, cores, ...rest } = options;
  const held = cores === "one" && Deno.build.os === "linux" ? ["taskset", "-c", "0"] : [];
  const [program, ...all] = [...held, command, ...args] as [string, ...string[]];
  const child = new Deno.Command(program, { args: all, ...rest });
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  if (code !== 0) {
    throw new Error(
      `${command} ${args[0]} ended with ${code}: ${decoder.decode(stderr).slice(-2000)}`,
    );
  }
  return JSON.parse(decoder.decode(stdout).trim().split("\n").at(-1)!);
}

/** Runs a script of this folder with flags. */
export function measuredHere<T>(
  script: string,
  flags: Readonly<Record<string, string | number>>,
  cores: Cores = "all",
): Promise<T> {
  const path = new URL(script, import.meta.url).pathname;
  const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)]);
  return measured(Deno.execPath(), { args: ["run", "-A", path, ...args], cores });
}
