/** `ccmim doctor`: what this machine has, and how fast it is. */
import { object } from "@optique/core/constructs";
import { message, text } from "@optique/core/message";
import { optional } from "@optique/core/modifiers";
import { option } from "@optique/core/primitives";
import type { DoctorReport, examine, Room } from "../lib/doctor/mod.ts";
import { defineCommand, type Report, type Subcommand } from "./command.ts";
import { EXIT } from "./exit.ts";
import { showBytes } from "../lib/runtime/show_bytes.ts";
import { showFigure } from "./progress.ts";
import { device } from "./values.ts";

const machine = object("Machine", {
  device: optional(option("--device", device, {
    description: message`Device to try: ${
      text("auto, cpu, cuda or cuda:N")
    }; if it does not work, the exit code is 4. [auto]`,
  })),
});

/** The command; `examineMachine` does the work. */
export function doctorCommand(examineMachine: typeof examine): Subcommand {
  return defineCommand({
    name: "doctor",
    summary: "Say what this machine has, what works, and how fast it is",
    examples: ["ccmim doctor", "ccmim doctor --device cuda", "ccmim doctor --json"],
    parser: machine,
    async run({ device }): Promise<Report> {
      const report = await examineMachine(device === undefined ? {} : { device });
      const code = report.ok ? EXIT.done : EXIT.environment;
      return { text: showReport(report), json: { ...report }, code };
    },
  });
}

/** A report as lines: a heading, then what was found. */
function showReport(report: DoctorReport): string {
  const { system, space, runtime, providers, cuda, device, decoders, platforms } = report;
  const { memory, memoryLimit, sharedMemory, disk } = space;
  const rows: [heading: string, lines: readonly string[]][] = [
    ["System", [
      `${system.platform}, release ${system.release}; Deno ${system.deno}`,
      `${system.processor ?? "processor unknown"}, ${system.cores} cores`,
    ]],
    ["Memory", [
      `${showBytes(memory.available)} of ${showBytes(memory.total)} available` +
      (memoryLimit === null ? "" : `; at most ${showBytes(memoryLimit)} for this control group`),
    ]],
    ["Shared memory", [showRoom(sharedMemory)]],
    ["Disk", [showRoom(disk)]],
    ["ONNX Runtime", [
      ...runtime.version === null ? [] : [`${runtime.version} at ${runtime.path}`],
      ...runtime.problem === null ? [] : [runtime.problem],
    ]],
    [
      "Providers",
      providers.map(({ name, loads, problem }) =>
        `${name}: ${loads === null ? "not used" : loads ? "works" : `does not load: ${problem}`}`
      ),
    ],
    [
      "For CUDA",
      cuda.requirements.map(({ name, found, problem }) =>
        `${problem === null ? "ok     " : "MISSING"} ${name}: ${found ?? problem}`
      ),
    ],
    [
      "GPUs",
      cuda.devices.map(({ index, name, memory, capability, multiprocessors }) =>
        `cuda:${index} ${name}, ${showBytes(memory)}, compute capability ${capability}, ` +
        `${multiprocessors} multiprocessors`
      ),
    ],
    ["Device", showDeviceFacts(device)],
    [
      "Decoders",
      decoders.map(({ name, version, problem }) =>
        `${name} ${version ?? `does not load: ${problem}`}`
      ),
    ],
    ["Platforms", [
      platforms.map(({ name, tested }) => tested ? name : `${name} (untested)`).join(", "),
    ]],
  ];
  const width = Math.max(...rows.map(([heading]) => heading.length)) + 2;
  const lines = rows.flatMap(([heading, lines]) =>
    (lines.length === 0 ? ["none"] : lines).map((line, i) =>
      `${(i === 0 ? heading : "").padEnd(width)}${line.replaceAll(/\s*\n\s*/g, " ")}`
    )
  );
  return [...lines, "", report.advice].join("\n");
}

function showDeviceFacts(device: DoctorReport["device"]): string[] {
  const { memory, rates, bandwidth } = device;
  if (device.device === null) return [device.reason];
  const copies = (name: string, rate: number | null | undefined) =>
    typeof rate === "number" ? [`${name} ${showFigure(rate)} GB/s`] : [];
  return [
    device.reason,
    ...memory === null ? [] : [`${showBytes(memory.free)} of ${showBytes(memory.total)} free`],
    ...rates.map(({ dtype, size, gflops }) =>
      `${showFigure(gflops)} GFLOP/s in ${dtype} products of ${size} x ${size}`
    ),
    [
      ...copies("copies on the host", bandwidth?.host),
      ...copies("to the device", bandwidth?.hostToDevice),
      ...copies("from the device", bandwidth?.deviceToHost),
    ].join(", "),
  ];
}

function showRoom(room: Room | null): string {
  if (room === null) return "unknown";
  return `${showBytes(room.free)} of ${showBytes(room.total)} free at ${room.path}`;
}
