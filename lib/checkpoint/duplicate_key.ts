/** Names that an object in JSON gives twice, of which `JSON.parse` keeps the last without a word. */

const QUOTE = 0x22, BACKSLASH = 0x5c, COLON = 0x3a;
const SPACES = [0x20, 0x09, 0x0a, 0x0d];

/**
 * The first key that occurs twice in one object of `json`, or null.
 *
 * @param json a text that `JSON.parse` takes.
 */
export function duplicateKey(json: string): string | null {
  const open: (Set<string> | null)[] = []; // keys of each object around the place, null for a list
  for (let at = 0; at < json.length; at++) {
    const character = json[at];
    if (character === "{") open.push(new Set());
    else if (character === "[") open.push(null);
    else if (character === "}" || character === "]") open.pop();
    else if (character === `"`) {
      const end = endOfString(json, at);
      let next = end;
      while (SPACES.includes(json.charCodeAt(next))) next++;
      if (json.charCodeAt(next) === COLON) {
        const key = JSON.parse(json.slice(at, end)) as string;
        const keys = open.at(-1)!;
        if (keys.has(key)) return key;
        keys.add(key);
      }
      at = end - 1;
    }
  }
  return null;
}

/** The place after the string that starts at `start`. */
function endOfString(json: string, start: number): number {
  let at = start + 1;
  while (json.charCodeAt(at) !== QUOTE) at += json.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return at + 1;
}
