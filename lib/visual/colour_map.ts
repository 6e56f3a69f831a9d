/** Colours for numbers: matplotlib's viridis and inferno (CC0), between nine of their colours. */
import type { Colour } from "../raster/mod.ts";

/** Nine colours from 0 to 1. */
const ANCHORS = {
  viridis: "440154 472d7b 3b528b 2c728e 21918c 28ae80 5ec962 addc30 fde725",
  inferno: "000004 210c4a 57106e 8a226a bc3754 e45a31 f98e09 f9cb35 fcffa4",
} as const;

/** Name of a map. */
export type ColourMapName = keyof typeof ANCHORS;

const MAPS = Object.fromEntries(
  Object.entries(ANCHORS).map(([name, hex]) => {
    return [name, hex.split(" ").map((colour) => [...Uint8Array.fromHex(colour)])];
  }),
) as Record<ColourMapName, number[][]>;

/**
 * The colour of a number in [0, 1]; beyond, that of the end.
 *
 * @example
 * ```ts
 * import { colourOf } from "./mod.ts";
 *
 * console.log(colourOf("viridis", 0.5)); // red, green, blue in 0-255
 * ```
 */
export function colourOf(map: ColourMapName, value: number): Colour {
  const colours = MAPS[map];
  const at = Math.max(0, Math.min(1, value)) * (colours.length - 1);
  const low = Math.min(colours.length - 2, Math.floor(at));
  const mix = (c: number) => {
    return Math.round(colours[low]![c]! * (1 - at + low) + colours[low + 1]![c]! * (at - low));
  };
  return [mix(0), mix(1), mix(2)];
}
