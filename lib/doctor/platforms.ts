import { packagePlatforms } from "../runtime/mod.ts";

/** Platforms on which the tests run. Elsewhere nothing is known to fail, and nothing is known to work. */
const TESTED: ReadonlySet<string> = new Set(["linux x64"]);

/** A platform that the onnxruntime-node package holds a library for. */
export interface PlatformFacts {
  /** As Node calls it: `linux x64`. */
  readonly name: string;
  /** Whether ccmim's tests run there. */
  readonly tested: boolean;
}

/** Lists the package's platforms. */
export function inspectPlatforms(): PlatformFacts[] {
  return packagePlatforms().map((name) => ({ name, tested: TESTED.has(name) }));
}
