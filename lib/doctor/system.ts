/** The machine and what runs on it. */
export interface SystemFacts {
  /** Such as `linux x86_64`. */
  readonly platform: string;
  /** Release of the operating system. */
  readonly release: string;
  readonly deno: string;
  /** Model of the processor; null where the system does not tell. */
  readonly processor: string | null;
  /** Cores that this process may use. */
  readonly cores: number;
}

/** Asks the operating system. */
export function inspectSystem(): SystemFacts {
  return {
    platform: `${Deno.build.os} ${Deno.build.arch}`,
    release: Deno.osRelease(),
    deno: Deno.version.deno,
    processor: processorModel(),
    cores: navigator.hardwareConcurrency,
  };
}

function processorModel(): string | null {
  if (Deno.build.os !== "linux") return null;
  try {
    return /^model name\s*:\s*(.+)$/m.exec(Deno.readTextFileSync("/proc/cpuinfo"))?.[1] ?? null;
  } catch {
    return null; // hidden in some containers
  }
}
