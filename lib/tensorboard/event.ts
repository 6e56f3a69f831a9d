/** TensorBoard's events as protobuf bytes: the parts of event.proto, summary.proto and tensor.proto that are written. */
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";

/** A PNG. */
export interface EventImage {
  readonly png: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** What an event tells. */
export type EventContent =
  /** The first event of every file. */
  | { readonly kind: "version" }
  /** Training starts here: readers drop events of this step and later from files before. */
  | { readonly kind: "start" }
  | { readonly kind: "scalars"; readonly values: Readonly<Record<string, number>> }
  | { readonly kind: "image"; readonly tag: string; readonly image: EventImage }
  /** Markdown. */
  | { readonly kind: "text"; readonly tag: string; readonly text: string };

/** What every event has. */
export interface EventTime {
  /** Seconds since 1970. */
  readonly time: number;
  readonly step: number;
}

/** Version of the format, from which on a start drops what comes after it. */
const VERSION = "brain.Event:2";

const RGB = 3;

/** `SessionLog.START`. */
const START = 1;

/** `DT_STRING`. */
const STRING = 7;

/**
 * An event as a `tensorboard.Event` message.
 *
 * @example
 * ```ts
 * import { encodeEvent, frameRecord } from "./mod.ts";
 *
 * const event = encodeEvent({ time: 1, step: 20 }, { kind: "scalars", values: { loss: 0.5 } });
 * Deno.writeFileSync("events.out.tfevents.example", frameRecord(event));
 * ```
 */
export function encodeEvent({ time, step }: EventTime, content: EventContent): Uint8Array {
  const writer = new BinaryWriter();
  writer.tag(1, WireType.Bit64).double(time);
  writer.tag(2, WireType.Varint).int64(step);
  switch (content.kind) {
    case "version":
      writer.tag(3, WireType.LengthDelimited).string(VERSION);
      break;
    case "start":
      message(writer, 7, () => writer.tag(1, WireType.Varint).int32(START));
      break;
    case "scalars":
      message(writer, 5, () => {
        for (const [tag, value] of Object.entries(content.values)) {
          summaryValue(writer, tag, () => writer.tag(2, WireType.Bit32).float(value));
        }
      });
      break;
    case "image":
      message(writer, 5, () => {
        summaryValue(writer, content.tag, () => writeImage(writer, content.image));
      });
      break;
    case "text":
      message(writer, 5, () => {
        summaryValue(writer, content.tag, () => writeText(writer, content.text));
      });
  }
  return writer.finish();
}

/** `Summary.Value`, whose content `write` adds. */
function summaryValue(writer: BinaryWriter, tag: string, write: () => void): void {
  message(writer, 1, () => {
    writer.tag(1, WireType.LengthDelimited).string(tag);
    write();
  });
}

/** `Summary.Image`. */
function writeImage(writer: BinaryWriter, { png, width, height }: EventImage): void {
  message(writer, 4, () => {
    writer.tag(1, WireType.Varint).int32(height);
    writer.tag(2, WireType.Varint).int32(width);
    writer.tag(3, WireType.Varint).int32(RGB);
    writer.tag(4, WireType.LengthDelimited).bytes(png);
  });
}

/** A tensor of one string, and metadata that say it is the text plugin's. */
function writeText(writer: BinaryWriter, text: string): void {
  message(writer, 8, () => {
    writer.tag(1, WireType.Varint).int32(STRING);
    message(writer, 2, () => {}); // a shape without axes
    writer.tag(8, WireType.LengthDelimited).bytes(new TextEncoder().encode(text));
  });
  message(writer, 9, () => {
    message(writer, 1, () => writer.tag(1, WireType.LengthDelimited).string("text"));
  });
}

function message(writer: BinaryWriter, field: number, write: () => void): void {
  writer.tag(field, WireType.LengthDelimited).fork();
  write();
  writer.join();
}
