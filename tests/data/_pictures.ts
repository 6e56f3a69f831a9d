/** Pictures for tests: JPEG bytes, folders and tars of them. */
import { encode } from "jpeg-js";
import { packTar } from "modern-tar";
import { random } from "../../lib/tensor/mod.ts";

/** Files by their path. */
export type Files = Readonly<Record<string, Uint8Array>>;

/** A JPEG of a smooth picture that differs from one `seed` to another. */
export function picture(seed: number, width: number, height: number): Uint8Array {
  const stream = random({ seed, purpose: "draw" });
  const [a, b, c, d] = Array.from({ length: 4 }, () => stream.uniform()) as [
    number,
    number,
    number,
    number,
  ];
  const data = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      data.set([
        255 * a * x / width,
        255 * b * y / height,
        127 + 120 * Math.sin(c * x + d * y),
        255,
      ], (y * width + x) * 4);
    }
  }
  return new Uint8Array(encode({ data, width, height }, 90).data);
}

/** `path` -> a picture of its own, all of one size. */
export function pictures(
  paths: readonly string[],
  width = 24,
  height = 20,
): Record<string, Uint8Array> {
  return Object.fromEntries(paths.map((path, i) => [path, picture(i, width, height)]));
}

/** Writes the files below a folder. */
export function writeTree(folder: string, files: Files): void {
  for (const [path, bytes] of Object.entries(files)) {
    const file = `${folder}/${path}`;
    Deno.mkdirSync(file.slice(0, file.lastIndexOf("/")), { recursive: true });
    Deno.writeFileSync(file, bytes);
  }
}

/** A tar of the files, in the order in which they are listed. */
export async function tarOf(files: Files): Promise<Uint8Array<ArrayBuffer>> {
  return await packTar(
    Object.entries(files).map(([name, bytes]) => {
      return { header: { name, size: bytes.length, mtime: new Date(0) }, body: bytes };
    }),
  );
}

/** `"DataError: message"` of what `work` throws. */
export async function thrown(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (error) {
    return String(error);
  }
  throw new Error("Nothing was thrown");
}
