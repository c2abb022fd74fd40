import { listHolds } from "../alerting/holds.ts";
import { findBaseline } from "../anomalies/baselineStore.ts";
import { readCircumstances } from "../anomalies/circumstances.ts";
import { recentEpisodes } from "../anomalies/episodeStore.ts";
import { explainMinute } from "../anomalies/explain.ts";
import { RateChart } from "../anomalies/rateChart.ts";
import { readPast } from "../anomalies/readPast.ts";
import { Replay } from "../anomalies/replay.ts";
import { type AnomalyEvent, findAnomaliesAt } from "../anomalies/store.ts";
import { findWatch } from "../anomalies/watchStore.ts";
import type { OptionDefinition } from "../chat/command.ts";
import { findDeploys } from "../deploys.ts";
import { UserError } from "../errors.ts";
import { findService } from "../logs/findService.ts";
import type { LogSource, ServiceRef, TimeRange } from "../logs/source.ts";
import type { TenantScope } from "../tenancy/scope.ts";
import { type Command, defineCommand, message } from "./command.ts";
import { deployMarks } from "./deployMarks.ts";
import { explainCard } from "./explainCard.ts";
import { instantOf, MOST_BACK_DAYS, parseMoment, type TypedMoment } from "./moment.ts";
import { namespace, service } from "./options.ts";
import { sourceNotes } from "./sourceNotes.ts";

const time = {
  name: "time",
  kind: "text",
  description:
    "When: 10:42, 10:42 yesterday, 2026-11-24 10:42, or how long ago: 30m (the last minute unless said)",
  required: false,
  takesRest: true,
  parse: parseMoment,
} as const satisfies OptionDefinition<TypedMoment>;

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** What was learnt until then still is what was known. */
const MOST_BEHIND_MS = HOUR_MS;
/** Where nothing was kept so long ago: the days before are learnt again. */
const LEARN_MS = 7 * DAY_MS;
const MOST_BACK_MS = MOST_BACK_DAYS * DAY_MS;
/** Lines of the last minute are still on their way. */
const LAG_MS = MINUTE_MS;
/** A person waits. */
const LIMIT_MS = 20_000;
/** Of the chart, before and after the time. */
const BEFORE_MS = 90 * MINUTE_MS;
const AFTER_MS = 30 * MINUTE_MS;
/** An episode that has been over for so long when the replay begins has no part in it. */
const OVER_AFTER_MS = 10 * MINUTE_MS;
const RECENT_MS = 6 * HOUR_MS;

export interface ExplainParts {
  logs: LogSource;
  now: () => number;
}

export function explainCommand({ logs, now }: ExplainParts): Command {
  return defineCommand({
    name: "explain",
    summary: "Why there was an alert about a service at a time, or why there was none, with every number",
    examples: [
      "explain checkout",
      "explain checkout 10:42",
      "explain checkout 10:42 yesterday",
      "explain checkout 30m",
    ],
    role: "viewer",
    visibility: "channel",
    options: [service, time, namespace],
    async run(call) {
      const { scope } = call.workspace();
      const nowMs = now();
      const { time } = call.options;
      const { zone } = call.person;
      const watch = await findWatch(scope);
      const minuteMs = minuteOf(time, watch?.scannedUntilMs, nowMs, zone);
      const ref = await findService(logs, scope.lokiOrgId, call.options, {
        fromMs: minuteMs - HOUR_MS,
        toMs: nowMs,
      });
      const range = chartRange(minuteMs, nowMs);
      const chart = new RateChart(ref, range, MINUTE_MS);
      const notes = await sourceNotes(logs, scope.lokiOrgId, ref, range);
      const { replay, learntFrom } = await replayUntil({ logs, now }, scope, ref, minuteMs);
      const [counts, found, about, deploys] = await Promise.all([
        logs.counts(scope.lokiOrgId, {
          services: [ref.service],
          namespace: ref.namespace,
          stepMs: MINUTE_MS,
          ...range,
        }),
        findAnomaliesAt(scope, ref, minuteMs + MINUTE_MS - 1),
        readCircumstances(scope, { fromMs: minuteMs, toMs: minuteMs + MINUTE_MS }),
        findDeploys(scope, range, ref.namespace),
      ]);
      chart.add(counts, range, (of, atMs) => replay.band(of, atMs));
      const recent = chart.lastCounts(minuteMs + MINUTE_MS, 10);
      const rules = about.rules(ref);
      const explained = explainMinute(replay, minuteMs, rules, recent);
      const resolved = found.filter((event) => wasResolved(event, minuteMs + MINUTE_MS - 1));
      const events = found.filter((event) => !resolved.includes(event));
      const holds = await listHolds(
        scope,
        events.map(({ id }) => id),
      );
      const card = explainCard({
        own: call.workspace().id,
        ref,
        minuteMs,
        explained,
        events,
        resolved,
        holds,
        isMaintained: about.isMaintained(ref, minuteMs),
        isScanned: watch?.scannedUntilMs !== undefined && watch.scannedUntilMs > minuteMs,
        learntFrom,
        chart,
        marks: deployMarks(deploys, ref),
        wasReadAs: time?.kind === "wall" && zone === undefined ? "UTC" : undefined,
      });
      return message({ ...card, body: [...card.body, ...notes] }, "channel");
    },
  });
}

/** Whether somebody had resolved it by then, and nothing of it went on. */
function wasResolved({ resolvedAtMs, resolvedBy, lastOddAtMs }: AnomalyEvent, atMs: number): boolean {
  return resolvedBy !== undefined && Math.max(resolvedAtMs ?? 0, lastOddAtMs) <= atMs;
}

/** The minute that is meant: one that is over. */
function minuteOf(
  time: TypedMoment | undefined,
  scannedUntilMs: number | undefined,
  nowMs: number,
  zone: string | undefined,
): number {
  const lastMs = lastWholeMs(nowMs) - MINUTE_MS;
  if (time === undefined) return scannedUntilMs === undefined ? lastMs : scannedUntilMs - MINUTE_MS;
  const atMs = instantOf(time, nowMs, zone);
  if (nowMs - atMs > MOST_BACK_MS)
    throw new UserError(`That is too far back. The last ${MOST_BACK_DAYS}d can be explained.`);
  return Math.min(lastMs, Math.floor(atMs / MINUTE_MS) * MINUTE_MS);
}

/** The end of the last minute that is over, and whose lines have come. */
function lastWholeMs(nowMs: number): number {
  return Math.floor((nowMs - LAG_MS) / MINUTE_MS) * MINUTE_MS;
}

function chartRange(minuteMs: number, nowMs: number): TimeRange {
  const untilMs = lastWholeMs(nowMs);
  return {
    fromMs: minuteMs - BEFORE_MS,
    toMs: Math.max(minuteMs + MINUTE_MS, Math.min(untilMs, minuteMs + AFTER_MS)),
  };
}

/** The scan's own view of that minute: from what it kept shortly before, or else learnt again from the days before. */
async function replayUntil(
  parts: ExplainParts,
  scope: TenantScope,
  ref: ServiceRef,
  minuteMs: number,
): Promise<{ replay: Replay; learntFrom: { keptUntilMs: number } | TimeRange }> {
  const toMs = minuteMs + MINUTE_MS;
  const kept = await resumed(scope, ref, minuteMs);
  const replay = kept?.replay ?? Replay.create(ref);
  const range = { fromMs: kept?.untilMs ?? toMs - LEARN_MS, toMs };
  const { stopped } = await readPast(parts, scope.lokiOrgId, ref, range, LIMIT_MS, async (series, slice) => {
    replay.advance(series, slice.fromMs, slice.toMs, await readCircumstances(scope, slice));
  });
  if (stopped !== undefined)
    throw new UserError(
      `The days before that time could not all be read. ${stopped} Ask for a time of the last hour.`,
    );
  return { replay, learntFrom: kept === undefined ? range : { keptUntilMs: kept.untilMs } };
}

async function resumed(
  scope: TenantScope,
  ref: ServiceRef,
  minuteMs: number,
): Promise<{ replay: Replay; untilMs: number } | undefined> {
  const baseline = await findBaseline(scope, ref);
  if (baseline === undefined) return undefined;
  const blank = Replay.resume(baseline, []);
  const untilMs = blank?.untilMs;
  if (untilMs === undefined || untilMs > minuteMs || minuteMs - untilMs > MOST_BEHIND_MS) return undefined;
  const episodes = (await recentEpisodes(scope, untilMs, RECENT_MS))
    .filter(
      ({ service, namespace, detectedAtMs }) =>
        service === ref.service && namespace === ref.namespace && detectedAtMs <= untilMs,
    )
    // One that is over by now may have been open then.
    .map((episode) => ({
      ...episode,
      isOpen: episode.isOpen || episode.lastOddAtMs + OVER_AFTER_MS > untilMs,
    }));
  const replay = Replay.resume(baseline, episodes);
  return replay && { replay, untilMs };
}
