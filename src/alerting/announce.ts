import type { Announcer } from "../anomalies/announcer.ts";
import type { Band } from "../anomalies/detector.ts";
import { type EpisodeEvidence, readEvidence } from "../anomalies/evidence.ts";
import type { Change } from "../anomalies/tenantWatch.ts";
import type { FingerprintPool } from "../clusters/fingerprintPool.ts";
import type { Log } from "../log.ts";
import type { LogSource } from "../logs/source.ts";
import type { TenantScope } from "../tenancy/scope.ts";
import { oweAlerts } from "./alerts.ts";
import { oweWatchNotices } from "./notices.ts";

export interface AnnouncerParts {
  /** With a time limit that a scan can wait for. */
  logs: LogSource;
  fingerprints: FingerprintPool;
  log: Log;
  now: () => number;
}

/** Owes alerts of live tenants to their channels. */
export function createAnnouncer({ logs, fingerprints, log, now }: AnnouncerParts): Announcer {
  return {
    notify: (scope, watch) => oweWatchNotices(scope, watch, now()),

    async prepare(scope, change, band, isHurried) {
      if (change.kind === "goes on" && !change.isWorse) return undefined;
      const { episode } = change;
      const evidence = isHurried ? undefined : await evidenceOf(scope, change, band);
      const resolution = change.kind === "ends" ? { resolution: change.why } : {};
      return (db, eventId) => oweAlerts(scope, db, { eventId, episode, evidence, ...resolution }, now());
    },
  };
  function evidenceOf(
    scope: TenantScope,
    { episode, atMs }: Change,
    band: ((atMs: number) => Band) | undefined,
  ): Promise<EpisodeEvidence | undefined> {
    return readEvidence({ logs, fingerprints, band }, scope, episode, atMs).catch((err: unknown) => {
      log.warn({ err, tenant: scope.tenantId }, "could not read the evidence of an alert");
      return undefined;
    });
  }
}
