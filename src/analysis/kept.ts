import { listAnomalies } from "../anomalies/store.ts";
import { stateOf, unitOf, valueText } from "../anomalies/words.ts";
import { firstSeen } from "../clusters/store.ts";
import { findDeploys } from "../deploys.ts";
import type { PackEvent } from "../evidence/events.ts";
import type { Kept } from "../evidence/gather.ts";
import { END_OF_RECORDING } from "../logs/recording.ts";
import type { TimeRange } from "../logs/source.ts";
import type { TenantScope } from "../tenancy/scope.ts";
import { findPastAnalyses } from "./store.ts";

const MAX_ANOMALIES = 200;

/** What is kept of a tenant and bears on a question about a namespace. */
export function keptOf(scope: TenantScope, namespace: string): Kept {
  return {
    deploys: (range) => findDeploys(scope, range, namespace),
    anomalies: (range) => anomaliesIn(scope, namespace, range),
    firstSeen: (clusters) => firstSeen(scope, clusters),
    past: (clusters, incident) => findPastAnalyses(scope, clusters, incident),
  };
}

async function anomaliesIn(scope: TenantScope, namespace: string, range: TimeRange): Promise<PackEvent[]> {
  // What a recording showed earlier is not in the lines that it shows now.
  const filter = {
    ...(namespace !== "" && { namespace }),
    sinceMs: range.fromMs,
    begunBeforeMs: range.toMs,
    notEndedBy: END_OF_RECORDING,
  };
  const events = await listAnomalies(scope, filter, MAX_ANOMALIES);
  return events
    .filter((event) => event.startedAtMs >= range.fromMs)
    .map((event) => ({
      service: event.service,
      namespace: event.namespace,
      atMs: event.startedAtMs,
      kind: "anomaly",
      text: `${event.severity} anomaly, ${stateOf(event)}: ${valueText(event.metric, event.observedValue)} ${unitOf(event.metric)} where ${valueText(event.metric, event.baselineValue)} is usual`,
    }));
}
