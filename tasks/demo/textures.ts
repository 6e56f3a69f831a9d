/** Textures of the demonstration's backgrounds: how much of the second colour there is at a point. */
import type { Stream } from "../../lib/tensor/mod.ts";

/** Share in [0, 1] at a point of the unit square. */
export type Texture = (x: number, y: number) => number;

const TURN = 2 * Math.PI;

/** A wave between 0 and 1, with edges that get harder as `sharpness` grows. */
function wave(phase: number, sharpness: number): number {
  return 0.5 + 0.5 * Math.tanh(sharpness * Math.sin(TURN * phase));
}

/** Coordinates turned by an angle that is drawn. */
function turned(stream: Stream): (x: number, y: number) => [number, number] {
  const angle = TURN * stream.uniform();
  const cos = Math.cos(angle), sin = Math.sin(angle);
  return (x, y) => [cos * x - sin * y, sin * x + cos * y];
}

const TEXTURES: readonly ((stream: Stream) => Texture)[] = [
  function gradient(stream) {
    const turn = turned(stream);
    return (x, y) => 0.5 + 0.7 * turn(x - 0.5, y - 0.5)[0];
  },
  function stripes(stream) {
    const turn = turned(stream);
    const count = 2 + 4 * stream.uniform(), sharpness = 0.8 + 2 * stream.uniform();
    return (x, y) => wave(count * turn(x, y)[0], sharpness);
  },
  function checkers(stream) {
    const turn = turned(stream);
    const count = 1.5 + 2.5 * stream.uniform(), sharpness = 1 + 2 * stream.uniform();
    return (x, y) => {
      const [u, v] = turn(x, y);
      const product = Math.sin(TURN * count * u) * Math.sin(TURN * count * v);
      return 0.5 + 0.5 * Math.tanh(2 * sharpness * product);
    };
  },
  function dots(stream) {
    const turn = turned(stream);
    const count = 3 + 3 * stream.uniform(), size = 0.25 + 0.12 * stream.uniform();
    return (x, y) => {
      const [u, v] = turn(count * x, count * y).map((w) => w - Math.floor(w) - 0.5);
      return 0.5 - 0.5 * Math.tanh(8 * (Math.hypot(u!, v!) - size));
    };
  },
  function rings(stream) {
    const cx = stream.uniform(), cy = stream.uniform(), count = 3 + 4 * stream.uniform();
    const sharpness = 0.8 + 2 * stream.uniform();
    return (x, y) => wave(count * Math.hypot(x - cx, y - cy), sharpness);
  },
  function waves(stream) {
    const turn = turned(stream);
    const count = 2 + 3 * stream.uniform(), bend = 0.1 + 0.2 * stream.uniform();
    const phase = stream.uniform();
    return (x, y) => {
      const [u, v] = turn(x, y);
      return wave(count * u + bend * count * Math.sin(TURN * (1.5 * v + phase)), 1.2);
    };
  },
  function clouds(stream) {
    const cells = 9;
    const grid = Float32Array.from({ length: cells * cells }, () => stream.uniform());
    const octave = (x: number, y: number) => {
      const i = Math.floor(x), j = Math.floor(y);
      const at = (di: number, dj: number) => grid[((j + dj) % cells) * cells + (i + di) % cells]!;
      const ease = (t: number) => t * t * (3 - 2 * t);
      const s = ease(x - i), t = ease(y - j);
      return (at(0, 0) * (1 - s) + at(1, 0) * s) * (1 - t) +
        (at(0, 1) * (1 - s) + at(1, 1) * s) * t;
    };
    return (x, y) => 0.65 * octave(3 * x, 3 * y) + 0.35 * octave(7 * x + 1.3, 7 * y + 2.7);
  },
];

/** Draws one of the textures. */
export function drawTexture(stream: Stream): Texture {
  return TEXTURES[stream.below(TEXTURES.length)]!(stream);
}
