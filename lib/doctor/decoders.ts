import { type DecoderName, DECODERS, openDecoder } from "../data/mod.ts";

/** A library that decodes images. */
export interface DecoderFacts {
  readonly name: DecoderName;
  /** Null if it does not load. */
  readonly version: string | null;
  /** Why it does not load, in its own words; null if it does. */
  readonly problem: string | null;
}

/** Loads every decoder. */
export async function inspectDecoders(): Promise<DecoderFacts[]> {
  const facts: DecoderFacts[] = [];
  for (const name of DECODERS) {
    try {
      const { version } = await openDecoder(name);
      facts.push({ name, version, problem: null });
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
      const problem = cause instanceof Error ? cause.message : String(cause);
      facts.push({ name, version: null, problem });
    }
  }
  return facts;
}
