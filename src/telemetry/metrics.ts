import { collectDefaultMetrics, Gauge, Registry } from "prom-client";
import type { Log } from "../log.ts";
import {
  type CounterName,
  type Definition,
  type GaugeName,
  type HistogramName,
  type Labels,
  METRICS,
  type MetricName,
} from "./definitions.ts";
import { inTime } from "./inTime.ts";
import { createTally, type Tally } from "./tally.ts";

/** What this process counts of its work, and what it tells of it. */
export interface Metrics {
  count<Name extends CounterName>(name: Name, labels: Labels<Name>, by?: number): void;
  observe<Name extends HistogramName>(name: Name, labels: Labels<Name>, seconds: number): void;
  /**
   * Has gauges read whenever somebody asks. One that cannot be read, or is not told, is not there: an old number would say
   * that all is well.
   * @returns what ends it
   */
  gauge(names: readonly GaugeName[], read: () => Promise<readonly Reading[]>): () => void;
  /** All of it as Prometheus reads it. */
  text(): Promise<string>;
  contentType: string;
}

/** The value of a gauge. */
export type Reading = {
  [Name in GaugeName]: [name: Name, labels: Labels<Name>, value: number];
}[GaugeName];

/** Counters that alerts ask for: one that is not there yet has no rate, and would be silent at first. */
const FROM_THE_START: readonly { [Name in CounterName]: [Name, Labels<Name>] }[CounterName][] = [
  ["loghunter_scans_total", { outcome: "done" }],
  ["loghunter_scans_total", { outcome: "failed" }],
  ["loghunter_log_lines_total", {}],
  ["loghunter_limits_counted_alone_total", {}],
  ["loghunter_jobs_given_up_total", { name: "analyze" }],
  ["loghunter_jobs_given_up_total", { name: "reply" }],
];

/** A gauge that is not read by then is not told. */
const READ_MS = 2_000;

/** Metrics in a registry of their own, with those of the process itself: memory, processor, event loop. */
export function createMetrics(log: Log): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const tallies = new Map<MetricName, Tally>();
  const gauges = new Map<MetricName, Gauge>();
  for (const [name, definition] of Object.entries(METRICS) as [MetricName, Definition][]) {
    const { kind, labels: labelNames } = definition;
    if (kind === "gauge") {
      const help = definition.help.replaceAll("`", "");
      gauges.set(name, new Gauge({ name, help, labelNames, registers: [registry] }));
      continue;
    }
    const tally = createTally(name, definition);
    tallies.set(name, tally);
    registry.registerMetric(tally.metric);
  }
  const forget = (name: GaugeName) => {
    const gauge = gauges.get(name);
    gauge?.reset();
    // One without labels is 0 then, which would be a reading.
    if (METRICS[name].labels.length === 0) gauge?.remove();
  };
  for (const name of gauges.keys()) forget(name as GaugeName);
  for (const [name, labels] of FROM_THE_START) tallies.get(name)?.add(labels, 0);
  const readers = new Set<() => Promise<void>>();

  return {
    contentType: registry.contentType,
    count: (name, labels, by = 1) => tallies.get(name)?.add(labels, by),
    observe: (name, labels, seconds) => tallies.get(name)?.add(labels, seconds),
    gauge(names, read) {
      const reader = async () => {
        const readings = await inTime(read(), READ_MS).catch((err: unknown) => {
          log.warn({ err, metrics: names }, "could not read what the metrics are to tell");
          return [];
        });
        names.forEach(forget);
        for (const [name, labels, value] of readings) gauges.get(name)?.set(labels, value);
      };
      readers.add(reader);
      return () => {
        readers.delete(reader);
        names.forEach(forget);
      };
    },
    async text() {
      await Promise.all([...readers].map((reader) => reader()));
      return registry.metrics();
    },
  };
}

/** Of what is not measured. */
export const NO_METRICS: Metrics = {
  contentType: "",
  count: () => undefined,
  observe: () => undefined,
  gauge: () => () => undefined,
  text: async () => "",
};
