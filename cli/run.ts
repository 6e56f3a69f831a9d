/** From arguments to an exit code: understand them, run the command, print what it ends with. */
import type { Invocation, Report, Subcommand } from "./command.ts";
import { createContext } from "./context.ts";
import { EXIT, exitCode } from "./exit.ts";
import { parse } from "./parse.ts";
import { Signals } from "./signals.ts";
import { systemTerminal, type Terminal } from "./terminal.ts";

/** What a run of the command line stands on. */
export interface MainOptions {
  readonly commands: readonly Subcommand[];
  /** Default: the process's streams. */
  readonly terminal?: Terminal;
}

/** Runs one command line. @returns the exit code; it does not exit itself. */
export async function main(args: readonly string[], options: MainOptions): Promise<number> {
  const { commands, terminal = systemTerminal() } = options;
  const parsed = parse(args, { commands, terminal });
  switch (parsed.kind) {
    case "shown":
      return parsed.code;
    case "wrong":
      fail(terminal, { ...parsed, code: EXIT.usage });
      return EXIT.usage;
    case "invocation":
      return await invoke(parsed.invocation, terminal);
  }
}

async function invoke(invocation: Invocation, terminal: Terminal): Promise<number> {
  const { command, json, run } = invocation;
  using signals = new Signals();
  let report: Report;
  try {
    report = await run(createContext(terminal, signals.signal));
  } catch (error) {
    const code = exitCode(error);
    const message = error instanceof Error ? error.message || error.name : String(error);
    fail(terminal, { command, json, message, code });
    if (Deno.env.get("CCMIM_DEBUG") === "1") terminal.err(`${showStack(error)}\n`);
    return code;
  }
  terminal.out(`${json ? JSON.stringify(report.json) : report.text}\n`);
  return report.code ?? EXIT.done;
}

/** One line on standard error and, with `--json`, one object on standard output. */
function fail(
  terminal: Terminal,
  error: { command?: string | undefined; json: boolean; message: string; code: number },
): void {
  const message = error.message.trim().replaceAll(/\s*\n\s*/g, " ");
  terminal.err(`${["ccmim", error.command].filter(Boolean).join(" ")}: ${message}\n`);
  if (error.json) {
    terminal.out(`${JSON.stringify({ error: { message, code: error.code } })}\n`);
  }
}

/** The stack of an error and of what caused it. */
function showStack(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack ?? error.message;
  return error.cause === undefined ? own : `${own}\nCaused by: ${showStack(error.cause)}`;
}
