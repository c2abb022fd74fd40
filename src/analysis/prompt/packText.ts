import { randomBytes } from "node:crypto";
import { type EvidenceItem, evidenceItems } from "../../evidence/items.ts";
import type { Pack, RankedCluster } from "../../evidence/pack.ts";
import { estimateTokens } from "../../models/languageModel.ts";
import { neutral } from "./neutral.ts";

/** What most packs have room in; the least important is left out until it has. */
const USUAL_TOKENS = 3_000;
/** No line of a log takes more than this of a prompt, in characters, its JSON quotes and escapes included. */
const LINE_CHARS = 560;
const SAMPLE_CHARS = [420, 420, 420, 280, 200, 160, 120] as const;
const TEMPLATE_CHARS = 200;
const AROUND_CHARS = 130;
const OTHER_CHARS = 180;

/** A word that no line of a log can know, around what is not to be trusted. */
export function newFence(): string {
  return `EVIDENCE-${randomBytes(9).toString("base64url")}`;
}

/**
 * The evidence as a model reads it: between two fences, each text of a log one JSON string on one line. The same pack and fence
 * give the same text, byte for byte.
 * @param maxTokens by `countTokens`; what is least important is left out until it fits
 */
export function packText(
  pack: Pack,
  fence: string,
  { maxTokens = USUAL_TOKENS, countTokens = estimateTokens } = {},
): string {
  for (const detail of DETAILS) {
    const text = [`<${fence}>`, ...linesOf(pack, detail), `</${fence}>`].join("\n");
    if (detail === LEAST || countTokens(text) <= maxTokens) return text;
  }
  throw new Error("not reached: the least detail is always taken");
}

/** How much is told of the clusters, the first of them in full. */
interface Detail {
  clusters: number;
  samples: number;
  around: number;
  others: number;
}

const LEAST: Detail = { clusters: 3, samples: 1, around: 0, others: 3 };
const DETAILS: readonly Detail[] = [
  { clusters: 10, samples: 7, around: 3, others: 12 },
  { clusters: 10, samples: 6, around: 2, others: 10 },
  { clusters: 10, samples: 5, around: 1, others: 8 },
  { clusters: 8, samples: 4, around: 1, others: 6 },
  { clusters: 6, samples: 3, around: 0, others: 5 },
  LEAST,
];

function* linesOf(pack: Pack, detail: Detail): Generator<string> {
  yield line("asked", {
    service: pack.service,
    ...(pack.namespace !== "" && { namespace: pack.namespace }),
    window: `${time(pack.window.fromMs)} to ${time(pack.window.toMs)}`,
    ...(pack.onsetMs !== undefined && { onset: time(pack.onsetMs) }),
    read: `${pack.linesRead} of ${pack.linesThere} warnings and errors of all services since ${time(pack.lookbackFromMs)}`,
    ...(pack.earlier !== undefined && {
      comparedWith: `${time(pack.earlier.fromMs)} to ${time(pack.earlier.toMs)}`,
    }),
    ...(pack.clustersLeftOut > 0 && { furtherKindsNotShown: pack.clustersLeftOut }),
  });
  if ((pack.calls ?? []).length > 0)
    yield line(
      "named in errors",
      (pack.calls ?? []).slice(0, 12).map(({ from, to }) => `${from} -> ${to}`),
    );
  let others = 0;
  for (const item of evidenceItems(pack)) {
    if (item.kind === "cluster") {
      if (item.number <= detail.clusters) yield* clusterLines(pack, item.number, item.cluster, detail);
    } else if (others++ < detail.others) yield otherLine(pack, item);
  }
}

function* clusterLines(
  pack: Pack,
  number: number,
  cluster: RankedCluster,
  { samples, around }: Detail,
): Generator<string> {
  const { service, level, count, expected, onsetMs, endedMs, isNew, template, sample } = cluster;
  yield line(`[${number}]`, {
    service,
    level,
    lines: count,
    usual: Math.round(expected * 10) / 10,
    ...(onsetMs === undefined ? { went: "on as before" } : { began: offset(pack, onsetMs), new: isNew }),
    ...(endedMs !== undefined && { ended: offset(pack, endedMs) }),
    template: cut(template, TEMPLATE_CHARS),
  });
  const chars = SAMPLE_CHARS[number - 1];
  if (number <= samples && chars !== undefined) yield line(`[${number}] sample`, cut(sample, chars));
  if (number > around) return;
  for (const beside of cluster.around ?? [])
    yield line(
      `[${number}] beside`,
      `${offset(pack, beside.atMs)} ${beside.level ?? ""} ${cut(beside.text, AROUND_CHARS)}`,
    );
}

function otherLine(pack: Pack, item: Exclude<EvidenceItem, { kind: "cluster" }>): string {
  const { number, service } = item;
  const name = `[${number}]`;
  switch (item.kind) {
    case "drop": {
      const { template, perMinuteUsual, perMinuteNow } = item.drop;
      return line(name, {
        stopped: cut(template, OTHER_CHARS),
        service,
        aMinuteUsually: round(perMinuteUsual),
        aMinuteNow: round(perMinuteNow),
      });
    }
    case "quieter": {
      const { perMinuteBefore, perMinuteAfter, atMs } = item.volume;
      return line(name, {
        quieter: service,
        aMinuteBefore: round(perMinuteBefore),
        aMinuteNow: round(perMinuteAfter),
        since: offset(pack, atMs),
      });
    }
    case "deploy":
      return line(name, {
        deployed: service,
        version: cut(item.deploy.version, 80),
        at: offset(pack, item.deploy.atMs),
      });
    case "event":
      return line(name, {
        [item.event.kind]: service,
        at: offset(pack, item.event.atMs),
        text: cut(item.event.text, OTHER_CHARS),
      });
    case "past": {
      const { atMs, rootCause, namedNoCause, cause, right, partly, wrong } = item.past;
      return line(name, {
        foundBefore: namedNoCause ? "no cause was visible" : cut(rootCause, OTHER_CHARS),
        on: time(atMs),
        peopleSaid: { right, partly, wrong },
        ...(cause !== undefined && { itWas: cut(cause, OTHER_CHARS) }),
      });
    }
  }
}

/** One physical line; JSON escapes what would end it. Names come from logs as well. */
function line(name: string, value: unknown): string {
  const safe = JSON.stringify(value, (_, each) => (typeof each === "string" ? neutral(each) : each));
  return `${name} ${safe}`;
}

/** At most so many characters once it is JSON: what is escaped takes more than one. */
function cut(text: string, chars: number): string {
  const clean = neutral(text).trim();
  const max = Math.min(chars, LINE_CHARS);
  if (JSON.stringify(clean).length <= max) return clean;
  const points = Array.from(clean.slice(0, max));
  while (JSON.stringify(`${points.join("")}…`).length > max) points.splice(Math.floor(points.length * 0.95));
  return `${points.join("")}…`;
}

function time(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 19).replace("T", " ");
}

/** `+12 s` after the onset, or after the start of the window where nothing rose. */
function offset(pack: Pack, atMs: number): string {
  const seconds = Math.round((atMs - (pack.onsetMs ?? pack.window.fromMs)) / 1_000);
  return `${seconds < 0 ? "" : "+"}${seconds} s`;
}

function round(rate: number): number {
  return rate >= 10 ? Math.round(rate) : Math.round(rate * 10) / 10;
}
