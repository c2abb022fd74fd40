import type { Metric, MetricObjectWithValues, MetricValue } from "prom-client";
import type { Definition } from "./definitions.ts";

/**
 * A counter or a histogram. Those of prom-client check, sort and hash the labels each time, which takes 0.15 and 0.45 µs; as the compiler has
 * checked them, 0.03 and 0.2 do. The text that Prometheus reads is still prom-client's.
 */
export interface Tally {
  /** Adds to a counter, or one observation to a histogram. */
  add(labels: Readonly<Record<string, string>>, value: number): void;
  /** For a registry of prom-client. */
  metric: Metric;
}

interface Entry {
  labels: Readonly<Record<string, string>>;
  /** Of a counter its value, of a histogram the sum of what was observed. */
  sum: number;
  /** Observations in each bucket alone, the last one above all bounds; empty of a counter. */
  counts: number[];
}

export function createTally(name: string, { kind, help, labels: names, buckets }: Definition): Tally {
  const entries = new Map<string, Entry>();
  const bounds = [...(buckets ?? [])];
  const only = names.length === 1 ? names[0] : undefined;

  function entryOf(labels: Readonly<Record<string, string>>): Entry {
    let key = "";
    if (only !== undefined) key = labels[only] ?? "";
    else for (const label of names) key += `${labels[label]}\0`;
    const known = entries.get(key);
    if (known !== undefined) return known;
    const counts = kind === "histogram" ? new Array<number>(bounds.length + 1).fill(0) : [];
    const made: Entry = { labels, sum: 0, counts };
    entries.set(key, made);
    return made;
  }

  const told = {
    ...{ name, type: kind, aggregator: "sum" as const },
    help: help.replaceAll("`", ""),
    reset: () => entries.clear(),
    get: async (): Promise<MetricObjectWithValues<MetricValue<string>>> =>
      ({
        ...{ name, type: kind, aggregator: "sum", help: told.help },
        values: [...entries.values()].flatMap((entry): object[] =>
          kind === "histogram"
            ? histogramOf(name, bounds, entry)
            : [{ labels: { ...entry.labels }, value: entry.sum }],
        ),
      }) as never,
  };
  return {
    add(labels, value) {
      const entry = entryOf(labels);
      entry.sum += value;
      if (kind !== "histogram") return;
      let at = 0;
      while (at < bounds.length && value > (bounds[at] as number)) at++;
      entry.counts[at] = (entry.counts[at] ?? 0) + 1;
    },
    metric: told as unknown as Metric,
  };
}

function histogramOf(name: string, bounds: readonly number[], { labels, sum, counts }: Entry) {
  let soFar = 0;
  const buckets = counts.map((count, at) => {
    soFar += count;
    return { metricName: `${name}_bucket`, labels: { ...labels, le: bounds[at] ?? "+Inf" }, value: soFar };
  });
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels: { ...labels }, value: sum },
    { metricName: `${name}_count`, labels: { ...labels }, value: soFar },
  ];
}
