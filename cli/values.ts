/** Values of options that the library parses. */
import { text } from "@optique/core/message";
import type { ValueParser, ValueParserResult } from "@optique/core/valueparser";
import {
  ConfigError,
  type DeviceOption,
  type Duration,
  parseBatchOption,
  parseDeviceOption,
  parseDuration,
  parseNumbers,
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
