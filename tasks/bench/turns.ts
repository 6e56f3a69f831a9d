/** Measuring by turns: ours, the peer's, ours, the peer's. The machine may drift, so a pair is what is compared. */
import type { Case, Figures } from "./cases.ts";
import { ratiosOf, spreadOf } from "./statistics.ts";
import type { Line } from "./table.ts";

/** What all turns of a case gave. */
export interface Turns {
  readonly ours: readonly Figures[];
  /** As many as ours, or none. */
  readonly peer: readonly Figures[];
}

/** How often. */
export interface TurnOptions {
  /** Pairs that count. */
  readonly pairs: number;
  /** Whether a pair is measured before that does not count. */
  readonly warmUp: boolean;
  /** Told before each turn, 0 being the warm-up. */
  told(turn: number): void;
}

/** Measures a case. */
export async function takeTurns(
  { measure, peer }: Pick<Case, "measure" | "peer">,
  { pairs, warmUp, told }: TurnOptions,
): Promise<Turns> {
  const ours: Figures[] = [];
  const theirs: Figures[] = [];
  for (let turn = warmUp ? 0 : 1; turn <= pairs; turn++) {
    told(turn);
    const our = await measure();
    const their = await peer?.measure();
    if (turn === 0) continue;
    ours.push(our);
    if (their !== undefined) theirs.push(their);
  }
  return { ours, peer: theirs };
}

/** The lines of the table that a case's turns make. A figure that the peer lacks has no ratio. */
export function linesOf({ name, figures, peer }: Case, turns: Turns): Line[] {
  return figures.map(({ row, key, label, unit }) => {
    const ours = turns.ours.map((turn) => turn[key]!);
    const theirs = turns.peer.map((turn) => turn[key]).filter((value) => value !== undefined);
    const paired = peer !== undefined && theirs.length > 0;
    return {
      row,
      name,
      figure: label,
      unit,
      ours: spreadOf(ours),
      peer: paired ? { name: peer.name, ...spreadOf(theirs) } : null,
      ratio: paired ? spreadOf(ratiosOf(ours, theirs)) : null,
    };
  });
}
