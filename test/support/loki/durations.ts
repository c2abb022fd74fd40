const NS = 1n;
const MS = 1_000_000n;
const SECOND = 1_000_000_000n;
const MINUTE = 60n * SECOND;
const HOUR = 60n * MINUTE;
const DAY = 24n * HOUR;

/** From the biggest to the smallest: Prometheus wants them in this order. */
const PROMETHEUS_UNITS: readonly (readonly [string, bigint])[] = [
  ["y", 365n * DAY],
  ["w", 7n * DAY],
  ["d", DAY],
  ["h", HOUR],
  ["m", MINUTE],
  ["s", SECOND],
  ["ms", MS],
];

const GO_UNITS = new Map<string, bigint>([
  ["h", HOUR],
  ["m", MINUTE],
  ["s", SECOND],
  ["ms", MS],
  ["us", 1_000n],
  ["µs", 1_000n],
  ["ns", NS],
]);

/** A duration, or why it is none, in Prometheus's words: whole numbers, units from y to ms in falling order. */
export function prometheusDuration(text: string): { ns: bigint } | { why: string } {
  if (text === "0") return { ns: 0n };
  if (text === "") return { why: "empty duration string" };
  const invalid = { why: `not a valid duration string: ${JSON.stringify(text)}` };
  let ns = 0n;
  let last = -1;
  let rest = text;
  while (rest !== "") {
    const [all, amount, unit] = /^(\d+)(\D+)/.exec(rest) ?? [];
    if (all === undefined || amount === undefined) return invalid;
    const place = PROMETHEUS_UNITS.findIndex(([name]) => name === unit);
    const factor = PROMETHEUS_UNITS[place]?.[1];
    if (factor === undefined) {
      return { why: `unknown unit ${JSON.stringify(unit)} in duration ${JSON.stringify(text)}` };
    }
    if (place <= last) return invalid;
    last = place;
    ns += BigInt(amount) * factor;
    rest = rest.slice(all.length);
  }
  return { ns };
}

/** A duration as Go reads it: fractions, a sign, and units down to the nanosecond. */
export function goDuration(text: string): bigint | undefined {
  if (/^[+-]?0$/.test(text)) return 0n;
  if (!/^[+-]?((\d+(\.\d*)?|\.\d+)(h|ms|m|s|us|µs|ns))+$/.test(text)) return undefined;
  let ns = 0n;
  for (const [, whole = "", fraction = "", unit = ""] of text.matchAll(/(\d*)\.?(\d*)(h|ms|m|s|us|µs|ns)/g)) {
    const factor = GO_UNITS.get(unit) ?? NS;
    ns += BigInt(whole || "0") * factor;
    if (fraction !== "") ns += (BigInt(fraction) * factor) / 10n ** BigInt(fraction.length);
  }
  return text.startsWith("-") ? -ns : ns;
}

/** As in `offset 1m30s` or `| duration > 70ms`: Prometheus's form first, then Go's. */
export function anyDuration(text: string): bigint | undefined {
  const prometheus = prometheusDuration(text);
  return "ns" in prometheus ? prometheus.ns : goDuration(text);
}

/** 744h0m0s: how Go writes a length of time. */
export function writeGoDuration(ns: bigint): string {
  if (ns === 0n) return "0s";
  if (ns < 0n) return `-${writeGoDuration(-ns)}`;
  if (ns < 1_000n) return `${ns}ns`;
  if (ns < MS) return `${Number(ns) / 1e3}µs`;
  if (ns < SECOND) return `${Number(ns) / 1e6}ms`;
  const seconds = `${Number(ns % MINUTE) / 1e9}s`;
  if (ns < MINUTE) return seconds;
  const minutes = `${(ns % HOUR) / MINUTE}m${seconds}`;
  return ns < HOUR ? minutes : `${ns / HOUR}h${minutes}`;
}

/** 30d1h: how Prometheus writes one. */
export function writePrometheusDuration(ns: bigint): string {
  if (ns === 0n) return "0s";
  let rest = ns;
  let text = "";
  for (const [unit, factor] of PROMETHEUS_UNITS) {
    // Years and weeks are only written where they leave nothing over.
    if ((unit === "y" || unit === "w") && rest % factor !== 0n) continue;
    if (rest >= factor) text += `${rest / factor}${unit}`;
    rest %= factor;
  }
  return text;
}
