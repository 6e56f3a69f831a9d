/** What a `config.json`, or an exported file's metadata, says of the model, as far as tensors do not show it. */
import * as v from "valibot";

/** A description found. */
export interface Described {
  readonly heads: number;
  readonly decoderHeads?: number | undefined;
}

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(1));

/** Of a run of ours. */
const Run = v.object({
  config: v.object({
    model: v.object({
      width: count,
      depth: count,
      heads: count,
      decoderHeads: v.optional(count),
    }),
  }),
});

/** Of Hugging Face's ViT and ViTMAE. */
const HuggingFace = v.object({
  hidden_size: count,
  num_hidden_layers: count,
  num_attention_heads: count,
  decoder_num_attention_heads: v.optional(count),
});

/** Name, in the metadata of an exported file, of the model's sizes in JSON. */
export const MODEL_METADATA = "ccmim.model";

/** Longest configuration that is read. */
const MAX_BYTES = 1 << 20;

/** The first description among the files at `paths` of a model with this width and depth; null if there is none. */
export function describedBeside(
  paths: readonly string[],
  sizes: { readonly width: number; readonly depth: number },
): Described | null {
  for (const path of paths) {
    const described = describedBy(readJson(path), sizes);
    if (described !== null) return described;
  }
  return null;
}

/** As {@linkcode describedBeside}, from an exported file's metadata. */
export function describedWithin(
  metadata: Readonly<Record<string, string>>,
  sizes: { readonly width: number; readonly depth: number },
): Described | null {
  const text = metadata[MODEL_METADATA];
  if (text === undefined) return null;
  return describedBy({ config: { model: parse(text) } }, sizes);
}

/** Null unless `json` describes a model of the sizes: it may be of anything. */
function describedBy(
  json: unknown,
  { width, depth }: { readonly width: number; readonly depth: number },
): Described | null {
  const run = v.safeParse(Run, json);
  if (run.success) {
    const { model } = run.output.config;
    return model.width === width && model.depth === depth ? model : null;
  }
  const hub = v.safeParse(HuggingFace, json);
  if (!hub.success) return null;
  const { hidden_size, num_hidden_layers, num_attention_heads } = hub.output;
  return hidden_size === width && num_hidden_layers === depth
    ? { heads: num_attention_heads, decoderHeads: hub.output.decoder_num_attention_heads }
    : null;
}

function readJson(path: string): unknown {
  try {
    if (Deno.statSync(path).size > MAX_BYTES) return null;
    return parse(Deno.readTextFileSync(path));
  } catch (error) {
    const isAbsent = error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.NotADirectory ||
      error instanceof Deno.errors.IsADirectory ||
      error instanceof Deno.errors.PermissionDenied;
    if (isAbsent) return null;
    throw error;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
