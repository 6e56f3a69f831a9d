/** Progress of one long task on standard error: a live view on a terminal, now and then a line elsewhere. */
import { figure as showFigure } from "../lib/report/figures.ts";
import { Rate } from "./rate.ts";
import type { Screen } from "./screen.ts";
import { Trend } from "./sparkline.ts";
import { styled, widthOf } from "./style.ts";

export { showFigure };

/** What is counted. */
export interface ProgressOptions {
  /** What is being done: "Packing". */
  readonly label: string;
  /** How many there are to do; left out where nobody knows. */
  readonly total?: number;
  /** What is counted, plural: "images". */
  readonly unit?: string;
  /** How many were done before (a resumed run), so that they do not count for the rate. Default 0. */
  readonly start?: number;
  /** The field whose course is drawn. */
  readonly trend?: string;
}

/** Figures shown beside the bar, in this order. */
export type Fields = Readonly<Record<string, string | number>>;

const DRAW_EVERY = 100; // ms between two draws
const LINE_EVERY = 5000; // ms between two lines
const RATE_WINDOW = 30_000; // ms that the rate looks back
const LEFT_WINDOW = 600_000; // the same for the time left, which pauses between epochs should not shake
const BAR_CELLS = { most: 32, least: 6 } as const;
const TREND_CELLS = 24;

/** A running report. Dispose it to print the last state, as a line that stays. */
export class Progress implements Disposable {
  readonly #screen: Screen;
  readonly #options: ProgressOptions;
  readonly #began: number;
  readonly #start: number;
  readonly #rate: Rate;
  readonly #longRate: Rate;
  readonly #trend = new Trend();
  readonly #unlisten: () => void;
  #done: number;
  #fields: Fields = {};
  #drawn: number;
  #ended = false;

  constructor(screen: Screen, options: ProgressOptions) {
    this.#screen = screen;
    this.#options = options;
    const now = screen.terminal.now();
    this.#began = this.#drawn = now;
    this.#start = this.#done = options.start ?? 0;
    this.#rate = new Rate(RATE_WINDOW, now, this.#done);
    this.#longRate = new Rate(LEFT_WINDOW, now, this.#done);
    this.#unlisten = screen.terminal.onResize?.(() => this.#draw()) ?? (() => {});
    this.#draw();
  }

  /** Sets how many are done so far; shown at most ten times a second on a terminal, else every 5 s. */
  update(done: number, fields: Fields = this.#fields): void {
    this.#done = done;
    this.#fields = fields;
    const value = fields[this.#options.trend ?? ""];
    if (typeof value === "number") this.#trend.add(value);
    const terminal = this.#screen.terminal;
    const now = terminal.now();
    if (now - this.#drawn < (terminal.interactive ? DRAW_EVERY : LINE_EVERY)) return;
    this.#drawn = now;
    this.#rate.add(now, done);
    this.#longRate.add(now, done);
    this.#draw();
  }

  [Symbol.dispose](): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#unlisten();
    this.#screen.status([]);
    const seconds = (this.#screen.terminal.now() - this.#began) / 1000;
    const rate = (this.#done - this.#start) / seconds;
    this.#screen.line(this.#line(rate, `in ${showSeconds(seconds)}`));
  }

  #draw(): void {
    const { total } = this.#options;
    const rate = this.#rate.perSecond();
    const longRate = this.#longRate.perSecond();
    const left = total !== undefined && longRate > 0
      ? `${showSeconds((total - this.#done) / longRate)} left`
      : "";
    if (!this.#screen.terminal.interactive) return this.#screen.line(this.#line(rate, left));
    const columns = this.#screen.terminal.columns() - 1;
    this.#screen.status([this.#head({ rate, left, columns }), ...this.#figures(columns)]);
  }

  /** `Packing 1,200/60,000 images (2%), 210 images/s, 4 min 40 s left, skipped 1` */
  #line(rate: number, time: string): string {
    const { label, total } = this.#options;
    const share = total ? ` (${Math.floor((100 * this.#done) / total)}%)` : "";
    const parts = [
      `${label} ${this.#count()}${share}`,
      ...this.#speed(rate),
      ...time ? [time] : [],
    ];
    for (const [name, value] of Object.entries(this.#fields)) {
      parts.push(`${name} ${showValue(value)}`);
    }
    return parts.join(", ");
  }

  /** Label, bar, count, rate, time left, in one row; the bar is as long as there is room for. */
  #head({ rate, left, columns }: { rate: number; left: string; columns: number }): string {
    const { label, total } = this.#options;
    const share = total ? [`${Math.floor((100 * this.#done) / total)}%`] : [];
    const parts = [this.#count(), ...share, ...this.#speed(rate), ...left ? [left] : []];
    const figures = parts.join("  ");
    const room = columns - widthOf(label) - widthOf(figures) - 3;
    const bar = this.#bar(room);
    return `${styled("bold", label)} ${bar}${bar && " "}${figures}`;
  }

  /** The fields in a row of their own, as many as there is room for; the course beside its field. */
  #figures(columns: number): string[] {
    const rows = Object.entries(this.#fields).map(([name, value]) => {
      const course = name === this.#options.trend
        ? this.#trend.show(Math.min(TREND_CELLS, columns >> 3))
        : "";
      return `${styled("dim", name)} ${showValue(value)}${course && ` ${styled("cyan", course)}`}`;
    });
    const shown: string[] = [];
    let width = 2;
    for (const row of rows) {
      width += widthOf(row) + 2;
      if (width - 2 > columns) break;
      shown.push(row);
    }
    return shown.length === 0 ? [] : [`  ${shown.join("  ")}`];
  }

  #count(): string {
    const { total, unit = "" } = this.#options;
    const of = total === undefined ? "" : `/${total.toLocaleString("en-US")}`;
    return `${this.#done.toLocaleString("en-US")}${of}${unit && ` ${unit}`}`;
  }

  #speed(rate: number): string[] {
    const { unit = "" } = this.#options;
    if (!Number.isFinite(rate) || rate <= 0) return [];
    return [`${showFigure(rate)}${unit && ` ${unit}`}/s`];
  }

  /** A bar of at most `room` cells, in halves; none where that is too few, since the figures say more. */
  #bar(room: number): string {
    const { total } = this.#options;
    if (!total || room < BAR_CELLS.least) return "";
    const cells = Math.min(room, BAR_CELLS.most);
    const halves = Math.floor(2 * cells * Math.min(1, this.#done / total));
    const full = "\u2501".repeat(halves >> 1) + (halves % 2 === 1 ? "\u2578" : "");
    return styled("cyan", full) + styled("dim", "\u2500".repeat(cells - full.length));
  }
}

function showValue(value: string | number): string {
  return typeof value === "number" ? showFigure(value) : value;
}

/** Seconds as "3.2 s", "4 min 05 s" or "2 h 07 min". */
export function showSeconds(seconds: number): string {
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const two = (n: number) => String(n).padStart(2, "0");
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
}
