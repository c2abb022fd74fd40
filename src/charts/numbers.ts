/** A number in about five characters: "0", "0.25", "12.3", "940", "1.2k", "3.4M", "1.2e18". */
export function shortNumber(value: number): string {
  // Rounded first: 999,999 is "1M", not "1000k".
  const rounded = Number(value.toPrecision(3));
  if (rounded === 0) return "0";
  if (rounded < 0.001 || rounded >= 1e15)
    return Number(value.toPrecision(2)).toExponential().replace("+", "");
  const [unit, suffix] = SUFFIXES.find(([size]) => rounded >= size) ?? [1, ""];
  return `${Number((rounded / unit).toPrecision(3))}${suffix}`;
}

/** "k" and "M" are read alike everywhere; the two above them are what monitoring tools use for counts. */
const SUFFIXES: [size: number, suffix: string][] = [
  [1e12, "T"],
  [1e9, "B"],
  [1e6, "M"],
  [1e3, "k"],
];
