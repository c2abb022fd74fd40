import { keptName } from "../clusters/keptName.ts";
import type { CountSeries, ServiceRef } from "../logs/source.ts";
import { serviceKey } from "./serviceKey.ts";
import type { MinuteCounts } from "./serviceWatch.ts";
import { countsAsError } from "./severeLevels.ts";

/** What a service logged, minute by minute; nothing where it logged nothing. */
export interface MinuteRow {
  ref: ServiceRef;
  lines: number[];
  errors: number[];
}

/** A row for each service, by its key, of what a log source counted by service and level. */
export function minuteTable(series: readonly CountSeries[]): Map<string, MinuteRow> {
  const rows = new Map<string, MinuteRow>();
  for (const { level, counts, service, namespace } of series) {
    if (service === "") continue;
    // Known by the name it is kept under: whoever restores it has no other.
    const ref = { service: keptName(service), namespace: keptName(namespace) };
    const key = serviceKey(ref);
    const row = rows.get(key) ?? { ref, lines: [], errors: [] };
    rows.set(key, row);
    counts.forEach((count, at) => {
      row.lines[at] = (row.lines[at] ?? 0) + count;
      if (countsAsError(level)) row.errors[at] = (row.errors[at] ?? 0) + count;
    });
  }
  return rows;
}

/** What stands in a row at a minute; undefined where that is nothing. */
export function countsAt(row: MinuteRow | undefined, at: number): MinuteCounts | undefined {
  const lines = row?.lines[at] ?? 0;
  return lines === 0 ? undefined : { lines, errors: row?.errors[at] ?? 0 };
}
