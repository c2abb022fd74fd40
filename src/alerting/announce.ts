import type { Announcement, Announcer } from "../anomalies/announcer.ts";
import type { Band } from "../anomalies/detector.ts";
import { type EpisodeEvidence, readEvidence } from "../anomalies/evidence.ts";
import type { Change } from "../anomalies/tenantWatch.ts";
import type { FingerprintPool } from "../clusters/fingerprintPool.ts";
import type { Log } from "../log.ts";
import type { LogSource } from "../logs/source.ts";
import type { TenantScope } from "../tenancy/scope.ts";
import { oweAlerts } from "./alerts.ts";
import { readAudience } from "./audience.ts";
import { oweWatchNotices } from "./notices.ts";

export interface AnnouncerParts {
  /** With a time limit that a scan can wait for. */
  logs: LogSource;
  fingerprints: FingerprintPool;
  log: Log;
  now: () => number;
}

/** Where much begins at once, reading the evidence of all of it must not take longer than the watch is kept. */
const EVIDENCE_MS = 30_000;

/** Owes alerts to their channels. */
export function createAnnouncer({ logs, fingerprints, log, now }: AnnouncerParts): Announcer {
  return {
    notify: (scope, watch) => oweWatchNotices(scope, watch, now()),

    async prepare(scope, changes, { liveSinceMs, bandOf }) {
      if (changes.length === 0) return [];
      const audience = await readAudience(scope, now());
      const announcements: (Announcement | undefined)[] = [];
      const untilMs = performance.now() + EVIDENCE_MS;
      for (const change of changes) {
        const channels = audience.hearersOf(change, liveSinceMs !== undefined);
        if (channels.length === 0) {
          announcements.push(undefined);
          continue;
        }
        const isHurried = performance.now() > untilMs;
        const evidence = isHurried ? undefined : await evidenceOf(scope, change, bandOf(change));
        const resolution = change.kind === "ends" ? { resolution: change.why } : {};
        announcements.push((db, eventId) =>
          oweAlerts(scope, db, channels, { eventId, episode: change.episode, evidence, ...resolution }),
        );
      }
      return announcements;
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
