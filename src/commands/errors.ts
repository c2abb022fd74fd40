import { linesLink, windowText } from "../analysis/card.ts";
import { countOf, headline, moment } from "../analysis/words.ts";
import { altText } from "../charts/alt.ts";
import type { Chart } from "../charts/chart.ts";
import { sparkline } from "../charts/sparkline.ts";
import { button, type Card, type Item } from "../chat/card.ts";
import { shownName } from "../chat/shownName.ts";
import { type Cluster, createClusterer } from "../clusters/cluster.ts";
import { type KnownCluster, upsertClusters } from "../clusters/store.ts";
import {
  ERROR_LEVELS,
  type ErrorLevel,
  type LogSource,
  type ServiceRef,
  type TimeRange,
} from "../logs/source.ts";
import { takeTurns } from "../turns.ts";
import { type Command, defineCommand, message } from "./command.ts";
import { findService } from "./findService.ts";
import { DEFAULT_SINCE_MS, level, namespace, service, since } from "./options.ts";

const MAX_LINES = 50_000;
const SHOWN = 8;
/** Kinds that get a row in the database: the most frequent. */
const MAX_KEPT = 500;
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
    options: [service, since, level, namespace],
    async run(call) {
      const { scope } = call.workspace();
      const toMs = now();
      const window = { fromMs: toMs - (call.options.since ?? DEFAULT_SINCE_MS), toMs };
      const ref = await findService(logs, scope.lokiOrgId, call.options, window);
      const wanted = call.options.level;
      const levels = wanted === undefined ? ERROR_LEVELS : [wanted];
      const read = await readClusters(logs, scope.lokiOrgId, ref, levels, window);
      const known = await scope.transaction((db) =>
        upsertClusters(scope, db, read.clusters.slice(0, MAX_KEPT), window),
      );
      const { fromMs, stepMs, steps } = bucketsOf(window);
      const of = { services: [ref.service], namespace: ref.namespace, levels };
      const counts = await logs.counts(scope.lokiOrgId, { ...of, ...window, fromMs, stepMs });
      const values = Array.from({ length: steps }, (_, i) => {
        const sum = counts.reduce((total, series) => total + (series.counts[i] ?? 0), 0);
        return (sum * 60_000) / stepMs;
      });
      const what = wanted === undefined ? "warnings and errors" : `${wanted} lines`;
      const chart = {
        title: `${shownName(ref.service)}: ${what}`,
        unit: "lines / min",
        fromMs,
        stepMs,
        values,
      };
      const card = errorsCard(ref, what, window, read, known, chart);
      const url = await logs.linkTo(scope.lokiOrgId, {
        ...of,
        ...window,
        order: "newest first",
        limit: 1_000,
      });
      const notes = read.notes.map((note) => ({ kind: "text" as const, text: note }));
      return message({ ...card, body: [...card.body, ...notes, ...linesLink(url)] }, "channel");
    },
  });
}

/** What was read of a window, and of as much time before it: only that can tell what is new in it. */
interface Read {
  /** With lines in the window, and only those; the most frequent first. */
  clusters: Cluster[];
  kindsLeftOut: number;
  /** What the source says of lines it could not give. */
  notes: string[];
  linesInWindow: number;
  /** Of the window's lines the ones from here on were read. */
  fromMs: number;
  /** Fingerprints of the time before the window; absent where it was not all read, or the service was not there. */
  before: ReadonlySet<string> | undefined;
}

async function readClusters(
  logs: LogSource,
  org: string,
  ref: ServiceRef,
  levels: readonly ErrorLevel[],
  window: TimeRange,
): Promise<Read> {
  const clusterer = createClusterer();
  const turn = takeTurns();
  const notes: string[] = [];
  let lines = 0;
  let oldestMs = window.toMs;
  const before = { fromMs: 2 * window.fromMs - window.toMs, toMs: window.fromMs };
  const query = {
    fromMs: before.fromMs,
    toMs: window.toMs,
    services: [ref.service],
    namespace: ref.namespace,
    levels,
    order: "newest first",
    limit: MAX_LINES,
    onNote: (note: string) => void notes.push(note),
  } as const;
  for await (const line of logs.lines(org, query)) {
    clusterer.add(line);
    lines++;
    oldestMs = Number(line.atNs / 1_000_000n);
    await turn();
  }
  const all = clusterer.clusters();
  const inWindow = all
    .map((cluster) => {
      // Newest first. What was read of before the window is no part of it, but says since when a line is known.
      const timesMs = cluster.timesMs.filter((atMs) => atMs >= window.fromMs);
      return { ...cluster, timesMs, count: timesMs.length, firstMs: cluster.timesMs.at(-1) as number };
    })
    .filter((cluster) => cluster.count > 0)
    .sort((a, b) => b.count - a.count);
  const isWhole = lines < MAX_LINES && clusterer.kindsLeftOut() === 0;
  const wasThere = isWhole && (await logs.services(org, before)).some((other) => same(other, ref));
  return {
    clusters: inWindow,
    kindsLeftOut: clusterer.kindsLeftOut(),
    notes,
    linesInWindow: inWindow.reduce((sum, cluster) => sum + cluster.count, 0),
    fromMs: lines < MAX_LINES ? window.fromMs : Math.max(window.fromMs, oldestMs),
    before: wasThere
      ? new Set(
          all.filter(({ timesMs }) => (timesMs.at(-1) as number) < window.fromMs).map((c) => c.fingerprint),
        )
      : undefined,
  };
}

function errorsCard(
  ref: ServiceRef,
  what: string,
  window: TimeRange,
  read: Read,
  known: readonly KnownCluster[],
  chart: Chart,
): Card {
  const { clusters, kindsLeftOut } = read;
  const top = clusters[0];
  if (top === undefined) {
    return {
      title: `${shownName(ref.service)}: no ${what}`,
      tone: "good",
      badge: "QUIET",
      body: [
        {
          kind: "text",
          text: [`${shownName(ref.service)} logged no ${what} from `, ...windowText(window), "."],
        },
      ],
    };
  }
  const topKnown = known.find((row) => row.fingerprint === top.fingerprint);
  const rarer = clusters.length + kindsLeftOut - SHOWN;
  const readPart = { fromMs: read.fromMs, toMs: window.toMs };
  return {
    title: `${shownName(ref.service)}: ${countOf(clusters.length + kindsLeftOut, "kind", "kinds")} of ${what}`,
    tone: "neutral",
    badge: countOf(read.linesInWindow, "LINE", "LINES"),
    body: [
      {
        kind: "text",
        text: [
          "From ",
          ...windowText(window),
          ...(read.fromMs > window.fromMs
            ? [
                `. Grouped are the newest ${read.linesInWindow.toLocaleString("en-US")} of more, since `,
                moment(read.fromMs, window),
                "; the chart shows all.",
              ]
            : ["."]),
        ],
      },
      { kind: "chart", chart, alt: altText(chart) },
      {
        kind: "items",
        items: clusters
          .slice(0, SHOWN)
          .map((cluster, i) => clusterItem(cluster, i + 1, readPart, window, known, read.before)),
      },
    ],
    ...(topKnown && {
      actions: [button("Root cause", { name: "rootcause", subject: topKnown.id }, "primary")],
    }),
    ...(rarer > 0 && {
      footnote: `${countOf(rarer, "rarer kind is", "rarer kinds are")} not shown. Narrow it with since: or level:.`,
    }),
  };
}

function clusterItem(
  cluster: Cluster,
  number: number,
  readPart: TimeRange,
  window: TimeRange,
  known: readonly KnownCluster[],
  before: ReadonlySet<string> | undefined,
): Item {
  const row = known.find((candidate) => candidate.fingerprint === cluster.fingerprint);
  const firstMs = row?.firstSeenMs ?? (cluster.timesMs.at(-1) as number);
  const isOld = firstMs < window.fromMs || before?.has(cluster.fingerprint) === true;
  // Where the time before was not read, or the service was not there, nothing can be said of it.
  const novelty = isOld ? "recurring, " : before === undefined ? "" : "new, ";
  return {
    number,
    heading: headline(cluster.template),
    detail: [
      `${cluster.level}  ${countOf(cluster.count, "line", "lines")}  `,
      { code: sparkline(bucketed(cluster, readPart)) },
      `  ${novelty}first seen `,
      { atMs: firstMs, show: "date and time" },
      ", last ",
      moment(cluster.timesMs[0] as number, window),
    ],
    log: cluster.sample.split("\n").slice(0, 4),
  };
}

function same(a: ServiceRef, b: ServiceRef): boolean {
  return a.service === b.service && a.namespace === b.namespace;
}

/** Steps of whole seconds that end with the window and begin with it, or less than a step after. */
function bucketsOf({ fromMs, toMs }: TimeRange): { fromMs: number; stepMs: number; steps: number } {
  const stepMs = Math.max(1, Math.ceil((toMs - fromMs) / BUCKETS / 1_000)) * 1_000;
  const steps = Math.max(1, Math.floor((toMs - fromMs) / stepMs));
  return { fromMs: toMs - steps * stepMs, stepMs, steps };
}

function bucketed(cluster: Cluster, range: TimeRange): number[] {
  const counts = new Array<number>(BUCKETS).fill(0);
  const stepMs = Math.max(1, (range.toMs - range.fromMs) / BUCKETS);
  for (const atMs of cluster.timesMs) {
    const bucket = Math.min(BUCKETS - 1, Math.max(0, Math.floor((atMs - range.fromMs) / stepMs)));
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }
  return counts;
}
