import type { KnownCluster } from "./store.ts";

export interface KnownClusterRow {
  id: string;
  service: string;
  namespace: string;
  fingerprint: string;
  first_seen_at: Date;
  last_seen_at: Date;
}

export function knownCluster(row: KnownClusterRow): KnownCluster {
  return {
    id: row.id,
    service: row.service,
    namespace: row.namespace,
    fingerprint: row.fingerprint,
    firstSeenMs: row.first_seen_at.getTime(),
    lastSeenMs: row.last_seen_at.getTime(),
  };
}
