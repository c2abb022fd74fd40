import type { Block } from "../chat/card.ts";
import type { LogSource, ServiceRef, TimeRange } from "../logs/source.ts";

/**
 * What the reader of counts should know of lines that cannot be read yet, one text each: log files that are still being
 * indexed would otherwise pass for a quiet past. Counts do not tell; a query of lines does, even one for none.
 */
export async function sourceNotes(
  logs: LogSource,
  org: string,
  { service, namespace }: ServiceRef,
  range: TimeRange,
): Promise<Block[]> {
  const notes: Block[] = [];
  const query = {
    ...range,
    services: [service],
    namespace,
    order: "newest first",
    limit: 0,
    onNote: (text: string) => void notes.push({ kind: "text", text }),
  } as const;
  for await (const _ of logs.lines(org, query)) break;
  return notes;
}
