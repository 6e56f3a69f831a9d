/** What `ccmim probe` writes, as far as a report reads it. */

/** The object of a `probe.json`. */
export function probeFile(parts: Readonly<Record<string, unknown>> = {}) {
  return {
    format: "ccmim-probe-1",
    what: "linear probe, CLS, 90 epochs, test top-1",
    top1: 0.875,
    top1Deviation: null,
    top1Interval: [0.5, 0.7],
    top5: null,
    images: 8,
    classes: ["a", "b"],
    confusion: [[3, 1], [0, 4]],
    encoder: { checkpoint: "runs/x", file: "/runs/x/checkpoints/step-00000001/model.safetensors" },
    ...parts,
  };
}
