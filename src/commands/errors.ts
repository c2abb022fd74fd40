import { linesLink } from "../analysis/card.ts";
import { shownName } from "../chat/shownName.ts";
import type { Cluster } from "../clusters/cluster.ts";
import type { FingerprintPool } from "../clusters/fingerprintPool.ts";
import { readErrors } from "../clusters/readErrors.ts";
import { findRelated } from "../clusters/relatedStore.ts";
import { upsertClusters } from "../clusters/store.ts";
import { findService } from "../logs/findService.ts";
import { ERROR_LEVELS, type LogSource, type TimeRange } from "../logs/source.ts";
import type { TenantScope } from "../tenancy/scope.ts";
import { type Command, defineCommand, message } from "./command.ts";
import { BUCKETS, errorsCard, type Kept, SHOWN } from "./errorsCard.ts";
import { DEFAULT_SINCE_MS, level, namespace, service, since } from "./options.ts";

/** Kinds that get a row in the database: the most frequent. */
const MAX_KEPT = 500;

export interface ErrorsParts {
  logs: LogSource;
  fingerprints: FingerprintPool;
  now: () => number;
}

export function errorsCommand({ logs, fingerprints, now }: ErrorsParts): Command {
  return defineCommand({
    name: "errors",
    summary: "A service's warnings and errors, grouped by message: how often, since when, new or known",
    examples: ["errors checkout", "errors payments since:6h level:error"],
    role: "viewer",
    visibility: "channel",
    options: [service, since, level, namespace],
    async run(call) {
      const { scope } = call.workspace();
      const toMs = now();
      const window = { fromMs: toMs - (call.options.since ?? DEFAULT_SINCE_MS), toMs };
      const ref = await findService(logs, scope.lokiOrgId, call.options, window);
      const wanted = call.options.level;
      const levels = wanted === undefined ? ERROR_LEVELS : [wanted];
      const read = await readErrors({ logs, fingerprints }, scope, ref, levels, window);
      const kept = await keep(scope, read.clusters.slice(0, MAX_KEPT), window);
      const { fromMs, stepMs, steps } = bucketsOf(window);
      const of = { services: [ref.service], namespace: ref.namespace, levels };
      const counts = await logs.counts(scope.lokiOrgId, { ...of, ...window, fromMs, stepMs });
      const values = Array.from({ length: steps }, (_, i) => {
        const sum = counts.reduce((total, series) => total + (series.counts[i] ?? 0), 0);
        return (sum * 60_000) / stepMs;
      });
      const what = wanted === undefined ? "warnings and errors" : `${wanted} lines`;
      const chart = {
        title: `${shownName(ref.service)}: ${what}`,
        unit: "lines / min",
        fromMs,
        stepMs,
        values,
      };
      const card = errorsCard(ref, what, window, read, kept, chart);
      const url = await logs.linkTo(scope.lokiOrgId, {
        ...of,
        ...window,
        order: "newest first",
        limit: 1_000,
      });
      const notes = read.notes.map((note) => ({ kind: "text" as const, text: note }));
      return message({ ...card, body: [...card.body, ...notes, ...linesLink(url)] }, "channel");
    },
  });
}

/** Keeps clusters, and looks up which known ones those that are shown resemble. */
async function keep(scope: TenantScope, clusters: readonly Cluster[], window: TimeRange): Promise<Kept[]> {
  const shown = new Set(clusters.slice(0, SHOWN).map(({ fingerprint }) => fingerprint));
  return scope.transaction(async (db) => {
    const known = await upsertClusters(scope, db, clusters, window);
    const ids = known.filter(({ fingerprint }) => shown.has(fingerprint)).map(({ id }) => id);
    const related = await findRelated(scope, db, ids);
    return known.map((row) => ({ ...row, like: related.get(row.id) }));
  });
}

/** Steps of whole seconds that end with the window and begin with it, or less than a step after. */
function bucketsOf({ fromMs, toMs }: TimeRange): { fromMs: number; stepMs: number; steps: number } {
  const stepMs = Math.max(1, Math.ceil((toMs - fromMs) / BUCKETS / 1_000)) * 1_000;
  const steps = Math.max(1, Math.floor((toMs - fromMs) / stepMs));
  return { fromMs: toMs - steps * stepMs, stepMs, steps };
}
