/**
 * RandAugment (Cubuk et al. 2020) with timm's operations and magnitudes: `rand-m9-mstd0.5-inc1` and its relatives, of which
 * every operation gets stronger with its magnitude. What is drawn is a pure function of the stream.
 */
import type { Stream } from "../../tensor/mod.ts";
import {
  type Colour,
  type Matrix,
  rotation,
  shearX,
  shearY,
  transform,
  translateX,
  translateY,
} from "./affine.ts";
import { brightness, colour, contrast, sharpness } from "./enhance.ts";
import type { Canvas, Picture } from "./image.ts";
import { autoContrast, equalize, invert, posterize, solarize, solarizeAdd } from "./lookup.ts";

/** What is drawn for an image. */
export interface RandAugmentOptions {
  /** Mean magnitude, from 0 to 10. */
  readonly magnitude: number;
  /** Deviation of the magnitude. */
  readonly deviation: number;
  /** Operations that are drawn for an image, with replacement. */
  readonly layers: number;
  /** Probability with which each of them is carried out. */
  readonly probability: number;
}

/** What operations need beside the picture. */
export interface Surroundings {
  /** What is shown where nothing is. */
  readonly fill: Colour;
  /** Memory for pictures of that side. */
  readonly canvas: Canvas;
}

/** Greatest magnitude. */
const MOST = 10;

/** What a draw decides: the magnitude as a share of the greatest, and a direction, 1 or -1. */
interface Strength {
  readonly share: number;
  readonly sign: number;
}

type Operation = (picture: Picture, strength: Strength, around: Surroundings) => void;

const moving = (matrix: (strength: Strength, side: number) => Matrix): Operation => {
  return (picture, strength, around) => {
    transform(picture, matrix(strength, picture.side), around);
  };
};

/** 1 changes nothing; 0.1 and 1.9 are the ends. */
const enhancement = ({ share, sign }: Strength) => Math.max(0.1, 1 + sign * share * 0.9);

/** timm's list for `inc1`, in its order. */
const OPERATIONS = {
  AutoContrast: autoContrast,
  Equalize: equalize,
  Invert: invert,
  Rotate: moving(({ share, sign }, side) => rotation(share * 30 * sign, side)),
  PosterizeIncreasing: (picture, { share }) => posterize(picture, 4 - Math.trunc(share * 4)),
  SolarizeIncreasing: (picture, { share }) => {
    solarize(picture, 256 - Math.min(256, Math.trunc(share * 256)));
  },
  SolarizeAdd: (picture, { share }) => {
    solarizeAdd(picture, Math.min(128, Math.trunc(share * 110)));
  },
  ColorIncreasing: (picture, strength) => colour(picture, enhancement(strength)),
  ContrastIncreasing: (picture, strength) => contrast(picture, enhancement(strength)),
  BrightnessIncreasing: (picture, strength) => brightness(picture, enhancement(strength)),
  SharpnessIncreasing: (picture, strength, { canvas }) => {
    sharpness(picture, enhancement(strength), canvas);
  },
  ShearX: moving(({ share, sign }) => shearX(share * 0.3 * sign)),
  ShearY: moving(({ share, sign }) => shearY(share * 0.3 * sign)),
  TranslateXRel: moving(({ share, sign }, side) => translateX(share * 0.45 * sign, side)),
  TranslateYRel: moving(({ share, sign }, side) => translateY(share * 0.45 * sign, side)),
} satisfies Readonly<Record<string, Operation>>;

/** Name of an operation. */
export type OperationName = keyof typeof OPERATIONS;

/** All names, in the order in which they are numbered. */
export const OPERATION_NAMES = Object.keys(OPERATIONS) as OperationName[];

/** One operation as it was drawn. */
export interface Drawn extends Strength {
  readonly name: OperationName;
}

/** The operations to carry out on one image. The stream is read by as many numbers whatever is drawn. */
export function drawOperations(stream: Stream, options: RandAugmentOptions): Drawn[] {
  const { layers, probability, magnitude, deviation } = options;
  const drawn: Drawn[] = [];
  for (let layer = 0; layer < layers; layer++) {
    const name = OPERATION_NAMES[stream.below(OPERATION_NAMES.length)]!;
    const isDone = stream.uniform() < probability;
    const level = Math.min(MOST, Math.max(0, magnitude + deviation * stream.normal()));
    const sign = stream.uniform() < 0.5 ? 1 : -1;
    if (isDone) drawn.push({ name, share: level / MOST, sign });
  }
  return drawn;
}

/** Carries an operation out, in place. */
export function apply(picture: Picture, { name, ...strength }: Drawn, around: Surroundings): void {
  OPERATIONS[name](picture, strength, around);
}

/**
 * Reads timm's notation: `rand`, then `-m` magnitude, `-mstd` its deviation, `-n` operations, `-p` their probability and `-inc1`.
 * Defaults are timm's: 10, 0, 2, 0.5.
 *
 * @throws {SyntaxError} if it is none, or without `inc1`, whose operations are the only ones that there are.
 *
 * @example
 * ```ts
 * import { parseRandAugment } from "../mod.ts";
 *
 * parseRandAugment("rand-m9-mstd0.5-inc1"); // { magnitude: 9, deviation: 0.5, layers: 2, probability: 0.5 }
 * ```
 */
export function parseRandAugment(text: string): RandAugmentOptions {
  const wrong = (why: string) => new SyntaxError(`Cannot use "${text}" as RandAugment: ${why}`);
  const [head, ...parts] = text.split("-");
  if (head !== "rand") throw wrong("it must be like rand-m9-mstd0.5-inc1");
  const known: Record<string, number> = { m: 10, mstd: 0, n: 2, p: 0.5, inc: 0 };
  for (const part of parts) {
    const [, key = "", value = ""] = /^([a-z]+)(\d+(?:\.\d+)?)$/.exec(part) ?? [];
    if (!(key in known)) throw wrong(`"${part}" is none of m9, mstd0.5, n2, p0.5 and inc1`);
    known[key] = Number(value);
  }
  const { m, mstd, n, p, inc } = known as Record<"m" | "mstd" | "n" | "p" | "inc", number>;
  if (inc !== 1) throw wrong("only operations that increase are there, which inc1 asks for");
  if (m > MOST) throw wrong(`the magnitude is at most ${MOST}`);
  if (!Number.isInteger(n) || n < 1) throw wrong("n is a whole number from 1");
  if (p > 1) throw wrong("p is a probability");
  return { magnitude: m, deviation: mstd, layers: n, probability: p };
}
