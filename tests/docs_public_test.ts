/** Looks at what the library makes public: everything is documented, every function by an example. */
import assert from "node:assert/strict";

/** A symbol as `deno doc --json` has it, as far as it matters. */
interface Documented {
  readonly name: string;
  readonly declarations: readonly {
    readonly kind: string;
    readonly location: { readonly filename: string; readonly line: number };
    readonly jsDoc?: { readonly tags?: readonly { readonly kind: string }[] };
  }[];
}

async function denoDoc(...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--quiet", ...args],
    env: { NO_COLOR: "1" },
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

Deno.test("everything public is documented", async () => {
  await denoDoc("--lint", "mod.ts");
});

Deno.test("every public function has an example, or is said to be internal", async () => {
  // The modules that mod.ts exports from: of a namespace, `deno doc` lists no re-exports
  const source = await Deno.readTextFile("mod.ts");
  const modules = new Set(
    [...source.matchAll(/from "(\.\/lib\/\w+\/mod\.ts)"/g)].map(([, m]) => m!),
  );
  const { nodes } = JSON.parse(await denoDoc("--json", "mod.ts", ...modules)) as {
    readonly nodes: Readonly<Record<string, { readonly symbols: readonly Documented[] }>>;
  };
  const functions = Object.values(nodes).flatMap(({ symbols }) => symbols).flatMap((symbol) => {
    return symbol.declarations.filter(({ kind }) => kind === "function")
      .map((declaration) => ({ name: symbol.name, ...declaration }));
  });
  assert.ok(functions.length > 300, `${functions.length} functions`);
  const bare = functions.filter(({ jsDoc }) => {
    return !jsDoc?.tags?.some(({ kind }) => kind === "example" || kind === "internal");
  }).map(({ name, location }) => `${name} (${location.filename}:${location.line})`);
  assert.deepEqual(bare, []);
});
