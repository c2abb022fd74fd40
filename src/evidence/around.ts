import type { LogLine, LogSource } from "../logs/source.ts";
import type { Question } from "./gather.ts";
import type { Judged } from "./rank.ts";

/** A line beside the first of a cluster, redacted and cut. */
export interface LineAround {
  atMs: number;
  level?: string;
  text: string;
}

/** So many lines on each side. */
const BESIDE = 3;
/** Further away it is no longer beside. */
const NEAR_MS = 60_000;
const LINE_CHARS = 160;

/** What the same service wrote just before a cluster rose and just after, oldest first. */
export async function readAround(
  { org, redaction, namespace, window }: Question,
  logs: LogSource,
  { cluster, rise }: Judged,
): Promise<LineAround[]> {
  if (rise === undefined) return [];
  const ofService = { services: [cluster.service], namespace, limit: BESIDE + 1 };
  const before = await take({
    ...ofService,
    fromMs: rise.atMs - NEAR_MS,
    toMs: rise.atMs,
    order: "newest first" as const,
  });
  const after = await take({
    ...ofService,
    fromMs: rise.atMs,
    toMs: Math.min(window.toMs, rise.atMs + NEAR_MS),
    order: "oldest first" as const,
  });
  // The first line from then on is the cluster's own, which stands there as the sample.
  return [...before.reverse().slice(-BESIDE), ...after.slice(1, BESIDE + 1)].map(({ atNs, level, text }) => ({
    atMs: Number(atNs / 1_000_000n),
    ...(level !== undefined && { level }),
    text: redaction.sampleOf(text.split("\n", 1)[0] ?? "", LINE_CHARS),
  }));

  async function take(query: Parameters<LogSource["lines"]>[1]): Promise<LogLine[]> {
    const lines: LogLine[] = [];
    for await (const line of logs.lines(org, query)) lines.push(line);
    return lines;
  }
}
