/** A sheet of what a model makes of images. */
import { visibleCount } from "../ccmim/mod.ts";
import { readPictures } from "../data/mod.ts";
import { ConfigError } from "../recipes/mod.ts";
import { Environment } from "../runtime/mod.ts";
import { patchCount } from "../vit/mod.ts";
import { checkFilePlace, writeAtomically } from "../files/mod.ts";
import { gridImage } from "./grid.ts";
import { Inspector, type View } from "./inspector.ts";
import { type ModelOptions, openVisualModel } from "./model.ts";

/** What to look at, and through what. */
export interface VisualizeRequest extends ModelOptions {
  /** A run, a checkpoint, or a file of an MAE's weights. */
  readonly checkpoint: string;
  /** Packed datasets, image files, or whatever `prepare` reads; the run's dataset if left out. */
  readonly images?: readonly string[] | undefined;
  /** The PNG to write. */
  readonly out: string;
  /** Most images; default 8. */
  readonly count?: number | undefined;
  /** Of the draw of images and masks; default 0. */
  readonly seed?: number | undefined;
  /** Whether visible patches of a reconstruction are the image's own; default true. */
  readonly paste?: boolean | undefined;
  /** Threads of ONNX Runtime; all cores unless given. */
  readonly threads?: number | undefined;
}

/** What was drawn. */
export interface VisualizeResult {
  /** The picture that was written. */
  readonly out: string;
  /** What was drawn, in words. */
  readonly model: string;
  /** Of each image: where it came from, its class, and the mean squared error of its masked pixels (255 is 1). */
  readonly images: readonly {
    readonly name: string;
    readonly label: string | null;
    readonly error: number;
  }[];
  /** Mean of the images' errors. */
  readonly error: number;
}

/** Most images of a sheet. */
const MOST = 64;

/**
 * Draws a sheet: a row an image, of it the original, masked, reconstructed, the attention of CLS and the probability of being
 * masked. The same request gives the same bytes.
 *
 * @throws {DataError} if the model or an image cannot be used.
 * @throws {ConfigError} if an option cannot be.
 * @throws {EnvironmentError} if ONNX Runtime cannot be loaded.
 *
 * @example
 * ```ts
 * import { visualize } from "./mod.ts";
 *
 * const { error } = await visualize({ checkpoint: "run", out: "grid.png", count: 2 });
 * console.log(`mean squared error of masked pixels: ${error}`);
 * ```
 */
export async function visualize(request: VisualizeRequest): Promise<VisualizeResult> {
  const { checkpoint, out, count = 8, seed = 0, paste = true, threads } = request;
  if (!Number.isSafeInteger(count) || count < 1 || count > MOST) {
    throw new ConfigError(`Cannot draw ${count} images (--count): a sheet has 1 to ${MOST}`);
  }
  checkFilePlace(out, { force: true });
  const { name, config, tensors, dataset } = openVisualModel(checkpoint, request);
  const images = request.images ?? (dataset === null ? [] : [dataset]);
  if (images.length === 0) {
    throw new ConfigError(
      `Cannot draw without images: ${checkpoint} names no dataset; give --images`,
    );
  }
  const { model: { imageSize, patch }, masking } = config;
  const pictures = await readPictures(images, { count, seed, size: imageSize });
  const views = look();
  const masked = patchCount(config.model) - visibleCount(config);
  const { png } = gridImage(views, {
    title: name,
    subtitle:
      `${masked} of ${
        patchCount(config.model)
      } patches masked (${masking.sampling}, seed ${seed}); ` +
      (paste ? "visible ones pasted" : "all predicted") +
      (config.normPixLoss ? "; true mean and deviation" : ""),
    patch,
    paste,
  });
  writeAtomically(out, [png]);
  const told = views.map(({ picture: { name, label }, error }) => ({ name, label, error }));
  const error = told.reduce((sum, { error }) => sum + error, 0) / told.length;
  return { out, model: name, images: told, error };

  function look(): View[] {
    using environment = Environment.open();
    const options = { batch: pictures.length, ...threads === undefined ? {} : { threads } };
    using inspector = new Inspector(environment, config, options);
    return inspector.look(tensors, pictures, seed);
  }
}
