/** Values of options that the library parses. */
import { text } from "@optique/core/message";
import { choice, type ValueParser, type ValueParserResult } from "@optique/core/valueparser";
import {
  ConfigError,
  type DeviceOption,
  type Duration,
  findRecipe,
  parseBatchOption,
  parseDeviceOption,
  parseDuration,
  parseNumbers,
  RECIPE_NAMES,
  type RecipeName,
  showDuration,
} from "../lib/recipes/mod.ts";

/** A value parser's `parse` out of a function that throws ConfigError. */
export function parserOf<T>(parse: (text: string) => T): (input: string) => ValueParserResult<T> {
  return (input) => {
    try {
      return { success: true, value: parse(input) };
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      return { success: false, error: [text(`${error.message}.`)] };
    }
  };
}

/** `auto`, `cpu`, `cuda` or `cuda:<index>`. */
export const device: ValueParser<"sync", DeviceOption> = {
  mode: "sync",
  metavar: "DEVICE",
  placeholder: "auto",
  parse: parserOf(parseDeviceOption),
  format: (value) => value,
};

/** A count of epochs or steps. */
export const duration: ValueParser<"sync", Duration> = {
  mode: "sync",
  metavar: "DURATION",
  placeholder: { count: 1 },
  parse: parserOf(parseDuration),
  format: showDuration,
};

/** Numbers with commas in between. */
export const numbers: ValueParser<"sync", readonly number[]> = {
  mode: "sync",
  metavar: "X,Y",
  placeholder: [],
  parse: parserOf(parseNumbers),
  format: (value) => value.join(),
};

/** A count of images, or `auto`. */
export const batch: ValueParser<"sync", number | "auto"> = {
  mode: "sync",
  metavar: "N",
  placeholder: 1,
  parse: parserOf(parseBatchOption),
  format: String,
};

const presentRecipe = choice(RECIPE_NAMES, { metavar: "NAME" });

/** A recipe, by its present or a former name; help and completion know the present ones. */
export const recipe: ValueParser<"sync", RecipeName> = {
  ...presentRecipe,
  parse: (input) => presentRecipe.parse(findRecipe(input) ?? input),
};
