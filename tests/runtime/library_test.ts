import assert from "node:assert/strict";
import { join } from "node:path";
import {
  Environment,
  EnvironmentError,
  LIBRARY_VARIABLE,
  PACKAGE_VERSION,
  packagePlatforms,
  versionWarning,
} from "../../lib/runtime/mod.ts";
import { inFolder } from "../_folder.ts";

Deno.test("Environment.open() takes a library by file or by folder", () => {
  using standard = Environment.open();
  using byFile = Environment.open({ library: standard.library });
  assert.equal(byFile.version, standard.version);
  inFolder((folder) => {
    const name = Deno.build.os === "darwin" ? "libonnxruntime.1.dylib" : "libonnxruntime.so.1";
    Deno.writeTextFileSync(join(folder, "libonnxruntime_providers_shared.so"), "not this one");
    Deno.symlinkSync(standard.library, join(folder, name));
    using byFolder = Environment.open({ library: folder });
    assert.equal(byFolder.library, join(folder, name));
  });
  inFolder((folder) => {
    const capi = join(folder, "onnxruntime", "capi"); // as in the wheel onnxruntime-gpu
    Deno.mkdirSync(capi, { recursive: true });
    Deno.symlinkSync(standard.library, join(capi, "libonnxruntime.so.1.30.0"));
    using inside = Environment.open({ library: folder });
    assert.equal(inside.library, join(capi, "libonnxruntime.so.1.30.0"));
  });
});

Deno.test("Environment.open() says which library is missing", () => {
  inFolder((folder) => {
    const file = join(folder, "nothing.so");
    assert.throws(() => Environment.open({ library: file }), (error) => {
      assert.ok(error instanceof EnvironmentError);
      assert.equal(
        error.message,
        `Cannot open ONNX Runtime at ${file}: there is no such file`,
      );
      return true;
    });
    assert.throws(() => Environment.open({ library: folder }), (error) => {
      assert.ok(error instanceof EnvironmentError);
      assert.ok(error.message.startsWith(`Cannot find ONNX Runtime's library in ${folder}: set `));
      assert.ok(error.message.includes(LIBRARY_VARIABLE));
      return true;
    });
  });
});

Deno.test("Environment.open() says why a library does not load", () => {
  inFolder((folder) => {
    const file = join(folder, "libonnxruntime.so.1");
    Deno.writeTextFileSync(file, "no library");
    assert.throws(() => Environment.open({ library: file }), (error) => {
      assert.ok(error instanceof EnvironmentError);
      assert.ok(error.message.startsWith(`Cannot load ONNX Runtime from ${file}: `));
      return true;
    });
  });
});

Deno.test("Environment.open() reads the variable when it opens", async () => {
  // In a process of its own, as the variable belongs to every test.
  const script = `
    const { Environment, LIBRARY_VARIABLE } = await import(Deno.args[0]);
    Deno.env.set(LIBRARY_VARIABLE, "/nowhere");
    try {
      Environment.open();
    } catch (error) {
      console.log(error.name + ": " + error.message);
    }`;
  const config = new URL("../../deno.json", import.meta.url).pathname;
  const module = new URL("../../lib/runtime/mod.ts", import.meta.url).href;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--config", config, script, module],
    stderr: "inherit",
  }).output();
  assert.equal(
    new TextDecoder().decode(stdout).trim(),
    "EnvironmentError: Cannot open ONNX Runtime at /nowhere: there is no such file",
  );
});

Deno.test("versionWarning() names both versions where they differ", () => {
  assert.equal(versionWarning({ version: PACKAGE_VERSION, library: "here" }), null);
  assert.equal(
    versionWarning({ version: "1.31.1", library: "/there/libonnxruntime.so.1.31.1" }),
    "ONNX Runtime at /there/libonnxruntime.so.1.31.1 is version 1.31.1; " +
      `ccmim is made for ${PACKAGE_VERSION}`,
  );
});

Deno.test("packagePlatforms() lists what the package holds", () => {
  const platforms = packagePlatforms();
  assert.ok(platforms.includes("linux x64") && platforms.includes("darwin arm64"), `${platforms}`);
});
