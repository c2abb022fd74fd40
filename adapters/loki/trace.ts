/** What one request to Loki cost, for the log and for metrics. */
export interface QueryTrace {
  org: string;
  path: string;
  params: Readonly<Record<string, string>>;
  /** Which try of it this was, from 1. */
  tries: number;
  /** From the request to the last byte. */
  ms: number;
  /** Of the answer. */
  chars: number;
  /** `answered`, or the kind of failure. */
  outcome: string;
  /** What Loki itself says it read and took, where it does. */
  bytesProcessed?: number;
  linesProcessed?: number;
  execMs?: number;
  /** Summed over Loki's own sub-queries. */
  queueMs?: number;
}

type Stats = Pick<QueryTrace, "bytesProcessed" | "linesProcessed" | "execMs" | "queueMs">;

/** `data.stats.summary` of an answer, read off its text: it stands behind the lines, which need not be parsed for it. */
export function statsOf(text: string): Stats {
  const at = text.lastIndexOf('"summary":{');
  if (at < 0) return {};
  const summary = text.slice(at, at + 600);
  const number = (name: string) => {
    const found = new RegExp(`"${name}":([0-9.eE+-]{1,24})`).exec(summary)?.[1];
    return found === undefined ? undefined : Number(found);
  };
  const [bytes, lines, exec, queue] = [
    number("totalBytesProcessed"),
    number("totalLinesProcessed"),
    number("execTime"),
    number("queueTime"),
  ];
  return {
    ...(bytes !== undefined && { bytesProcessed: bytes }),
    ...(lines !== undefined && { linesProcessed: lines }),
    ...(exec !== undefined && { execMs: Math.round(exec * 1_000) }),
    ...(queue !== undefined && { queueMs: Math.round(queue * 1_000) }),
  };
}
