import type { CountQuery, LineQuery, LogLine, LogSource, ServiceRef } from "../../src/logs/source.ts";

/** A log source over lines in memory: quick where a test needs more of them than files would be. */
export function createLinesSource(given: readonly LogLine[]): LogSource {
  const lines = [...given].sort((a, b) => (a.atNs < b.atNs ? -1 : a.atNs > b.atNs ? 1 : 0));
  const matching = (query: Omit<LineQuery, "order" | "limit">) =>
    lines.filter((line) => {
      const atMs = Number(line.atNs / 1_000_000n);
      return (
        atMs >= query.fromMs &&
        atMs < query.toMs &&
        (query.services?.includes(line.service) ?? true) &&
        (query.namespace === undefined || query.namespace === line.namespace) &&
        (query.levels === undefined || (line.level !== undefined && query.levels.includes(line.level))) &&
        (query.contains ?? []).every((text) => line.text.toLowerCase().includes(text.toLowerCase()))
      );
    });
  return {
    async *lines(_org, query) {
      const found = matching(query);
      for (const line of (query.order === "newest first" ? found.reverse() : found).slice(0, query.limit)) {
        query.signal?.throwIfAborted();
        yield line;
      }
    },
    async counts(_org, query: CountQuery) {
      const { fromMs, toMs, stepMs } = query;
      const series = new Map<string, ServiceRef & { level: LogLine["level"]; counts: number[] }>();
      for (const { service, namespace, level, atNs } of matching(query)) {
        const key = JSON.stringify([service, namespace, level]);
        const counts = new Array<number>(Math.ceil((toMs - fromMs) / stepMs)).fill(0);
        const known = series.get(key) ?? { service, namespace, level, counts };
        series.set(key, known);
        const step = Math.floor((Number(atNs / 1_000_000n) - fromMs) / stepMs);
        known.counts[step] = (known.counts[step] ?? 0) + 1;
      }
      return [...series.values()].map((one) => ({ ...one, fromMs, stepMs }));
    },
    async services(_org, range) {
      const refs = matching(range).map(({ service, namespace }) => [
        `${service}\0${namespace}`,
        { service, namespace },
      ]);
      return [...new Map(refs as [string, ServiceRef][]).values()].sort((a, b) =>
        a.service < b.service ? -1 : 1,
      );
    },
    async namespaces(_org, range) {
      return [...new Set(matching(range).map((line) => line.namespace))].filter((name) => name !== "").sort();
    },
    linkTo: async () => undefined,
    health: async () => ({ ok: true, summary: "Lines of a test.", warnings: [] }),
  };
}

/** One line of a service at that time. */
export function lineAt(atMs: number, text: string, more: Partial<LogLine> = {}): LogLine {
  return {
    service: "checkout",
    namespace: "",
    level: "ERROR",
    text,
    atNs: BigInt(Math.round(atMs)) * 1_000_000n,
    ...more,
  };
}
