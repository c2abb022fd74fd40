import { statfs } from "node:fs/promises";
import { healthOf } from "../backup/daily.ts";
import type { Environment } from "../config.ts";
import type { Lifecycle } from "../lifecycle.ts";
import type { Log } from "../log.ts";
import type { Chosen } from "../startReport.ts";
import { createMetrics, type Reading } from "../telemetry/metrics.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { NO_TRACES, type Traces } from "../telemetry/traces.ts";

/** What the process tells of itself. The packages for traces are loaded only where these go somewhere. */
export async function openTelemetry(
  env: Environment,
  version: string,
  {
    lifecycle,
    log,
    chosen,
    stateDirectory,
  }: { lifecycle: Lifecycle; log: Log; chosen: Chosen[]; stateDirectory: string },
): Promise<Telemetry> {
  const metrics = createMetrics(log);
  metrics.gauge(["loghunter_build_info"], async () => [
    ["loghunter_build_info", { version, node: process.versions.node }, 1],
  ]);
  metrics.gauge(["loghunter_disk_free_bytes"], async () => {
    const { bavail, bsize } = await statfs(stateDirectory);
    return [["loghunter_disk_free_bytes", {}, bavail * bsize]];
  });
  const { backupDir } = env;
  if (backupDir !== undefined)
    metrics.gauge(["loghunter_backup_age_seconds", "loghunter_backup_healthy"], async () => {
      const nowMs = Date.now();
      const { newest, healthy } = await healthOf(backupDir, nowMs);
      const readings: Reading[] = [["loghunter_backup_healthy", {}, Number(healthy)]];
      if (newest !== undefined)
        readings.push(["loghunter_backup_age_seconds", {}, (nowMs - Date.parse(newest.madeAt)) / 1_000]);
      return readings;
    });
  const { otlpEndpoint: endpoint } = env;
  if (endpoint === undefined) return { metrics, traces: NO_TRACES };
  const { createOtlpTraces } = await import("../../adapters/otlp/index.ts");
  const traces: Traces = createOtlpTraces({ endpoint, version, log });
  lifecycle.onStop("traces", () => traces.close());
  chosen.push(["Traces", "to OTEL_EXPORTER_OTLP_ENDPOINT"]);
  return { metrics, traces };
}
