import { windowText } from "../analysis/card.ts";
import { countOf, headline } from "../analysis/words.ts";
import { altText } from "../charts/alt.ts";
import type { Chart } from "../charts/chart.ts";
import { sparkline } from "../charts/sparkline.ts";
import { button, type Card, type Item } from "../chat/card.ts";
import { type Cluster, createClusterer } from "../clusters/cluster.ts";
import { type KnownCluster, upsertClusters } from "../clusters/store.ts";
import {
  ERROR_LEVELS,
  type ErrorLevel,
  type LogSource,
  type ServiceRef,
  type TimeRange,
} from "../logs/source.ts";
import { type Command, defineCommand, message } from "./command.ts";
import { findService } from "./findService.ts";
import { DEFAULT_SINCE_MS, level, service, since } from "./options.ts";

const MAX_LINES = 50_000;
const SHOWN = 8;
const BUCKETS = 30;

export interface ErrorsParts {
  logs: LogSource;
  now: () => number;
}

export function errorsCommand({ logs, now }: ErrorsParts): Command {
  return defineCommand({
    name: "errors",
    summary: "A service's warnings and errors, grouped by message: how often, since when, new or known",
    examples: ["errors checkout", "errors payments since:6h level:error"],
    role: "viewer",
    visibility: "channel",
    options: [service, since, level],
    async run(call) {
      const { scope } = call.workspace();
      const toMs = now();
      const window = { fromMs: toMs - (call.options.since ?? DEFAULT_SINCE_MS), toMs };
      const ref = await findService(logs, scope.lokiOrgId, call.options, window);
      const wanted = call.options.level;
      const clusterer = createClusterer();
      let lines = 0;
      const query = {
        ...window,
        services: [ref.service],
        ...(ref.namespace !== "" && { namespace: ref.namespace }),
        levels: wanted === undefined ? ERROR_LEVELS : [wanted],
        order: "newest first",
        limit: MAX_LINES,
      } as const;
      for await (const line of logs.lines(scope.lokiOrgId, query)) {
        clusterer.add(line);
        lines++;
      }
      const clusters = clusterer.clusters().sort((a, b) => b.timesMs.length - a.timesMs.length);
      const known = await scope.transaction((db) => upsertClusters(scope, db, clusters, window));
      const before = { fromMs: 2 * window.fromMs - window.toMs, toMs: window.fromMs };
      const loggedBefore = (await logs.services(scope.lokiOrgId, before)).some((other) => same(other, ref));
      return message(errorsCard(ref, window, clusters, known, { lines, wanted, loggedBefore }), "channel");
    },
  });
}

function errorsCard(
  ref: ServiceRef,
  window: TimeRange,
  clusters: readonly Cluster[],
  known: readonly KnownCluster[],
  read: { lines: number; wanted: ErrorLevel | undefined; loggedBefore: boolean },
): Card {
  const what = read.wanted === undefined ? "warnings and errors" : `${read.wanted} lines`;
  if (clusters.length === 0) {
    return {
      title: `${ref.service}: no ${what}`,
      tone: "good",
      badge: "QUIET",
      body: [{ kind: "text", text: [`${ref.service} logged no ${what} from `, ...windowText(window), "."] }],
    };
  }
  const chart = chartOf(ref, window, clusters);
  const top = clusters[0] as Cluster;
  const topKnown = known.find((row) => row.fingerprint === top.fingerprint);
  return {
    title: `${ref.service}: ${countOf(clusters.length, "kind", "kinds")} of ${what}`,
    tone: "neutral",
    badge: countOf(read.lines, "LINE", "LINES"),
    body: [
      {
        kind: "text",
        text: ["From ", ...windowText(window), read.lines === MAX_LINES ? ", the newest of more." : "."],
      },
      { kind: "chart", chart, alt: altText(chart) },
      {
        kind: "items",
        items: clusters
          .slice(0, SHOWN)
          .map((cluster, i) => clusterItem(cluster, i + 1, window, known, read.loggedBefore)),
      },
    ],
    ...(topKnown && {
      actions: [button("Root cause", { name: "rootcause", subject: topKnown.id }, "primary")],
    }),
    ...(clusters.length > SHOWN && {
      footnote: `${countOf(clusters.length - SHOWN, "rarer kind is", "rarer kinds are")} not shown. Narrow it with since: or level:.`,
    }),
  };
}

function clusterItem(
  cluster: Cluster,
  number: number,
  window: TimeRange,
  known: readonly KnownCluster[],
  loggedBefore: boolean,
): Item {
  const row = known.find((candidate) => candidate.fingerprint === cluster.fingerprint);
  const firstMs = row?.firstSeenMs ?? window.fromMs;
  // Where the service logged nothing before the window, there is nothing that it could be new to.
  const novelty = firstMs < window.fromMs ? "recurring, " : loggedBefore ? "new, " : "";
  return {
    number,
    heading: headline(cluster.template),
    detail: [
      `${cluster.level}  ${countOf(cluster.timesMs.length, "line", "lines")}  `,
      { code: sparkline(bucketed(cluster, window)) },
      `  ${novelty}first seen `,
      { atMs: firstMs, show: "date and time" },
      ", last ",
      { atMs: cluster.timesMs[0] as number, show: "time" },
    ],
    log: cluster.sample.split("\n").slice(0, 4),
  };
}

function same(a: ServiceRef, b: ServiceRef): boolean {
  return a.service === b.service && a.namespace === b.namespace;
}

function chartOf(ref: ServiceRef, window: TimeRange, clusters: readonly Cluster[]): Chart {
  const stepMs = (window.toMs - window.fromMs) / BUCKETS;
  const sums = new Array<number>(BUCKETS).fill(0);
  for (const cluster of clusters)
    bucketed(cluster, window).forEach((count, i) => {
      sums[i] = (sums[i] ?? 0) + count;
    });
  const perMinute = 60_000 / stepMs;
  return {
    title: `${ref.service}: warnings and errors`,
    unit: "lines / min",
    fromMs: window.fromMs,
    stepMs,
    values: sums.map((count) => count * perMinute),
  };
}

function bucketed(cluster: Cluster, window: TimeRange): number[] {
  const counts = new Array<number>(BUCKETS).fill(0);
  const stepMs = (window.toMs - window.fromMs) / BUCKETS;
  for (const atMs of cluster.timesMs) {
    const bucket = Math.min(BUCKETS - 1, Math.max(0, Math.floor((atMs - window.fromMs) / stepMs)));
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }
  return counts;
}
