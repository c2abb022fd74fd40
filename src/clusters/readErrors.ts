import { createRenumbering } from "../logs/markNumbers.ts";
import type { ErrorLevel, LogSource, ServiceRef, TimeRange } from "../logs/source.ts";
import { numberedRedactionOf } from "../redactionRules/tenantRedaction.ts";
import type { TenantScope } from "../tenancy/scope.ts";
import { type Cluster, createClusterer } from "./cluster.ts";
import type { FingerprintPool } from "./fingerprintPool.ts";

const MAX_LINES = 50_000;

/** What was read of a window, and of as much time before it: only that can tell what is new in it. */
export interface ErrorsRead {
  /** With lines in the window, and only those; the most frequent first. */
  clusters: Cluster[];
  kindsLeftOut: number;
  /** What the source says of lines it could not give. */
  notes: string[];
  linesInWindow: number;
  /** Of the window's lines the ones from here on were read. */
  fromMs: number;
  /** Fingerprints of the time before the window; absent where it was not all read, or the service was not there. */
  before: ReadonlySet<string> | undefined;
}

/** A service's lines of some levels, grouped; what came before the window says which kinds are new in it. */
export async function readErrors(
  { logs, fingerprints }: { logs: LogSource; fingerprints: FingerprintPool },
  scope: TenantScope,
  ref: ServiceRef,
  levels: readonly ErrorLevel[],
  window: TimeRange,
): Promise<ErrorsRead> {
  const org = scope.lokiOrgId;
  const clusterer = createClusterer({ redaction: await numberedRedactionOf(scope), fingerprints });
  const notes: string[] = [];
  let lines = 0;
  let oldestMs = window.toMs;
  const before = { fromMs: 2 * window.fromMs - window.toMs, toMs: window.fromMs };
  const query = {
    fromMs: before.fromMs,
    toMs: window.toMs,
    services: [ref.service],
    namespace: ref.namespace,
    levels,
    order: "newest first",
    limit: MAX_LINES,
    onNote: (note: string) => void notes.push(note),
  } as const;
  await clusterer.addAll(logs.lines(org, query), (line) => {
    lines++;
    oldestMs = Number(line.atNs / 1_000_000n);
  });
  const all = clusterer.clusters();
  const renumbered = createRenumbering();
  const inWindow = all
    .map((cluster) => {
      // Newest first. What was read of before the window is no part of it, but says since when a line is known.
      const timesMs = cluster.timesMs.filter((atMs) => atMs >= window.fromMs);
      return { ...cluster, timesMs, count: timesMs.length, firstMs: cluster.timesMs.at(-1) as number };
    })
    .filter((cluster) => cluster.count > 0)
    .sort((a, b) => b.count - a.count)
    .map((cluster) => ({ ...cluster, sample: renumbered(cluster.sample) }));
  const isWhole = lines < MAX_LINES && clusterer.kindsLeftOut() === 0;
  const wasThere = isWhole && (await logs.services(org, before)).some((other) => same(other, ref));
  return {
    clusters: inWindow,
    kindsLeftOut: clusterer.kindsLeftOut(),
    notes,
    linesInWindow: inWindow.reduce((sum, cluster) => sum + cluster.count, 0),
    fromMs: lines < MAX_LINES ? window.fromMs : Math.max(window.fromMs, oldestMs),
    before: wasThere
      ? new Set(
          all.filter(({ timesMs }) => (timesMs.at(-1) as number) < window.fromMs).map((c) => c.fingerprint),
        )
      : undefined,
  };
}

function same(a: ServiceRef, b: ServiceRef): boolean {
  return a.service === b.service && a.namespace === b.namespace;
}
