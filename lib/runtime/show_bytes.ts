/** Bytes for a person: "2.5 TB", "1.23 GB", "45.6 MB". */
export function showBytes(bytes: number): string {
  const units = [["TB", 1e12], ["GB", 1e9], ["MB", 1e6]] as const;
  const [unit, size] = units.find(([, size]) => bytes >= size) ?? units[2];
  return `${Number((bytes / size).toPrecision(3))} ${unit}`;
}
