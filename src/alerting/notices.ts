import { duration } from "../analysis/words.ts";
import { markSummarised, type Watch } from "../anomalies/watchStore.ts";
import type { Card } from "../chat/card.ts";
import { hasEnded, recordedUntil, recordingText } from "../logs/recording.ts";
import type { LogSource } from "../logs/source.ts";
import type { TenantScope } from "../tenancy/scope.ts";
import { oweNotices } from "./alerts.ts";
import { listChannels } from "./channels.ts";
import { oweDigests } from "./digest.ts";
import { watchSummary } from "./watchSummary.ts";

/** What mends itself within so long is nobody's business. */
const PATIENCE_MS = 10 * 60_000;
/** When the day's summary comes, UTC: people are at work in most of the world. */
const SUMMARY_HOUR = 9;
const HOUR_MS = 60 * 60_000;

/** Owes what is to be said beside alerts: once that the watch sees nothing, the day's summary in shadow mode, and digests. */
export async function oweWatchNotices(
  scope: TenantScope,
  watch: Watch,
  logs: Pick<LogSource, "recording">,
  nowMs: number,
): Promise<void> {
  const { failing, silentSinceMs } = watch;
  if (failing !== undefined && nowMs - failing.sinceMs >= PATIENCE_MS)
    await owe(scope, { notice: `failing ${failing.sinceMs}`, card: failingCard(failing, nowMs) });
  if (silentSinceMs !== undefined && nowMs - silentSinceMs >= PATIENCE_MS)
    await owe(scope, silentNotice(silentSinceMs, recordedUntil(logs, scope.lokiOrgId), nowMs));
  if (watch.liveSinceMs === undefined && watch.scannedUntilMs !== undefined)
    await summarise(scope, watch, nowMs);
  await oweDigests(scope, watch, nowMs);
}

async function owe(scope: TenantScope, said: { notice: string; card: Card }): Promise<void> {
  const channels = await listChannels(scope, "alerts");
  await scope.transaction((db) => oweNotices(scope, db, channels, said));
}

/** Of a recording that is over it is no wonder. */
function silentNotice(
  sinceMs: number,
  recordedUntilMs: number | undefined,
  nowMs: number,
): { notice: string; card: Card } {
  return hasEnded(recordedUntilMs, nowMs)
    ? { notice: `recorded ${recordedUntilMs}`, card: recordedCard(recordedUntilMs, nowMs) }
    : { notice: `silent ${sinceMs}`, card: silentCard(sinceMs) };
}

async function summarise(scope: TenantScope, { summarisedOn }: Watch, nowMs: number): Promise<void> {
  const day = new Date(nowMs - SUMMARY_HOUR * HOUR_MS).toISOString().slice(0, 10);
  if (summarisedOn !== undefined && summarisedOn >= day) return;
  const channels = await listChannels(scope, "alerts");
  const card = await watchSummary(scope, nowMs);
  await scope.transaction(async (db) => {
    if (!(await markSummarised(scope, db, day))) return;
    await oweNotices(scope, db, channels, { notice: `shadow ${day}`, card });
  });
}

function failingCard({ sinceMs, why }: { sinceMs: number; why: string }, nowMs: number): Card {
  return {
    title: "The logs cannot be read",
    tone: "critical",
    badge: "NOT WATCHING",
    body: [
      {
        kind: "facts",
        facts: [
          {
            label: "Since",
            value: [{ atMs: sinceMs, show: "date and time" }, ` (${duration(nowMs - sinceMs)})`],
          },
          { label: "Reason", value: why },
        ],
      },
      {
        kind: "text",
        text: "No alert fires meanwhile. What is missed is looked at as soon as the logs can be read again; this is said once.",
      },
    ],
    footnote: "Type status to see what is to mend.",
  };
}

function silentCard(sinceMs: number): Card {
  return {
    title: "No service has logged anything",
    tone: "critical",
    badge: "NO LINES",
    body: [
      { kind: "facts", facts: [{ label: "Since", value: [{ atMs: sinceMs, show: "date and time" }] }] },
      {
        kind: "text",
        text: "Services do not all stop at once: look at what brings their lines to the logs. No service is reported as silent meanwhile; this is said once.",
      },
    ],
  };
}

function recordedCard(untilMs: number, nowMs: number): Card {
  return {
    title: "The recording has ended",
    tone: "neutral",
    badge: "ENDED",
    body: [
      { kind: "facts", facts: [{ label: "Recording", value: recordingText(untilMs, nowMs) }] },
      { kind: "text", text: "What was found in it stays listed by anomalies." },
    ],
  };
}
