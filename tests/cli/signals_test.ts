import assert from "node:assert/strict";
import { Signals } from "../../cli/signals.ts";

Deno.test("Signals asks to stop at the first signal and exits at the second", () => {
  const codes: number[] = [];
  const exit = (code: number) => void codes.push(code);
  using signals = new Signals(exit);
  assert.equal(signals.signal.aborted, false);
  signals.receive("SIGINT", exit);
  assert.throws(() => signals.signal.throwIfAborted(), {
    name: "AbortError",
    message: "Interrupted by SIGINT",
  });
  assert.deepEqual(codes, []);
  signals.receive("SIGTERM", exit);
  signals.receive("SIGINT", exit);
  assert.deepEqual(codes, [143, 130]);
});

Deno.test("a process that is interrupted ends with 75, once its command has stopped", async () => {
  const root = new URL("../../", import.meta.url);
  const script = `
    import { object } from "@optique/core/constructs";
    import { defineCommand } from "${new URL("cli/command.ts", root)}";
    import { main } from "${new URL("cli/run.ts", root)}";
    const wait = defineCommand({
      name: "wait", summary: "Wait", parser: object({}),
      run: (_, context) => new Promise((_, reject) => {
        const timer = setInterval(() => {}, 1000);
        context.signal.onabort = () => {
          clearInterval(timer);
          reject(Object.assign(new Error("Interrupted"), { name: "InterruptedError" }));
        };
        context.note("ready");
      }),
    });
    Deno.exit(await main(["wait"], { commands: [wait] }));`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", `--config=${new URL("deno.json", root).pathname}`, script],
    stdout: "null",
    stderr: "piped",
  }).spawn();
  let said = "";
  for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
    if (said === "" && text.includes("ready")) child.kill("SIGINT");
    said += text;
  }
  assert.equal((await child.status).code, 75);
  assert.equal(said, "ready\nccmim wait: Interrupted\n");
});
