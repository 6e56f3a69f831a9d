/** Arguments of the check, and the device that they name. */
import { join } from "node:path";
import {
  chooseDevice,
  type Device,
  EnvironmentError,
  FAKE_DEVICE,
  parseDevice,
} from "../../lib/runtime/mod.ts";
import { type Method, METHODS, type Precision, PRECISIONS } from "../../lib/recipes/mod.ts";
import { count, fail, names, positive, taskArguments } from "../arguments.ts";
import { CONFIGURATION_NAMES, type ConfigurationName, precisionsOf } from "./configurations.ts";
import { PEER, type PeerOptions } from "./peer.ts";

/** The checks, in their order. */
export const CHECKS = ["fixtures", "determinism", "placement", "traffic", "rates"] as const;

/** One of {@linkcode CHECKS}. */
export type Check = (typeof CHECKS)[number];

/** What to check. */
export interface Options {
  readonly device: Device;
  readonly checks: readonly Check[];
  /** Small sizes, short measurements. */
  readonly quick: boolean;
  /** Of each measurement. */
  readonly seconds: number;
  readonly threads: number;
  readonly configurations: readonly ConfigurationName[];
  readonly methods: readonly Method[];
  readonly precisions: readonly Precision[];
  readonly json: string | null;
  readonly peer: PeerOptions | null;
}

const USAGE = "deno task check:cuda [--device cuda[:n]|cpu|fake] [--quick] [--only a,b] " +
  "[--config a,b] [--method ccmim,mae] [--precision a,b] [--seconds s] [--threads n] [--json file] " +
  "[--peer <python with torch> --peer-folder <folder> [--peer-compile]]";

/** Reads the process's arguments. Ends it with 2 if they are wrong, with 4 if there is no such device. */
export function readOptions(): Options {
  const { values } = taskArguments(USAGE, {
    options: {
      device: { type: "string", default: "cuda" },
      quick: { type: "boolean", default: false },
      only: { type: "string", default: CHECKS.join() },
      config: { type: "string" },
      method: { type: "string", default: METHODS.join() },
      precision: { type: "string" },
      seconds: { type: "string" },
      threads: { type: "string", default: String(navigator.hardwareConcurrency) },
      json: { type: "string" },
      peer: { type: "string" },
      "peer-folder": { type: "string" },
      "peer-compile": { type: "boolean", default: false },
    },
  });
  const { quick } = values;
  const checks = names("--only", values.only, CHECKS);
  const methods = names("--method", values.method, METHODS);
  const seconds = positive("--seconds", values.seconds ?? (quick ? "1" : "3"));
  const threads = count("--threads", values.threads);
  const asked = values.config && names("--config", values.config, CONFIGURATION_NAMES);
  const precisions = values.precision && names("--precision", values.precision, PRECISIONS);
  const peer = peerOf(values.peer, values["peer-folder"], values["peer-compile"]);
  const device = deviceOf(values.device);
  const there = precisionsOf(device);
  const none = precisions && precisions.find((precision) => !there.includes(precision));
  if (none) fail(`Cannot use ${none} as --precision: --device ${values.device} has ${there}`, 2);
  return {
    device,
    checks,
    quick,
    seconds,
    threads,
    configurations: asked || (quick ? quickConfigurations(device) : CONFIGURATION_NAMES),
    methods,
    precisions: precisions || there,
    json: values.json ?? null,
    peer,
  };
}

function quickConfigurations(device: Device): readonly ConfigurationName[] {
  return device.kind === "cuda" ? ["vit_tiny_p4_32", "vit_base_p16_224"] : ["vit_tiny_p4_32"];
}

/** The device by its name. One that cannot be had ends the process with 4 and the first missing piece. */
export function deviceOf(name: string): Device {
  if (name === "fake") return FAKE_DEVICE;
  let device: Device;
  try {
    device = parseDevice(name);
  } catch (error) {
    return fail(`${(error as Error).message}, or fake`, 2);
  }
  if (device.kind !== "cuda") return device;
  try {
    return chooseDevice(`cuda:${device.index}`).device;
  } catch (error) {
    if (error instanceof EnvironmentError) return fail(error.message, 4);
    throw error;
  }
}

function peerOf(
  python: string | undefined,
  folder: string | undefined,
  compile: boolean,
): PeerOptions | null {
  if (python === undefined && folder === undefined) return null;
  if (python === undefined || folder === undefined) {
    return fail("Cannot run PyTorch: --peer and --peer-folder are needed both", 2);
  }
  try {
    Deno.statSync(join(folder, PEER));
  } catch {
    return fail(`Cannot use ${folder} as --peer-folder: it has no ${PEER}`, 2);
  }
  return { python, folder, compile };
}
