import { countOf, headline, likeText, moment, windowText } from "../analysis/words.ts";
import { altText } from "../charts/alt.ts";
import type { Chart } from "../charts/chart.ts";
import { sparkline } from "../charts/sparkline.ts";
import { button, type Card, type Item } from "../chat/card.ts";
import { shownName } from "../chat/shownName.ts";
import type { Cluster } from "../clusters/cluster.ts";
import type { ErrorsRead } from "../clusters/readErrors.ts";
import type { Resembled } from "../clusters/relatedStore.ts";
import type { KnownCluster } from "../clusters/store.ts";
import { OF_A_SAMPLE, readable } from "../logs/readable.ts";
import type { ServiceRef, TimeRange } from "../logs/source.ts";

/** Kinds on the card. */
export const SHOWN = 8;
/** Columns of the chart and of the small charts beside the kinds. */
export const BUCKETS = 30;

/** A cluster's row, and the known one that it resembles. */
export interface Kept extends KnownCluster {
  like: Resembled | undefined;
}

/** What `errors` answers. */
export function errorsCard(
  ref: ServiceRef,
  what: string,
  window: TimeRange,
  read: ErrorsRead,
  known: readonly Kept[],
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
  known: readonly Kept[],
  before: ReadonlySet<string> | undefined,
): Item {
  const row = known.find((candidate) => candidate.fingerprint === cluster.fingerprint);
  const firstMs = row?.firstSeenMs ?? (cluster.timesMs.at(-1) as number);
  const isOld = firstMs < window.fromMs || before?.has(cluster.fingerprint) === true;
  // Where the time before was not read, or the service was not there, nothing can be said of it.
  const isNew = !isOld && before !== undefined;
  const novelty = isOld ? "recurring, " : isNew ? "new, " : "";
  const like = row?.like;
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
      ...(isNew && like !== undefined && like.sinceMs < window.fromMs ? [", ", ...likeText(like)] : []),
    ],
    log: readable(cluster.sample, OF_A_SAMPLE).split("\n").slice(0, 4),
  };
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
