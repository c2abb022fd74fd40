import type { LogLine, LogSource } from "../../src/logs/source.ts";
import { createLinesSource } from "../../test/support/linesSource.ts";

/** One query that was asked of the log source. */
export interface Asked {
  method: "lines" | "counts" | "services" | "namespaces";
  org: string;
  services?: readonly string[];
  contains?: readonly string[];
  levels?: readonly string[];
}

/** Lines that can be changed, and all that was asked of them. */
export interface RecordedSource extends LogSource {
  asked: Asked[];
  given(lines: readonly LogLine[]): void;
  /** Services that have lines. */
  known(): ReadonlySet<string>;
}

export function createRecordedSource(): RecordedSource {
  let source = createLinesSource([]);
  let known = new Set<string>();
  const asked: Asked[] = [];
  const note = (method: Asked["method"], org: string, query: Partial<Asked>) => {
    const { services, contains, levels } = query;
    asked.push({
      ...{ method, org },
      ...(services !== undefined && { services }),
      ...(contains !== undefined && { contains }),
      ...(levels !== undefined && { levels }),
    });
  };
  return {
    asked,
    given(lines) {
      source = createLinesSource(lines);
      known = new Set(lines.map(({ service }) => service));
    },
    known: () => known,
    lines(org, query) {
      note("lines", org, query);
      return source.lines(org, query);
    },
    counts(org, query) {
      note("counts", org, query);
      return source.counts(org, query);
    },
    services(org, range) {
      note("services", org, {});
      return source.services(org, range);
    },
    namespaces(org, range) {
      note("namespaces", org, {});
      return source.namespaces(org, range);
    },
    linkTo: (org, query) => source.linkTo(org, query),
    health: (org) => source.health(org),
  };
}
