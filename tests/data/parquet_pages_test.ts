import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { parquetMetadataAsync } from "hyparquet";
import { checkPages, checkRows } from "../../lib/data/parquet_pages.ts";
import { inFolder } from "../_folder.ts";

const FILE = fileURLToPath(new URL("../fixtures/parquet/plain.parquet", import.meta.url));
const COLUMNS = ["image", "label"];

async function metadataOf(bytes: Uint8Array<ArrayBuffer>) {
  const { buffer, length } = bytes;
  return await parquetMetadataAsync({
    byteLength: length,
    slice: (start, end) => buffer.slice(start, end),
  });
}

/** What checkPages() says of the file with some bytes of the first page's header changed. */
async function complaint(change: (bytes: Uint8Array, at: number) => void): Promise<string> {
  const bytes = Deno.readFileSync(FILE);
  const { row_groups: [group] } = await metadataOf(bytes.slice());
  const { dictionary_page_offset: first, data_page_offset } = group!.columns[0]!.meta_data!;
  change(bytes, Number(first ?? data_page_offset));
  let message = "";
  await inFolder((folder) => {
    Deno.writeFileSync(`${folder}/x.parquet`, bytes);
    using file = Deno.openSync(`${folder}/x.parquet`);
    try {
      checkPages(file, group!, { columns: COLUMNS, path: "x" });
    } catch (error) {
      message = String(error);
    }
  });
  return message;
}

/** Where the byte `value` first stands after `from`. */
const find = (bytes: Uint8Array, value: number, from: number) => bytes.indexOf(value, from);

Deno.test("checkPages() takes the pages of a whole file", async () => {
  assert.equal(await complaint(() => {}), "");
});

Deno.test("checkPages() refuses a page with more values than its group has rows", async () => {
  // 0x2c or 0x4c: the struct of a data page or a dictionary; 0x15: its first number
  const message = await complaint((bytes, at) => {
    const dictionary = find(bytes, 0x4c, at), data = find(bytes, 0x2c, at);
    const struct = dictionary > 0 && (data < 0 || dictionary < data) ? dictionary : data;
    assert.equal(bytes[struct + 1], 0x15);
    bytes[struct + 2] = 0x7e; // 63 as the protocol writes numbers
  });
  assert.match(
    message,
    /^DataError: Cannot read x as Parquet: a page of \d+ bytes says .* 63 values in 3 rows$/,
  );
});

Deno.test("checkPages() refuses what is no header of a page", async () => {
  for (const value of [0xff, 0xfc, 0x19]) {
    const message = await complaint((bytes, at) => bytes.fill(value, at, at + 40));
    assert.match(message, /^DataError: Cannot read x as Parquet: no page starts at byte \d+$/);
  }
});

Deno.test("checkRows() refuses more rows than there are bytes", async () => {
  const metadata = await metadataOf(Deno.readFileSync(FILE));
  checkRows(metadata, 3, "x");
  assert.throws(() => checkRows(metadata, 2, "x"), {
    name: "DataError",
    message: "Cannot read x as Parquet: 2 bytes hold no 3 rows",
  });
});
