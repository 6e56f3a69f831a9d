import assert from "node:assert/strict";
import { fuzz } from "../../../tasks/fuzz/campaign.ts";
import { readFiles } from "../../../tasks/fuzz/reader.ts";
import { inFolder } from "../../_folder.ts";
import { READERS } from "./_bad_readers.ts";

const MODULE = new URL("./_bad_readers.ts", import.meta.url).href;
const BOUNDS = { residentBytes: 200 << 20, requestBytes: 1 << 29 };
/** Soon over for readers that never end, long enough on a busy machine for those that fail otherwise. */
const SECONDS = { hangs: 0.3, waits: 0.3, others: 30 };

/** What failed first of a few inputs, and what its saved folder holds. */
async function failureOf(name: string): Promise<{ what: string; files: string[] }> {
  let result: { what: string; files: string[] } | undefined;
  await inFolder(async (out) => {
    const { failures, inputs } = await fuzz(READERS.find((reader) => reader.name === name)!, {
      module: MODULE,
      seed: 3,
      from: 0,
      until: 12,
      bounds: { ...BOUNDS, seconds: SECONDS[name as keyof typeof SECONDS] ?? SECONDS.others },
      out,
      controlEvery: 4,
      mostFailures: 1,
    });
    assert.ok(inputs > 0);
    const [first] = failures;
    assert.ok(first !== undefined, `${name}: nothing failed in ${inputs} inputs`);
    result = { what: first.what, files: [...readFiles(first.saved).keys()] };
  });
  return result!;
}

const EXPECTED: Readonly<Record<string, RegExp>> = {
  hangs: /^hung$/,
  waits: /^hung$/,
  crashes: /^crashed$/,
  throws: /^TypeError: Cannot read properties of undefined/,
  hoards: /^too much memory$/,
  reserves: /^asked for 2147483648 bytes at once$/,
  "reads outside": /^NotCapable: Requires read access to "\/etc\/hostname"/,
  "writes outside": /^NotCapable: Requires write access/,
  "keeps files open": /^after this input or some before: \d+ files are left open$/,
  remembers: /^after this input or some before: valid input 0 is read otherwise than before/,
};

for (const [name, what] of Object.entries(EXPECTED)) {
  Deno.test({
    name: `fuzz() outlives and names a reader that ${name}`,
    ignore: Deno.build.os !== "linux", // a process's memory is read from /proc
    fn: async () => {
      const failure = await failureOf(name);
      assert.match(failure.what, what);
      assert.deepEqual(failure.files, ["file"]);
    },
  });
}
