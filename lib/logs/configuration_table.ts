/** A configuration as a table in Markdown. */

/** A row a value, named by its path: `schedule.lr`. */
export function configurationTable(config: object): string {
  const rows = flatten(config).map(([name, value]) => `| ${name} | ${value} |`);
  return ["| option | value |", "| --- | --- |", ...rows].join("\n");
}

/** Path -> value of every leaf; an array is a leaf. */
export function flatten(value: object, prefix = ""): [path: string, value: string][] {
  return Object.entries(value).flatMap(([name, inner]): [string, string][] => {
    const path = `${prefix}${name}`;
    if (typeof inner === "object" && inner !== null && !Array.isArray(inner)) {
      return flatten(inner, `${path}.`);
    }
    return [[path, Array.isArray(inner) ? inner.join(", ") : String(inner)]];
  });
}
