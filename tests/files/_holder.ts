/** A process that takes a lock and says so, then does what its second argument says: `wait`, or `release`. */
import { FileLock } from "../../lib/files/mod.ts";

const [path, then] = Deno.args;
const lock = FileLock.take(path!, "the folder");
console.log(JSON.stringify({ leftBy: lock.leftBy }));
if (then === "release") lock[Symbol.dispose]();
else await Deno.stdin.readable.getReader().read();
