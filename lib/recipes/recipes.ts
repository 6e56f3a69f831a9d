/** The recipes by name, and which one a dataset gets when nobody names one. */
import { cifar } from "./cifar.ts";
import { demo } from "./demo.ts";
import { imagenetBase } from "./imagenet_base.ts";
import { imagenetSmall } from "./imagenet_small.ts";
import type { Recipe } from "./recipe.ts";

/** Every recipe. */
export const RECIPES = {
  cifar,
  "imagenet-small": imagenetSmall,
  "imagenet-base": imagenetBase,
  demo,
} as const satisfies Record<string, Recipe>;

/** Name of a recipe. */
export type RecipeName = keyof typeof RECIPES;

/** Names of the recipes. */
export const RECIPE_NAMES = Object.keys(RECIPES) as RecipeName[];

/** Pixels a side up to which a dataset gets the recipe for small pictures. */
const SMALL = 64;
/** Patches an image should have at most: what 224 pixels have in patches of 16. */
const MOST_PATCHES = 196;

/** The recipe for images stored at `stored` pixels a side. */
export function chooseRecipe(stored: number): RecipeName {
  return stored <= SMALL ? "cifar" : "imagenet-small";
}

/** Pixels a side that a chosen recipe works on: all of a small image, else at most the recipe's. */
export function fitImage(stored: number, recipe: Recipe): number {
  return stored <= SMALL ? stored : Math.min(stored, recipe.imageSize);
}

/** The smallest patch of 4, 8 and `largest` that cuts `imageSize` pixels a side into at most 196. */
export function fitPatch(imageSize: number, largest: number): number {
  return [4, 8].find((patch) => Math.floor(imageSize / patch) ** 2 <= MOST_PATCHES) ?? largest;
}
