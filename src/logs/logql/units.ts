/** Digits can be read in one way only: with `\d+\.?\d*` a text such as `11s11s11s…1`, which is none, took for ever. */
const GO_DURATION = /^([+-]?)((?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/;
const GO_PART = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g;
const NS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3_600e9,
};

/** Nanoseconds of a duration as Go's time.ParseDuration reads them: `1h30m`, `-1.5s`, `0`. */
export function goDuration(text: string): number | undefined {
  if (/^[+-]?0$/.test(text)) return 0;
  const [, sign, parts] = GO_DURATION.exec(text) ?? [];
  if (parts === undefined) return undefined;
  let sum = 0;
  for (const [, number, unit = ""] of parts.matchAll(GO_PART)) sum += Number(number) * (NS[unit] ?? 0);
  return sign === "-" ? -sum : sum;
}

const PROMETHEUS_DURATION =
  /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/;
const PROMETHEUS_NS = [365 * 86_400e9, 7 * 86_400e9, 86_400e9, 3_600e9, 60e9, 1e9, 1e6];

/** Nanoseconds of a duration as a query may write it: Prometheus's units, which know days, or else Go's. */
export function queryDuration(text: string): number | undefined {
  const parts = text === "" ? null : PROMETHEUS_DURATION.exec(text);
  if (parts === null) return goDuration(text);
  return PROMETHEUS_NS.reduce((sum, ns, index) => sum + Number(parts[index + 1] ?? 0) * ns, 0);
}

const BYTES = /^([\d.,]+)\s*(?:b|([kmgtpe])(i?)b?)?$/i;

/** Bytes of a size as github.com/dustin/go-humanize reads it, which Loki uses: `5MB`, `1.5 KiB`, `1,024`. */
export function bytesOf(text: string): number | undefined {
  const [, digits, letter, binary] = BYTES.exec(text.trimEnd()) ?? [];
  const number = digits === undefined ? undefined : floatOf(digits.replaceAll(",", ""));
  if (number === undefined) return undefined;
  const power = letter === undefined ? 0 : "kmgtpe".indexOf(letter.toLowerCase()) + 1;
  const bytes = Math.floor(number * (binary ? 1024 : 1000) ** power);
  return bytes >= 2 ** 64 ? undefined : bytes;
}

/** A number as Go's strconv.ParseFloat reads it. Its hexadecimal ones with a `p` are left out: no log has them. */
export function floatOf(text: string): number | undefined {
  if (/^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i.test(text)) {
    const number = Number(text);
    return Number.isFinite(number) ? number : undefined;
  }
  const [, sign, infinity] = /^([+-]?)(?:(inf(?:inity)?)|nan)$/i.exec(text) ?? [];
  if (sign === undefined) return undefined;
  if (infinity === undefined) return sign === "" ? Number.NaN : undefined;
  return sign === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}
