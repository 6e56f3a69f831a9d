import assert from "node:assert/strict";
import { Progress, showFigure, showSeconds } from "../../cli/progress.ts";
import { Screen } from "../../cli/screen.ts";
import { Trend } from "../../cli/sparkline.ts";
import { FakeTerminal } from "./fake_terminal.ts";
import { ScreenTerminal } from "./screen_terminal.ts";

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

Deno.test("Progress draws a live view on a terminal, at most ten times a second", () => {
  const terminal = new ScreenTerminal(80);
  const options = { label: "Packing", total: 48, unit: "images" };
  {
    using progress = new Progress(new Screen(terminal), options);
    let draws = terminal.writes;
    for (let i = 1; i <= 24; i++) {
      terminal.time = i * 10;
      progress.update(i);
    }
    draws = terminal.writes - draws;
    assert.equal(draws, 2); // at 100 and 200 ms
    const bar = "\u2501".repeat(10) + "\u2578" + "\u2500".repeat(15);
    assert.deepEqual(terminal.rows(), [
      `Packing ${bar} 20/48 images  41%  100 images/s  0.3 s left`,
    ]);
  }
  assert.deepEqual(terminal.rows(), ["Packing 24/48 images (50%), 100 images/s, in 0.2 s", ""]);
});

Deno.test("Progress shows figures and the course of one below its bar, as many as there is room for", () => {
  const shown = [100, 64, 44, 30].map((columns) => {
    const terminal = new ScreenTerminal(columns);
    const options = { label: "Run", total: 10, unit: "steps", trend: "rec" };
    const progress = new Progress(new Screen(terminal), options);
    for (let i = 1; i <= 5; i++) {
      terminal.time = 1000 * i;
      progress.update(i, { rec: 1 / i, "images/s": 1234, "data wait": "0.1%", memory: "1 GB" });
    }
    return terminal.rows();
  });
  const head = "5/10 steps  50%  1 steps/s  5.0 s left";
  assert.equal(shown[0]![0], `Run ${"\u2501".repeat(16)}${"\u2500".repeat(16)} ${head}`);
  assert.match(
    shown[0]![1]!,
    /^ {2}rec 0\.2000 \u2588[\u2581-\u2588]{4} {2}images\/s 1,234 {2}data wait 0\.1% {2}memory 1 GB$/,
  );
  assert.match(shown[1]![0]!, /^Run \u2501{9}\u2578?\u2500+ 5\/10 steps/);
  assert.match(shown[2]![1]!, /^ {2}rec 0\.2000 .{5} {2}images\/s 1,234$/u);
  assert.equal(shown[2]![0], `Run ${head}`);
  assert.equal(shown[3]![0], `Run ${head}`.slice(0, 29));
});

Deno.test("Progress is drawn anew when the width changes, and leaves nothing behind", () => {
  const terminal = new ScreenTerminal(100);
  const screen = new Screen(terminal);
  screen.line("above");
  {
    using progress = new Progress(screen, { label: "Run", total: 10, unit: "steps" });
    terminal.time = 1000;
    progress.update(5, { rec: 0.5, "images/s": 1234 });
    terminal.resize(40);
    assert.deepEqual(terminal.rows(), [
      "above",
      "Run 5/10 steps  50%  5 steps/s  1.0 s l",
      "  rec 0.5000  images/s 1,234",
    ]);
    terminal.resize(90);
    assert.match(terminal.rows()[1]!, /^Run \u2501+\u2500+ 5\/10 steps {2}50%/);
    assert.equal(terminal.rows().length, 3);
    screen.line("note");
    assert.deepEqual(terminal.rows().map((row) => row.slice(0, 5)), [
      "above",
      "note",
      "Run \u2501",
      "  rec",
    ]);
  }
  assert.equal(
    terminal.rows()[2],
    "Run 5/10 steps (50%), 5 steps/s, in 1.0 s, rec 0.5000, images/s 1,234",
  );
  assert.equal(terminal.listeners, 0);
});

Deno.test("Progress foresees the end by the last ten minutes, not by a pause just now", () => {
  const terminal = new FakeTerminal();
  const progress = new Progress(new Screen(terminal), { label: "Run", total: 1000 });
  for (let second = 1; second <= 100; second++) {
    terminal.time = second * 1000;
    progress.update(second);
  }
  terminal.time = 160_000; // an evaluation
  progress.update(101);
  const last = terminal.stderr.trimEnd().split("\n").at(-1)!;
  assert.match(last, /, 23 min 44 s left$/); // 899 / (101 / 160)
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

Deno.test("Screen.status() writes only over what was there, in one piece", () => {
  const terminal = new ScreenTerminal(20);
  const screen = new Screen(terminal);
  screen.status(["one", "two"]);
  const before = terminal.written.length;
  screen.status(["one", "two"]);
  assert.equal(terminal.written.length, before, "nothing changed");
  screen.status(["uno", "due"]);
  const update = terminal.written.slice(before);
  for (const clearing of ["\x1b[2K", "\x1b[J", "\x1b[2J"]) assert.ok(!update.includes(clearing));
  assert.ok(update.startsWith("\x1b[?2026h") && update.endsWith("\x1b[?2026l"));
  assert.deepEqual(terminal.rows(), ["uno", "due"]);
  screen.status(["only"]);
  assert.deepEqual(terminal.rows(), ["only"]);
  screen.status([]);
  assert.deepEqual(terminal.rows(), [""]);
});

Deno.test("Screen writes no codes where there is no terminal", () => {
  const terminal = new FakeTerminal();
  const screen = new Screen(terminal);
  screen.status(["status"]);
  screen.line("line");
  assert.equal(terminal.stderr, "line\n");
});

Deno.test("Trend shows the course of thousands of values in a few bars", () => {
  const trend = new Trend();
  assert.equal(trend.show(8), "");
  for (let i = 0; i < 5000; i++) trend.add(5000 - i);
  trend.add(NaN);
  assert.equal(trend.show(8), "\u2588\u2588\u2587\u2586\u2584\u2583\u2582\u2581");
  const spike = new Trend();
  for (const value of [900, 8, 7, 6, 5, 4, 3, 2, 1]) spike.add(value);
  assert.equal(spike.show(9), "\u2588\u2588\u2587\u2586\u2585\u2584\u2583\u2582\u2581");
  const flat = new Trend();
  for (let i = 0; i < 3; i++) flat.add(2);
  assert.equal(flat.show(8), "\u2581\u2581\u2581");
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
