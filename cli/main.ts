/** The command line: `ccmim <command> [options]`. */
import { COMMANDS } from "./commands.ts";
import { main } from "./run.ts";

if (import.meta.main) Deno.exit(await main(Deno.args, { commands: COMMANDS }));
