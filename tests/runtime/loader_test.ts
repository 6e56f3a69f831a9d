import assert from "node:assert/strict";
import { join } from "node:path";
import { loadLibrary, systemLoader } from "../../lib/runtime/loader.ts";
import { type FakeLibrary, fakeLibrary } from "./_elf.ts";

/** Libraries stay loaded for the rest of the process, so every test has names of its own. */
let count = 0;
const fresh = (name: string) => `lib${name}_${Deno.pid}_${count++}.so.7`;

function withLibraries(
  libraries: Readonly<Record<string, FakeLibrary>>,
  body: (folder: string) => void,
): void {
  const folder = Deno.makeTempDirSync();
  try {
    for (const [name, library] of Object.entries(libraries)) {
      Deno.writeFileSync(join(folder, name), fakeLibrary({ soname: name, ...library }));
    }
    body(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

const ignore = Deno.build.os !== "linux";

Deno.test({
  name: "systemLoader.load() takes what the system has, and else says the loader's words",
  ignore,
  fn() {
    assert.equal(systemLoader.load("libc.so.6"), null);
    const name = fresh("nowhere");
    assert.equal(
      systemLoader.load(name),
      `${name}: cannot open shared object file: No such file or directory`,
    );
  },
});

Deno.test({
  name: "loadLibrary() finds a library and what it wants in the given folders",
  ignore,
  fn() {
    const [first, second, third] = [fresh("first"), fresh("second"), fresh("third")];
    const libraries = { [first]: { needed: [second] }, [second]: { needed: [third] }, [third]: {} };
    withLibraries(libraries, (folder) => {
      assert.match(systemLoader.load(join(folder, first))!, /: cannot open shared object file/);
      assert.deepEqual(loadLibrary(first, ["/nowhere", folder]), {
        path: join(folder, first),
        problem: null,
      });
    });
    // It stays loaded: now anyone finds it by name, though its file is gone
    assert.deepEqual(loadLibrary(third, []), { path: third, problem: null });
  },
});

Deno.test({
  name: "loadLibrary() says what is missing behind a library that is there",
  ignore,
  fn() {
    const [first, second] = [fresh("first"), fresh("second")];
    withLibraries({ [first]: { needed: [second] } }, (folder) => {
      assert.deepEqual(loadLibrary(first, [folder]), {
        path: null,
        problem: `${second}: cannot open shared object file: No such file or directory`,
      });
      const text = fresh("text");
      Deno.writeTextFileSync(join(folder, text), "no library");
      assert.deepEqual(loadLibrary(text, [folder]), {
        path: null,
        problem: `Cannot read ${join(folder, text)} as a library: ` +
          "it has 10 bytes, less than an ELF header",
      });
    });
  },
});
