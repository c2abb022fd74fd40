import { type Cluster, createClusterer } from "../clusters/cluster.ts";
import type { FingerprintPool } from "../clusters/fingerprintPool.ts";
import { listKinds } from "../clusters/store.ts";
import type { LogSource, TimeRange } from "../logs/source.ts";
import { redactionOf } from "../redactionRules/tenantRedaction.ts";
import type { TenantScope } from "../tenancy/scope.ts";
import type { Circumstances } from "./circumstances.ts";
import { countNewErrors, type KeptEpisode } from "./episodeStore.ts";
import { type KindsRead, KNOWN_MS, MOST_KNOWN, NewErrors } from "./newErrors.ts";
import type { TenantWatch } from "./tenantWatch.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** Of a minute in which more is logged the newest are read: a kind of which there is a lot is among them. */
const MAX_LINES = 2_000;
/** What came while nothing was scanned is counted, not read: it would take as long as it was. */
const MOST_READ_MS = 15 * MINUTE_MS;
/** A service's own errors are known after so long. */
const YOUNG_MS = DAY_MS;

export interface KindReaderParts {
  logs: LogSource;
  fingerprints: FingerprintPool;
}

/** What is known of a tenant's kinds of errors, as it was kept. */
export async function loadKinds(
  scope: TenantScope,
  sinceMs: number,
  nowMs: number,
  open: readonly KeptEpisode[],
): Promise<NewErrors> {
  const known = await listKinds(scope, nowMs - KNOWN_MS, MOST_KNOWN);
  return new NewErrors(
    sinceMs,
    known,
    open.filter(({ isOpen, metric }) => isOpen && metric === "new_error"),
  );
}

/**
 * The error lines of a range as clusters, read by one query for all services of the tenant.
 * @returns undefined where they are not read
 */
export async function readErrors(
  { logs, fingerprints }: KindReaderParts,
  scope: TenantScope,
  range: TimeRange,
  hasErrors: boolean,
): Promise<Cluster[] | undefined> {
  if (hasErrors && range.toMs - range.fromMs > MOST_READ_MS) return undefined;
  const clusterer = createClusterer({ redaction: await redactionOf(scope), fingerprints });
  if (hasErrors) {
    await clusterer.addAll(
      logs.lines(scope.lokiOrgId, {
        ...range,
        levels: ["ERROR", "CRITICAL", "FATAL"],
        order: "newest first",
        limit: MAX_LINES,
        fresh: true,
      }),
    );
  }
  return clusterer.clusters();
}

/** Says which kinds of the error lines of a range are new. Where it throws, `kinds` is not what is kept any more. */
export async function newKinds(
  scope: TenantScope,
  { tenant, kinds, circumstances }: { tenant: TenantWatch; kinds: NewErrors; circumstances: Circumstances },
  clusters: readonly Cluster[],
  range: TimeRange,
): Promise<KindsRead> {
  return kinds.read(clusters, range, {
    circumstances,
    isYoung(ref) {
      const rates = tenant.watchOf(ref)?.rates();
      return rates === undefined || range.toMs - rates.windowFromMs < YOUNG_MS;
    },
    isTold: (ref) => tenant.isOpen(ref, "error_rate"),
    before: (ref) => countNewErrors(scope, ref, range.toMs - KNOWN_MS),
  });
}
