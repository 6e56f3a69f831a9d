/** What is measured: sizes, precisions, batches. */
import type { PretrainingConfig } from "../../lib/ccmim/mod.ts";
import type { Device } from "../../lib/runtime/mod.ts";
import {
  type Method,
  type ModelConfig,
  type Precision,
  PRECISIONS,
} from "../../lib/recipes/mod.ts";
import { SIZES } from "../../lib/vit/mod.ts";
import { CONFIGURATIONS as BENCH } from "../bench/configurations.ts";

/** A model, what its images are cut out of, and batches. */
export interface Configuration {
  readonly model: ModelConfig;
  /** Pixels of a side of the stored images. */
  readonly storedSize: number;
  /** Images of a step that a GPU of 80 GB should hold, and a host of a few GB. */
  readonly batch: { readonly gpu: number; readonly host: number };
  /** Whether the PyTorch twin has it. */
  readonly inPeer: boolean;
}

const at224 = (size: keyof typeof SIZES): ModelConfig => ({
  imageSize: 224,
  ...SIZES[size],
  mlpRatio: 4,
  decoderWidth: 512,
  decoderDepth: 8,
  decoderHeads: 16,
  projectorWidth: 256,
});

/** The configurations, by the twin's names where it has them. */
export const CONFIGURATIONS = {
  vit_tiny_p4_32: {
    model: BENCH.vit_tiny_p4_32.model,
    storedSize: 32,
    batch: { gpu: 512, host: 32 },
    inPeer: true,
  },
  vit_tiny_p16_224: {
    model: at224("tiny"),
    storedSize: 256,
    batch: { gpu: 256, host: 8 },
    inPeer: false,
  },
  vit_small_p16_224: {
    model: at224("small"),
    storedSize: 256,
    batch: { gpu: 256, host: 8 },
    inPeer: true,
  },
  vit_base_p16_224: {
    model: at224("base"),
    storedSize: 256,
    batch: { gpu: 256, host: 4 },
    inPeer: true,
  },
  vit_large_p16_224: {
    model: at224("large"),
    storedSize: 256,
    batch: { gpu: 128, host: 1 },
    inPeer: false,
  },
} as const satisfies Record<string, Configuration>;

/** Name of a configuration. */
export type ConfigurationName = keyof typeof CONFIGURATIONS;

/** All of {@linkcode CONFIGURATIONS}' names. */
export const CONFIGURATION_NAMES = Object.keys(CONFIGURATIONS) as ConfigurationName[];

/** Images of a step on `device`. */
export function batchOn(device: Device, name: ConfigurationName): number {
  return CONFIGURATIONS[name].batch[device.kind === "cuda" ? "gpu" : "host"];
}

/** What a device computes in. */
export function precisionsOf(device: Device): readonly Precision[] {
  return device.kind === "cuda" ? PRECISIONS : ["float32"];
}

/** The whole pretraining model. */
export function pretrainingConfig(name: ConfigurationName, method: Method): PretrainingConfig {
  const isMae = method === "mae";
  return {
    model: CONFIGURATIONS[name].model,
    masking: { ratio: 0.75, sampling: isMae ? "random" : "importance", scoreTemperature: 1 },
    align: { weight: isMae ? 0 : 0.1, temperature: 0.5, gradient: "target" },
    normPixLoss: true,
  };
}
