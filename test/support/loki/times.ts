import { prometheusDuration } from "./durations.ts";
import { badRequest } from "./failure.ts";

/**
 * A point in time as Loki reads it: up to ten digits are seconds, more are nanoseconds (so milliseconds
 * fall into 1970), a float is seconds rounded to the millisecond, and RFC 3339 is taken last.
 */
export function readTime(name: string, text: string | null, otherwise: bigint): bigint {
  if (text === null || text === "") return otherwise;
  if (text.includes(".") && /^[+-]?\d*\.\d*$/.test(text)) {
    return BigInt(Math.round(Number(text) * 1_000)) * 1_000_000n;
  }
  if (/^[+-]?\d+$/.test(text)) return text.length <= 10 ? BigInt(text) * 1_000_000_000n : BigInt(text);
  const known = readRfc3339(text);
  if (known !== undefined) return known;
  throw badRequest(
    `could not parse '${name}' parameter: strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`,
  );
}

/** A step: a number of seconds, or a duration. Whole milliseconds, as Loki keeps it. */
export function readStep(text: string | null, spanNs: bigint): bigint {
  if (text === null || text === "") {
    const seconds = spanNs / 250n / 1_000_000_000n;
    return (seconds > 1n ? seconds : 1n) * 1_000_000_000n;
  }
  const ms = stepMs(text);
  if (ms === undefined) throw badRequest(`cannot parse ${JSON.stringify(text)} to a valid duration`);
  if (ms <= 0) {
    throw badRequest(
      "zero or negative query resolution step widths are not accepted. Try a positive integer",
    );
  }
  return BigInt(ms) * 1_000_000n;
}

function stepMs(text: string): number | undefined {
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return Math.trunc(Number(text) * 1_000);
  const duration = prometheusDuration(text);
  return "ns" in duration ? Number(duration.ns / 1_000_000n) : undefined;
}

function readRfc3339(text: string): bigint | undefined {
  const [, second, fraction = "", zone] =
    /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(text) ?? [];
  if (second === undefined || zone === undefined) return undefined;
  const ms = Date.parse(`${second}${zone}`);
  return Number.isNaN(ms) ? undefined : BigInt(ms) * 1_000_000n + BigInt(fraction.padEnd(9, "0"));
}
