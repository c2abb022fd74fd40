import type { Change } from "../anomalies/episode.ts";
import { LostWatch } from "../anomalies/watchStore.ts";
import { secondsSince, type Telemetry } from "./telemetry.ts";

/** Told of the scans of tenants. */
export interface ScanWatch {
  /** Does one scan, and tells how that went; what is thrown is thrown on. */
  scan(work: () => Promise<void>): Promise<void>;
  /** What was found and stands in the database now. */
  found(changes: readonly Change[]): void;
}

export function createScanWatch({ metrics, traces }: Telemetry): ScanWatch {
  return {
    scan: (work) =>
      traces.span("scan", {}, async (span) => {
        const fromMs = performance.now();
        try {
          await work();
        } catch (error) {
          // Somebody else has gone on, or the process ends: neither done nor failed.
          if (!(error instanceof LostWatch)) metrics.count("loghunter_scans_total", { outcome: "failed" });
          span.say({ lost: error instanceof LostWatch });
          throw error;
        }
        metrics.count("loghunter_scans_total", { outcome: "done" });
        metrics.observe("loghunter_scan_seconds", {}, secondsSince(fromMs));
      }),
    found(changes) {
      for (const { kind, episode } of changes) {
        const { metric, severity } = episode;
        if (kind === "opens") metrics.count("loghunter_detections_total", { metric, severity });
      }
    },
  };
}
