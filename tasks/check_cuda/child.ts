/** Processes that print a line of JSON. */

/**
 * Runs a command and reads the last line that it prints as JSON.
 *
 * @throws {Error} with the end of what it wrote to standard error, if it fails.
 */
export async function readJsonLine(
  command: string,
  args: readonly string[],
  options: Deno.CommandOptions = {},
): Promise<unknown> {
  const { code, stdout, stderr } = await new Deno.Command(command, { args: [...args], ...options })
    .output();
  const decoder = new TextDecoder();
  if (code !== 0) {
    const words = decoder.decode(stderr).trim().split("\n").slice(-3).join(" ").slice(-500);
    throw new Error(`it ended with ${code}: ${words}`);
  }
  return JSON.parse(decoder.decode(stdout).trim().split("\n").at(-1)!);
}
