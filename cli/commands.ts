/** The subcommands, in the order that help lists them. A new one is a file and a line here. */
import type { Subcommand } from "./command.ts";

/** Every subcommand. */
export const COMMANDS: readonly Subcommand[] = [];
