/** The crops of training, cut by the graph that training cuts them with. */
import { crop } from "../../lib/augment/mod.ts";
import type { Box, Size } from "../../lib/data/mod.ts";
import { placeImage } from "../../lib/data/place.ts";
import { input } from "../../lib/graph/mod.ts";
import { emit } from "../../lib/onnx/mod.ts";
import type { Environment, Session } from "../../lib/runtime/mod.ts";

/** An image that is held in memory. */
export interface Image extends Size {
  /** uint8 `[height, width, 3]`. */
  readonly pixels: Uint8Array;
}

/** Cuts boxes out of images of any size. */
export class Cropper implements Disposable {
  readonly #environment: Environment;
  readonly #output: number;
  /** A session a size of the square that images lie in; the last ones used. */
  readonly #sessions = new Map<number, Session>();

  /** @param output pixels of a side of what is cut out. */
  constructor(environment: Environment, output: number) {
    this.#environment = environment;
    this.#output = output;
  }

  /** Boxes of an image, resized: float32 `[output, output, 3]` in 0-255 each. */
  cut(image: Image, boxes: readonly Box[]): Float32Array[] {
    const size = Math.max(image.width, image.height);
    const record = new Uint8Array(size * size * 3);
    placeImage(image.pixels, image, { record, size });
    const session = this.#session(size);
    const images = { dtype: "uint8", shape: [1, size, size, 3], data: record } as const;
    const flips = { dtype: "float32", shape: [1], data: new Float32Array(1) } as const;
    return boxes.map(({ top, left, height, width }) => {
      const data = Float32Array.of(top, left, height, width);
      const found = session.run({
        images,
        boxes: { dtype: "float32", shape: [1, 4], data },
        flips,
      });
      return found.crops!.data as Float32Array;
    });
  }

  #session(size: number): Session {
    let session = this.#sessions.get(size);
    if (session === undefined) {
      const images = input("images", "uint8", [1, size, size, 3]);
      const boxes = input("boxes", "float32", [1, 4]);
      const flips = input("flips", "float32", [1]);
      const crops = crop(images, boxes, flips, this.#output);
      session = this.#environment.session(emit({ crops }, { name: "crops" }));
      this.#sessions.set(size, session);
    }
    return session;
  }

  [Symbol.dispose](): void {
    for (const session of this.#sessions.values()) session[Symbol.dispose]();
  }
}
