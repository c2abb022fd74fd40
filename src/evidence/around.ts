import { shownTemplate } from "../clusters/cluster.ts";
import { clusterText } from "../clusters/message.ts";
import { tellLine } from "../logs/parse.ts";
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
/** So many are read for them: the cluster's own, and what says the same again, tell nothing more. */
const READ = 20;
/** Further away it is no longer beside. */
const NEAR_MS = 60_000;
const LINE_CHARS = 160;

/** What the same service said just before a cluster rose and just after, each thing once, oldest first. */
export async function readAround(
  { org, redaction, namespace, window }: Question,
  logs: LogSource,
  { cluster, rise }: Judged,
): Promise<LineAround[]> {
  if (rise === undefined) return [];
  const ofService = { services: [cluster.service], namespace, limit: READ };
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
  const said = new Set([cluster.template]);
  return [...othersOf(before).reverse(), ...othersOf(after)];

  /** The first few that say something else. */
  function othersOf(lines: readonly LogLine[]): LineAround[] {
    const others: LineAround[] = [];
    for (const { atNs, level, text } of lines) {
      const message = clusterText(tellLine(text));
      const template = shownTemplate(message, redaction);
      if (others.length === BESIDE || said.has(template)) continue;
      said.add(template);
      others.push({
        atMs: Number(atNs / 1_000_000n),
        ...(level !== undefined && { level }),
        text: redaction.sampleOf(message.split("\n", 1)[0] ?? "", LINE_CHARS),
      });
    }
    return others;
  }

  async function take(query: Parameters<LogSource["lines"]>[1]): Promise<LogLine[]> {
    const lines: LogLine[] = [];
    for await (const line of logs.lines(org, query)) lines.push(line);
    return lines;
  }
}
