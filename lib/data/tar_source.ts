/** Images in a tar, which is read as a stream and never unpacked. */
import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";
import { createTarDecoder, type ParsedTarEntry } from "modern-tar";
import { DataError } from "./error.ts";
import type { Source, SourceFile } from "./source.ts";

/** Bytes that are read and decompressed at once. */
const CHUNK = 1 << 18;

/** Regular files of the tar at `path`, in its own order; hidden ones are left out. */
export function tarSource(path: string, { gzip }: { readonly gzip: boolean }): Source {
  /** The result of `work`, or an error that names the tar. */
  const named = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new DataError(`Cannot read ${path} as a tar: ${why}`, { cause });
    }
  };
  async function* files(): AsyncGenerator<SourceFile> {
    const entries = decode(path, gzip).getReader();
    try {
      while (true) {
        const { value: entry, done } = await named(() => entries.read());
        if (done) return;
        const file = entry.header.type === "file" ? sourceFile(entry) : undefined;
        if (file !== undefined) yield { ...file, read: () => named(file.read) };
        if (!entry.body.locked) await named(() => skip(entry.body));
      }
    } finally {
      entries.cancel().catch(() => {}); // not awaited: it waits for a body that nobody reads
    }
  }
  return { kind: "tar", files };
}

/** gzip files that were put one after the other are one, which `DecompressionStream` does not know. */
function decode(path: string, gzip: boolean): ReadableStream<ParsedTarEntry> {
  const file = createReadStream(path, { highWaterMark: CHUNK });
  const gunzip = createGunzip({ chunkSize: CHUNK });
  const plain = gzip ? file.on("error", (error) => gunzip.destroy(error)).pipe(gunzip) : file;
  return ReadableStream.from<Uint8Array>(plain).pipeThrough(createTarDecoder({ strict: true }));
}

function sourceFile({ header, body }: ParsedTarEntry): SourceFile | undefined {
  const parts = header.name.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.some((part) => part.startsWith("."))) return undefined;
  let bytes: Promise<Uint8Array<ArrayBuffer>> | undefined;
  const read = () => bytes ??= new Response(body).bytes();
  return { path: parts.join("/"), size: header.size, read };
}

/** Reads to the end: the decoder waits for ever after a body that was cancelled. */
async function skip(body: ReadableStream<Uint8Array>): Promise<void> {
  for await (const _ of body);
}
