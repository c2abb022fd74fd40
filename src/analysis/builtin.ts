import type { Inline, Text } from "../chat/card.ts";
import { failureKindOf, isSymptom } from "../evidence/failureKinds.ts";
import { type Deploy, type Pack, type RankedCluster, rangeOf, type VolumeDrop } from "../evidence/pack.ts";
import type { Answer } from "./answer.ts";
import { isTied, weigh } from "./confidence.ts";
import { countOf, duration, headline, moment } from "./words.ts";

/** Version of the rules below; kept with every answer so that old ones can be told from new ones. */
const MODEL = "evidence-rules-3";

/** Below this score a cluster that rose is not put forward as a cause. */
const MIN_SCORE = 0.25;
/** Ranks that are at least this part of another's say nothing about which comes first. */
const NEARLY = 0.6;
/** What begins within this time of each other began together. */
const TOGETHER_MS = 60_000;
/** A deploy explains what begins within this time after it. */
const DEPLOY_REACH_MS = 15 * 60_000;

/** The answer that needs no model: the evidence put into words, by rules that are the same every time. */
export function analyseBuiltin(pack: Pack): Answer {
  const culprit = chooseCulprit(pack);
  if (culprit === undefined) return abstain(pack);
  const cluster = pack.clusters[culprit] as RankedCluster;
  const kind = failureKindOf(cluster.sample);
  // Where the line only shows that something else does not answer, a deploy of its own service explains nothing.
  const deploy = isSymptom(kind) ? undefined : deployBefore(pack, cluster);
  const onsetMs = cluster.onsetMs ?? pack.window.fromMs;

  const what = kind === undefined ? `it began to log "${headline(cluster.template)}"` : kind.meaning;
  const since =
    deploy === undefined
      ? ""
      : `, ${duration(onsetMs - deploy.atMs)} after version ${deploy.version} was deployed`;
  const { confidence, reasons } = weigh(pack, cluster, kind, deploy !== undefined);
  return {
    provider: "builtin",
    model: MODEL,
    rootCause: `${cluster.service}: ${what}${since}.`,
    summary: tell(pack, culprit, cluster),
    ...suggest(kind?.action, deploy),
    confidence,
    confidenceReasons: reasons,
    culprit,
    cites: [culprit + 1, ...related(pack, culprit).map((at) => at + 1)],
  };
}

/**
 * The best ranked that rose; one that something ties to the asked service before one that only the time does;
 * where it only shows a symptom, a cause of nearly the same rank that did not come after it.
 */
function chooseCulprit(pack: Pack): number | undefined {
  const { clusters } = pack;
  const rising = [...clusters.keys()].filter((at) => {
    const { onsetMs, score } = clusters[at] as RankedCluster;
    return onsetMs !== undefined && score >= MIN_SCORE;
  });
  const top = rising[0];
  if (top === undefined) return undefined;
  const isNear = (at: number, to: number) => scoreOf(at) >= scoreOf(to) * NEARLY;
  const first = rising.find((at) => isTied(clusters[at] as RankedCluster, pack) && isNear(at, top)) ?? top;
  if (!isSymptom(failureKindOf(clusters[first]?.sample ?? ""))) return first;
  const cause = rising.find((at) => {
    const kind = failureKindOf(clusters[at]?.sample ?? "");
    const laterMs = (clusters[at]?.onsetMs ?? 0) - (clusters[first]?.onsetMs ?? 0);
    return kind !== undefined && !isSymptom(kind) && isNear(at, first) && laterMs <= TOGETHER_MS;
  });
  return cause ?? first;

  function scoreOf(at: number): number {
    return clusters[at]?.score ?? 0;
  }
}

function deployBefore(pack: Pack, cluster: RankedCluster): Deploy | undefined {
  const onsetMs = cluster.onsetMs ?? pack.window.fromMs;
  return pack.deploys.findLast(
    (deploy) =>
      deploy.service === cluster.service &&
      deploy.atMs <= onsetMs &&
      onsetMs - deploy.atMs <= DEPLOY_REACH_MS,
  );
}

function tell(pack: Pack, culprit: number, cluster: RankedCluster): Text {
  const told: Inline[] = [];
  if (cluster.onsetMs !== undefined) {
    const usual = Math.round(cluster.expected);
    const before = cluster.isNew
      ? "not once before in what was read"
      : `where ${usual.toLocaleString("en-US")} would be usual`;
    const { endedMs } = cluster;
    told.push(endedMs === undefined ? "Since " : "From ", moment(cluster.onsetMs, rangeOf(pack)));
    if (endedMs !== undefined) told.push(" to ", moment(endedMs, rangeOf(pack)));
    told.push(
      ` ${cluster.service} logged it ${countOf(cluster.count, "time", "times")}, ${before}${endedMs === undefined ? "" : ", and not since"} [${culprit + 1}]. `,
    );
  }
  const services = new Set([cluster.service]);
  const elsewhere = related(pack, culprit).filter((at) => {
    const service = pack.clusters[at]?.service ?? "";
    return !services.has(service) && services.add(service);
  });
  if (elsewhere.length > 0) {
    const list = elsewhere.slice(0, 3).map((at) => {
      const other = pack.clusters[at] as RankedCluster;
      return `${other.service}${offset(cluster, other)} [${at + 1}]`;
    });
    told.push(`Also failing: ${list.join(", ")}. `);
  }
  const quiet = pack.quieter[0];
  if (quiet !== undefined) told.push(`${fellQuiet(quiet)}.`);
  return told;
}

function fellQuiet(quiet: VolumeDrop): string {
  const rate = (perMinute: number) => Math.round(perMinute).toLocaleString("en-US");
  return `${quiet.service} fell from ${rate(quiet.perMinuteBefore)} to ${rate(quiet.perMinuteAfter)} lines a minute`;
}

function offset(cluster: RankedCluster, other: RankedCluster): string {
  const laterMs = (other.onsetMs ?? 0) - (cluster.onsetMs ?? 0);
  if (Math.abs(laterMs) < 1_000) return " at the same moment";
  return laterMs > 0 ? ` ${duration(laterMs)} later` : ` ${duration(-laterMs)} earlier`;
}

/** The other clusters that rose, by rank. */
function related(pack: Pack, culprit: number): number[] {
  return pack.clusters
    .map((cluster, at) => ({ cluster, at }))
    .filter(
      ({ cluster, at }) => at !== culprit && cluster.onsetMs !== undefined && cluster.score >= MIN_SCORE,
    )
    .map(({ at }) => at);
}

function suggest(action: string | undefined, deploy: Deploy | undefined): { suggestedAction?: string } {
  if (deploy !== undefined) {
    return {
      suggestedAction:
        `Consider rolling ${deploy.service} back from ${deploy.version}. ${action ?? ""}`.trim(),
    };
  }
  return action === undefined ? {} : { suggestedAction: action };
}

function abstain(pack: Pack): Answer {
  const kinds = pack.clusters.length + pack.clustersLeftOut;
  const quiet = pack.quieter[0];
  const silence = pack.quieter.find(({ service }) => service === pack.service);
  const look =
    quiet === undefined
      ? "Look at metrics (CPU, memory, network), at requests that never reached the logs, or ask for a longer time."
      : `${fellQuiet(quiet)}: look at what it waits for.`;
  const where = pack.namespace === "" ? "any service" : pack.namespace;
  return {
    provider: "builtin",
    model: MODEL,
    rootCause: silence === undefined ? "Not visible in these logs." : `${fellQuiet(silence)}.`,
    summary: pack.silent
      ? `Nothing at all was logged in ${where} in this time, and in as much time before it. Ask about a longer time, such as since:6h.`
      : kinds === 0
        ? `No warning or error was logged in ${where}. ${look}`
        : `${countOf(kinds, "kind", "kinds")} of warnings and errors, none of which rose beyond what was there before. ${look}`,
    confidence: quiet === undefined ? 0.1 : 0.2,
    confidenceReasons: ["nothing that changed was found in what was read"],
    cites: [],
  };
}
