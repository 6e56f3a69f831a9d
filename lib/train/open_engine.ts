/** An engine for a configuration. */
import type { DeviceContext, SessionOptions } from "../runtime/mod.ts";
import type { RunConfig } from "../recipes/mod.ts";
import { Engine } from "./engine.ts";
import type { ModelSpec } from "./model_spec.ts";
import { PRECISION_OPTIONS } from "./precision.ts";

/** What an engine is opened with beside its configuration. */
export interface EngineFacts<C extends RunConfig> {
  readonly model: ModelSpec<C>;
  /** Pixels a side of the stored images. */
  readonly storedSize: number;
  readonly session: SessionOptions;
  readonly warning?: (text: string) => void;
}

/** Opens the engine that trains a model as its configuration says. */
export function openEngine<C extends RunConfig>(
  context: DeviceContext,
  config: C,
  { model, storedSize, session, warning }: EngineFacts<C>,
): Engine {
  const { batch, accumulate, optimiser, recompute } = config;
  const { lower } = PRECISION_OPTIONS[config.precision];
  const groupOf = model.groupOf?.(config);
  return new Engine(context, {
    parameters: model.parameters(config),
    frozen: model.frozen?.(config) ?? [],
    buffers: model.buffers(config),
    gradient: model.gradient(config, { batch, storedSize, crop: true }, { lower, recompute }),
    accumulate,
    optimiser,
    ...groupOf ? { groupOf } : {},
    averageDecay: model.averageDecay?.(config) ?? null,
    session,
    ...warning ? { warning } : {},
  });
}
