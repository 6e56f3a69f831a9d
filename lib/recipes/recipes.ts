/** The recipes by name, and which one a dataset gets when nobody names one. */
import { cifar } from "./cifar.ts";
import { demo } from "./demo.ts";
import { imagenetVitB } from "./imagenet_vit_b.ts";
import { imagenetVitL } from "./imagenet_vit_l.ts";
import { imagenetVitS } from "./imagenet_vit_s.ts";
import { laptop } from "./laptop.ts";
import type { Recipe } from "./recipe.ts";
import { smallGpu } from "./small_gpu.ts";

/** Every recipe. */
export const RECIPES = {
  cifar,
  "imagenet-vit-s": imagenetVitS,
  "imagenet-vit-b": imagenetVitB,
  "imagenet-vit-l": imagenetVitL,
  laptop,
  "small-gpu": smallGpu,
  demo,
} as const satisfies Record<string, Recipe>;

/** Name of a recipe. */
export type RecipeName = keyof typeof RECIPES;

/** Names of the recipes. */
export const RECIPE_NAMES = Object.keys(RECIPES) as RecipeName[];

/** Names that recipes had before; options and the configurations of older runs may hold them. */
export const FORMER_NAMES: Readonly<Record<string, RecipeName>> = {
  "imagenet-small": "imagenet-vit-s",
  "imagenet-base": "imagenet-vit-b",
};

/**
 * The recipe that `name` means, by its present or its former name; undefined if none.
 *
 * @example
 * ```ts
 * import { findRecipe } from "./mod.ts";
 *
 * console.assert(findRecipe("cifar") === "cifar" && findRecipe("none") === undefined);
 * ```
 */
export function findRecipe(name: string): RecipeName | undefined {
  const present = Object.hasOwn(FORMER_NAMES, name) ? FORMER_NAMES[name] : name;
  return RECIPE_NAMES.find((known) => known === present);
}

/** Pixels a side up to which a dataset gets the recipe for small pictures. */
const SMALL = 64;
/** Patches an image should have at most: what 224 pixels have in patches of 16. */
const MOST_PATCHES = 196;

/** The recipe for images stored at `stored` pixels a side. */
export function chooseRecipe(stored: number): RecipeName {
  return stored <= SMALL ? "cifar" : "imagenet-vit-s";
}

/** Pixels a side that a chosen recipe works on: all of a small image, else at most the recipe's. */
export function fitImage(stored: number, recipe: Recipe): number {
  return stored <= SMALL ? stored : Math.min(stored, recipe.imageSize);
}

/** The smallest patch of 4, 8 and `largest` that cuts `imageSize` pixels a side into at most 196. */
export function fitPatch(imageSize: number, largest: number): number {
  return [4, 8].find((patch) => Math.floor(imageSize / patch) ** 2 <= MOST_PATCHES) ?? largest;
}
