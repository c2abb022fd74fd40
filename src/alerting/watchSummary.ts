import { countBaselines } from "../anomalies/baselineStore.ts";
import { listSettings } from "../anomalies/settings.ts";
import { listAnomalies } from "../anomalies/store.ts";
import { watchCard } from "../anomalies/summary.ts";
import { findWatch } from "../anomalies/watchStore.ts";
import type { Card } from "../chat/card.ts";
import type { TenantScope } from "../tenancy/scope.ts";
import { listChannels } from "./channels.ts";

const DAY_MS = 24 * 60 * 60_000;
const MOST = 200;

/** The last day of a tenant, as it is shown. @param recordedUntilMs of a recording: when its last line is, or was */
export async function watchSummary(
  scope: TenantScope,
  nowMs: number,
  recordedUntilMs?: number,
): Promise<Card> {
  const [watch, events, services, settings, channels] = await Promise.all([
    findWatch(scope),
    listAnomalies(scope, { sinceMs: nowMs - DAY_MS }, MOST + 1),
    countBaselines(scope),
    scope.transaction((db) => listSettings(scope, db)),
    listChannels(scope, "alerts"),
  ]);
  const sensitivity = settings.find(({ service }) => service === "")?.sensitivity ?? "normal";
  return watchCard({
    watch,
    events: events.slice(0, MOST),
    areCut: events.length > MOST,
    services,
    sensitivity,
    nowMs,
    ...(recordedUntilMs !== undefined && { recordedUntilMs }),
    hasChannel: channels.length > 0,
  });
}
