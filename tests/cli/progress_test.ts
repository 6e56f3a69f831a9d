import assert from "node:assert/strict";
import { Progress, showFigure, showSeconds } from "../../cli/progress.ts";
import { Screen } from "../../cli/screen.ts";
import { FakeTerminal } from "./fake_terminal.ts";

const CLEAR = "\r\x1b[2K";

Deno.test("Progress prints a line every 5 s where there is no terminal", () => {
  const terminal = new FakeTerminal();
  const progress = new Progress(new Screen(terminal), {
    label: "Packing",
    total: 2000,
    unit: "images",
  });
  for (let second = 1; second <= 11; second++) {
    terminal.time = second * 1000;
    progress.update(second * 100, { bad: 1 });
  }
  progress[Symbol.dispose]();
  assert.deepEqual(terminal.stderr.split("\n"), [
    "Packing 0/2,000 images (0%)",
    "Packing 500/2,000 images (25%), 100 images/s, 15.0 s left, bad 1",
    "Packing 1,000/2,000 images (50%), 100 images/s, 10.0 s left, bad 1",
    "Packing 1,100/2,000 images (55%), 100 images/s, in 11.0 s, bad 1",
    "",
  ]);
  assert.equal(terminal.stdout, "");
});

Deno.test("Progress draws over a bar on a terminal, at most ten times a second", () => {
  const terminal = new FakeTerminal(true);
  {
    using progress = new Progress(new Screen(terminal), { label: "Packing", total: 48 });
    for (let i = 1; i <= 24; i++) {
      terminal.time = i * 10;
      progress.update(i);
    }
  }
  const draws = terminal.stderr.split(CLEAR).slice(1);
  assert.equal(draws.length, 4); // the first, at 100 and 200 ms, and the removal before the line that stays
  assert.match(draws[2]!, /^Packing \[={10} {14}\] 20\/48 \(41%\), 100\/s, 0\.3 s left$/);
  assert.equal(draws[3]!.startsWith("Packing 24/48 (50%)"), true);
  assert.ok(terminal.stderr.endsWith("\n"));
});

Deno.test("Progress shortens its bar, then leaves it out, where the figures need the room", () => {
  const drawn = [80, 60, 52, 40].map((columns) => {
    const terminal = new FakeTerminal(true, columns);
    const progress = new Progress(new Screen(terminal), { label: "Run", total: 10, unit: "steps" });
    terminal.time = 1000;
    progress.update(5, { rec: 0.5 });
    return terminal.stderr.split(CLEAR).at(-1);
  });
  const figures = "5/10 steps (50%), 5 steps/s, 1.0 s left, rec 0.5000";
  assert.deepEqual(drawn, [
    `Run [${"=".repeat(10)}${" ".repeat(11)}] ${figures}`,
    `Run ${figures}`,
    `Run ${figures}`.slice(0, 51),
    `Run ${figures}`.slice(0, 39),
  ]);
});

Deno.test("Progress counts its rate from where a resumed run began", () => {
  const terminal = new FakeTerminal();
  const progress = new Progress(new Screen(terminal), { label: "Run", total: 1000, start: 900 });
  terminal.time = 10_000;
  progress.update(910);
  assert.match(terminal.stderr, /910\/1,000 \(91%\), 1\/s, 1 min 30 s left/);
});

Deno.test("Progress without a total shows neither share nor time left", () => {
  const terminal = new FakeTerminal();
  const progress = new Progress(new Screen(terminal), { label: "Reading", unit: "files" });
  terminal.time = 5000;
  progress.update(50);
  assert.equal(terminal.stderr, "Reading 0 files\nReading 50 files, 10 files/s\n");
});

Deno.test("Progress forgets the rate of long ago", () => {
  const terminal = new FakeTerminal();
  const progress = new Progress(new Screen(terminal), { label: "Run", unit: "steps" });
  let done = 0;
  for (let second = 5; second <= 100; second += 5) {
    terminal.time = second * 1000;
    progress.update(done += second <= 50 ? 5 : 50);
  }
  assert.match(terminal.stderr.trimEnd().split("\n").at(-1)!, /, 10 steps\/s$/);
});

Deno.test("Screen.line() stays above the status line", () => {
  const terminal = new FakeTerminal(true, 10);
  const screen = new Screen(terminal);
  screen.status("0123456789abc");
  screen.line("note");
  assert.equal(
    terminal.stderr,
    `${CLEAR}012345678${CLEAR}note\n${CLEAR}012345678`,
  );
});

Deno.test("showFigure() has about four digits", () => {
  assert.deepEqual([0, 0.73125, 12.3456, 123.45, 1234.5, 3.1e-5, 7].map(showFigure), [
    "0",
    "0.7313",
    "12.35",
    "123.5",
    "1,235",
    "3.10e-5",
    "7",
  ]);
});

Deno.test("showSeconds() goes from seconds to hours", () => {
  assert.deepEqual([0.04, 59.9, 59.99, 125, 3599.7, 7500].map(showSeconds), [
    "0.0 s",
    "59.9 s",
    "1 min 00 s",
    "2 min 05 s",
    "1 h 00 min",
    "2 h 05 min",
  ]);
});
