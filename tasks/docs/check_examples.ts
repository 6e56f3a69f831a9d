/** Checks the types of the examples in doc comments and Markdown; the tests run them. */
import config from "../../deno.json" with { type: "json" };
import { examples, exampleTests } from "./examples.ts";

const root = new URL("../../", import.meta.url);
const folder = await Deno.makeTempDir();
try {
  const { imports, compilerOptions } = config;
  // An example may leave what it shows unused
  const options = { ...compilerOptions, noUnusedLocals: false };
  await Deno.writeTextFile(
    `${folder}/deno.json`,
    JSON.stringify({ imports, compilerOptions: options, nodeModulesDir: "none" }),
  );
  await Deno.copyFile(new URL("deno.lock", root), `${folder}/deno.lock`);
  await Deno.writeTextFile(`${folder}/examples.ts`, exampleTests(examples(root), root));
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: ["check", "--config", "deno.json", "examples.ts"],
    cwd: folder,
  }).output().then((output) => {
    if (!output.success) Deno.stderr.writeSync(output.stderr);
    return output;
  });
  Deno.exitCode = code;
} finally {
  await Deno.remove(folder, { recursive: true });
}
