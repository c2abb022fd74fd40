import { deliveryBacklog } from "../alerting/deliveries.ts";
import { countOf, duration } from "../analysis/words.ts";
import { findWatch } from "../anomalies/watchStore.ts";
import { shownName } from "../chat/shownName.ts";
import { listEnding } from "../keys/careStore.ts";
import { hasEnded, recordedUntil } from "../logs/recording.ts";
import type { LogSource } from "../logs/source.ts";
import type { TenantScope } from "../tenancy/scope.ts";
import type { Check } from "./check.ts";
import { type Found, well } from "./found.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** As in `status`: sending takes a second or two. */
const LATE_MS = MINUTE_MS;
/** Now somebody misses an alert. */
const MISSED_MS = 5 * MINUTE_MS;
/** A minute for the lines to arrive, one until the next scan, and some. */
const BEHIND_MS = 5 * MINUTE_MS;
const STOPPED_MS = 15 * MINUTE_MS;
const ENDS_SOON_MS = 7 * DAY_MS;
const KEYS = 5;

const FIX = "Check the database: docs/troubleshooting.md says how.";

export interface WorkParts {
  logs?: Pick<LogSource, "recording">;
  now: () => number;
}

/** What LogHunter should have done for the organisation by now. */
export function workChecks(scope: TenantScope, parts: WorkParts): Check[] {
  return [
    { name: "messages", standsOn: "schema", fix: FIX, run: () => messages(scope, parts.now()) },
    { name: "scans", standsOn: "schema", fix: FIX, run: () => scans(scope, parts) },
    { name: "API keys", standsOn: "schema", fix: FIX, run: () => apiKeys(scope, parts.now()) },
  ];
}

async function messages(scope: TenantScope, nowMs: number): Promise<Found[]> {
  const { unsent, oldestMs, refused } = await deliveryBacklog(scope);
  const lateMs = oldestMs === undefined ? 0 : nowMs - oldestMs;
  const found: Found[] = [];
  if (lateMs > LATE_MS)
    found.push({
      state: lateMs > MISSED_MS ? "failure" : "warning",
      finding: `The oldest of ${countOf(unsent, "unsent message", "unsent messages")} has waited ${duration(lateMs)}.`,
      fix: "Mend what is said of the chat and its channels; if nothing is, restart LogHunter: what is owed is kept, and sent then.",
    });
  if (refused > 0)
    found.push({
      state: "warning",
      finding: `${countOf(refused, "message was", "messages were")} refused in the last day.`,
      fix: ["Type ", { code: "status" }, ": it says where, and why."],
    });
  return found.length > 0 ? found : [well(unsent === 0 ? "None waits." : `${unsent} on their way.`)];
}

async function scans(scope: TenantScope, { logs, now }: WorkParts): Promise<Found[]> {
  const watch = await findWatch(scope);
  if (logs !== undefined && hasEnded(recordedUntil(logs, scope.lokiOrgId), now()))
    return [well("The recording has ended.")];
  if (watch?.failing !== undefined)
    return [
      {
        state: "failure",
        finding: [
          `Services are not watched: ${watch.failing.why} Since `,
          { atMs: watch.failing.sinceMs, show: "date and time" },
          ".",
        ],
        fix: "Mend what is said of the logs: what was missed is scanned then.",
      },
    ];
  if (watch?.scannedUntilMs === undefined)
    return [
      {
        state: "unseen",
        finding: "Nothing was scanned yet: the first scan comes within a minute of the start.",
      },
    ];
  const behindMs = now() - watch.scannedUntilMs;
  if (behindMs <= BEHIND_MS) return [well(`Scanned up to ${duration(behindMs)} ago.`)];
  return [
    {
      state: behindMs > STOPPED_MS ? "failure" : "warning",
      finding: `Services were scanned last up to ${duration(behindMs)} ago.`,
      fix: "Check that LogHunter runs, and that the log source answers within seconds; after a pause it catches up by itself.",
    },
  ];
}

async function apiKeys(scope: TenantScope, nowMs: number): Promise<Found[]> {
  const ending = await listEnding(scope, { fromMs: nowMs, toMs: nowMs + ENDS_SOON_MS });
  if (ending.length === 0) return [well("None ends within a week.")];
  const shown = ending.slice(0, KEYS).map(
    ({ name, expiresAtMs }): Found => ({
      state: "warning",
      finding: [`The key ${shownName(name)} ends `, { atMs: expiresAtMs, show: "date and time" }, "."],
      fix: [
        "Type ",
        { code: `keys rotate ${shownName(name)}` },
        " in the key channel, and give whoever uses it the new one.",
      ],
    }),
  );
  const more = ending.length - shown.length;
  if (more === 0) return shown;
  const rest: Found = {
    state: "warning",
    finding: `${more} more keys end within a week.`,
    fix: ["Type ", { code: "keys list" }, " in the key channel."],
  };
  return [...shown, rest];
}
