import assert from "node:assert/strict";
import {
  parseDeviceOption,
  parsePretrainConfig,
  resolvePretrain,
  resumePretrain,
} from "../../lib/recipes/mod.ts";

const FACTS = { imageSize: 32, trainCount: 500 };

Deno.test("parseDeviceOption() reads devices and auto, and rejects anything else", () => {
  for (const text of ["auto", "cpu", "cuda", "cuda:0", "cuda:12"]) {
    assert.equal(parseDeviceOption(text), text);
  }
  for (const text of ["", "gpu", "cuda:", "cuda:-1", "cpu:0", "fake", "cuda:12345"]) {
    assert.throws(() => parseDeviceOption(text), {
      name: "ConfigError",
      message: `Cannot use "${text}" as a device: give auto, cpu, cuda or cuda:<index>`,
    });
  }
});

Deno.test("resolvePretrain() keeps the device that was resolved, with its index", () => {
  const device = (device?: "cpu" | "cuda" | "cuda:2") => resolvePretrain({ device }, FACTS).device;
  assert.equal(device(), "cpu");
  assert.equal(device("cpu"), "cpu");
  assert.equal(device("cuda"), "cuda:0");
  assert.equal(device("cuda:2"), "cuda:2");
  assert.throws(() => resolvePretrain({ device: "auto" }, FACTS), {
    name: "ConfigError",
    message: "Cannot resolve the device auto: ask the machine for one first",
  });
});

Deno.test("a configuration on a GPU is read back, and goes on elsewhere if so told", () => {
  const saved = resolvePretrain({ device: "cuda:1" }, FACTS);
  assert.deepEqual(parsePretrainConfig(JSON.parse(JSON.stringify(saved))), saved);
  assert.throws(() => parsePretrainConfig({ ...saved, device: "cuda" }), {
    message: "Cannot read a configuration: device is wrong (no device)",
  });
  assert.equal(resumePretrain(saved, {}).device, "cuda:1");
  assert.equal(resumePretrain(saved, { device: "cpu" }).device, "cpu");
});
