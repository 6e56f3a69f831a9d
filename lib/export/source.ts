/** A trained model as an export takes it, wherever it was read from. */
import type { StoredTensor } from "../checkpoint/mod.ts";
import type { EncoderConfig } from "../vit/mod.ts";

/** A trained encoder, with or without the head of a classifier. */
export interface ExportSource {
  /** Sizes of the encoder. */
  readonly encoder: EncoderConfig;
  /** Heads of the decoder, where there is one and something says them. */
  readonly decoderHeads?: number | null | undefined;
  /** True if the last norm, `fc_norm`, comes after the mean of the patches, which the head reads; else it is `norm`, and CLS. */
  readonly pooledNorm: boolean;
  /** Names of the head's classes in the order of its logits; null if there is no head. */
  readonly classes: readonly string[] | null;
  /** float32, by the names of timm and MAE, `pos_embed` `[1, 1 + L, D]` included; others are left out of what is exported. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** Folder of the dataset that it was trained on, where something says it. */
  readonly dataset?: string | null | undefined;
  /** Where it comes from, for the file's metadata: `method`, `checkpoint_sha256` and so on. */
  readonly provenance: Readonly<Record<string, string>>;
}
