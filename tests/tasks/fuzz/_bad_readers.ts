/** Readers that do what none may do, on inputs whose file starts so. */
import type { Reader } from "../../../tasks/fuzz/reader.ts";

function reader(name: string, act: (folder: string) => unknown): Reader {
  return {
    name,
    dialect: { tokens: [] },
    valid: () => Promise.resolve([new Map([["file", Uint8Array.of(1, 2, 3, 4)]])]),
    async read(folder) {
      const bytes = Deno.readFileSync(`${folder}/file`);
      if (bytes[0] !== 1) await act(folder);
      return String(bytes);
    },
  };
}

let state = 0;

export const READERS: readonly Reader[] = [
  reader("hangs", () => {
    for (;;);
  }),
  reader("waits", () => new Promise(() => setTimeout(() => {}, 1e6))),
  reader("crashes", () => Deno.kill(Deno.pid, "SIGKILL")),
  reader("throws", () => (undefined as unknown as string).length),
  reader("hoards", () => new Uint8Array(300 << 20).fill(1)),
  reader("reserves", () => new Uint8Array(2 ** 31)),
  reader("reads outside", () => Deno.readTextFileSync("/etc/hostname")),
  reader("writes outside", (folder) => Deno.writeTextFileSync(`${folder}/../../x`, "")),
  reader("keeps files open", (folder) => {
    for (let i = 0; i < 20; i++) Deno.openSync(`${folder}/file`);
  }),
  {
    ...reader("remembers", () => void state++),
    read: (folder) => {
      if (Deno.readFileSync(`${folder}/file`)[0] !== 1) state++;
      return Promise.resolve(String(state));
    },
  },
];
