import type { Block, Text } from "../../chat/card.ts";
import { type EvidenceItem, evidenceItems } from "../../evidence/items.ts";
import type { Pack } from "../../evidence/pack.ts";
import { howQuiet } from "../abstain.ts";
import { EVENT_WORDS } from "../evidenceCard.ts";
import { countOf } from "../words.ts";
import { exactly, type FollowUp, numbersText, tableOf, text } from "./topic.ts";

interface Affected {
  /** When the first of it began; absent where only the rate of a longer time shows it. */
  atMs?: number;
  lines: number;
  numbers: number[];
  /** What else changed of it, each with its evidence. */
  changes: string[];
}

/** Every service that changed: that failed, fell quiet, stopped saying something, or was told of as an anomaly. By onset. */
export function tellAffected({ pack }: FollowUp): Block[] {
  const byService = new Map<string, Affected>();
  for (const item of evidenceItems(pack)) {
    const change = changeOf(item, pack);
    if (change === undefined) continue;
    const known = byService.get(item.service) ?? { lines: 0, numbers: [], changes: [] };
    const atMs = Math.min(known.atMs ?? Number.POSITIVE_INFINITY, change.atMs ?? Number.POSITIVE_INFINITY);
    byService.set(item.service, {
      ...(Number.isFinite(atMs) && { atMs }),
      lines: known.lines + (change.lines ?? 0),
      numbers: change.lines === undefined ? known.numbers : [...known.numbers, item.number],
      changes:
        change.what === undefined ? known.changes : [...known.changes, `${change.what} [${item.number}]`],
    });
  }
  if (byService.size === 0)
    return [text("No service logged more warnings or errors than before, and none fell quiet.")];
  const rows = [...byService].sort(
    ([, a], [, b]) => (a.atMs ?? Number.POSITIVE_INFINITY) - (b.atMs ?? Number.POSITIVE_INFINITY),
  );
  const [first] = rows;
  return [
    text([
      { strong: countOf(rows.length, "service", "services") },
      ` changed${rows.length > 1 && first?.[1].atMs !== undefined ? `, ${first[0]} first` : ""}.`,
    ]),
    ...tableOf(
      ["Service", "Since", "What changed"],
      rows.map(([service, affected]): Text[] => [
        service,
        affected.atMs === undefined ? "–" : [exactly(affected.atMs, pack)],
        whatOf(affected),
      ]),
    ),
  ];
}

function whatOf({ lines, numbers, changes }: Affected): string {
  const errors =
    numbers.length === 0
      ? []
      : [`${countOf(lines, "line", "lines")} of warnings and errors ${numbersText(numbers)}`];
  return [...errors, ...changes].join("; ");
}

function changeOf(
  item: EvidenceItem,
  { onsetMs }: Pack,
): { atMs?: number; lines?: number; what?: string } | undefined {
  switch (item.kind) {
    case "cluster": {
      const { cluster } = item;
      return cluster.onsetMs === undefined ? undefined : { atMs: cluster.onsetMs, lines: cluster.count };
    }
    case "quieter":
      return { atMs: item.volume.atMs, what: howQuiet(item.volume) };
    case "drop":
      return { ...(onsetMs !== undefined && { atMs: onsetMs }), what: "says less of what it usually says" };
    case "event": {
      const { kind, atMs, text: said } = item.event;
      return { atMs, what: kind === "anomaly" ? inShort(said) : EVENT_WORDS[kind] };
    }
    case "deploy":
    case "past":
      return undefined;
  }
}

/** `CRITICAL anomaly: 488 errors a minute where 0 is usual`, without what kind of anomaly that is: the numbers say it. */
export function inShort(anomaly: string): string {
  return anomaly.replace(/, [^:]{1,60}(?=: )/, "");
}
