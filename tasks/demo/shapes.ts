/** The shapes of the demonstration's pictures: whether a point lies inside, for a shape of radius 1. */

type Shape = (x: number, y: number) => boolean;

/** A regular polygon with a corner at the top. */
function polygon(corners: number): Shape {
  const half = Math.PI / corners;
  return (x, y) => {
    const angle = Math.atan2(x, -y) + 2 * Math.PI;
    return Math.hypot(x, y) * Math.cos((angle % (2 * half)) - half) < Math.cos(half);
  };
}

/** A star with `points` points; `inner` is the radius between two of them. */
function star(points: number, inner: number): Shape {
  const half = Math.PI / points;
  // The edge goes from the point (0, -1) to the notch at angle `half`: a line in the folded sector.
  const nx = inner * Math.sin(half), ny = inner * Math.cos(half);
  return (x, y) => {
    const angle = (Math.atan2(x, -y) + 2 * Math.PI) % (2 * half);
    const folded = Math.min(angle, 2 * half - angle);
    const r = Math.hypot(x, y);
    const px = r * Math.sin(folded), py = r * Math.cos(folded);
    return px * (1 - ny) + (py - 1) * nx < 0;
  };
}

const inBox = (x: number, y: number, width: number, height: number) =>
  Math.abs(x) < width && Math.abs(y) < height;

/** The shapes by name; the names are the classes. */
export const SHAPES = {
  arrow: (x, y) => (y < 0 ? Math.abs(x) < 0.85 * (1 + y) && y > -1 : inBox(x, y, 0.3, 0.95)),
  circle: (x, y) => x * x + y * y < 0.8,
  crescent: (x, y) => x * x + y * y < 0.95 && (x - 0.45) ** 2 + y * y > 0.6,
  cross: (x, y) => inBox(x, y, 0.3, 0.95) || inBox(x, y, 0.95, 0.3),
  diamond: (x, y) => Math.abs(x) / 0.55 + Math.abs(y) < 1,
  heart: (x, y) => {
    const u = 1.2 * x, v = 0.15 - 1.2 * y;
    return (u * u + v * v - 0.8) ** 3 < u * u * v * v * v * 1.4;
  },
  hexagon: polygon(6),
  hourglass: (x, y) => Math.abs(y) < 0.9 && Math.abs(x) < 0.06 + 0.8 * Math.abs(y),
  ring: (x, y) => Math.abs(x * x + y * y - 0.62) < 0.3,
  square: (x, y) => inBox(x, y, 0.74, 0.74),
  star: star(5, 0.42),
  triangle: polygon(3),
} as const satisfies Record<string, Shape>;

/** Name of a class. */
export type ShapeName = keyof typeof SHAPES;

/** The classes, in the order of their names. */
export const SHAPE_NAMES = Object.keys(SHAPES) as ShapeName[];
