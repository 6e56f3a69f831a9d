/** Images in a tar, which is read as a stream and never unpacked. */
import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { createTarDecoder, type ParsedTarEntry } from "modern-tar";
import { DataError } from "./error.ts";
import type { Source, SourceFile } from "./source.ts";

/** Regular files of the tar at `path`, in its own order; hidden ones are left out. */
export function tarSource(path: string, { gzip }: { readonly gzip: boolean }): Source {
  async function* files(): AsyncGenerator<SourceFile> {
    try {
      for await (const entry of entries(path, gzip)) {
        const file = entry.header.type === "file" ? sourceFile(entry) : undefined;
        if (file !== undefined) yield file;
        if (!entry.body.locked) await skip(entry.body);
      }
    } catch (cause) {
      if (cause instanceof DataError || !(cause instanceof Error)) throw cause;
      throw new DataError(`Cannot read ${path} as a tar: ${cause.message}`, { cause });
    }
  }
  return { kind: "tar", files };
}

/** gzip files that were put one after the other are one, which `DecompressionStream` does not know. */
function entries(path: string, gzip: boolean): ReadableStream<ParsedTarEntry> {
  const file = createReadStream(path, { highWaterMark: 1 << 18 });
  const plain = gzip ? file.on("error", () => {}).pipe(createGunzip({ chunkSize: 1 << 18 })) : file;
  const stream = Readable.toWeb(plain) as ReadableStream<Uint8Array>;
  return stream.pipeThrough(createTarDecoder({ strict: true }));
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
