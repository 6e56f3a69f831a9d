/** Runs ccmim's command lines as if they were typed. */
import { COMMANDS } from "../../cli/commands.ts";
import { main } from "../../cli/run.ts";
import { systemTerminal } from "../../cli/terminal.ts";

/** Runs one, with what it ends with on standard error. It ends the process where the command fails. */
export async function run(...args: string[]): Promise<void> {
  const terminal = systemTerminal();
  await execute(args, args, terminal.err);
}

/** Runs one, and gives what it prints with `--json`. It ends the process where the command fails. */
export async function runForJson<T>(...args: string[]): Promise<T> {
  let out = "";
  await execute(args, [...args, "--json"], (text) => out += text);
  return JSON.parse(out);
}

async function execute(
  shown: readonly string[],
  args: readonly string[],
  out: (text: string) => void,
): Promise<void> {
  const terminal = systemTerminal();
  terminal.err(`\n$ ccmim ${shown.join(" ")}\n`);
  const code = await main(args, { commands: COMMANDS, terminal: { ...terminal, out } });
  if (code !== 0) Deno.exit(code);
}
