import { readCachedBaseline } from "../anomalies/cachedBaseline.ts";
import { RateChart } from "../anomalies/rateChart.ts";
import { ServiceWatch } from "../anomalies/serviceWatch.ts";
import { findWatch } from "../anomalies/watchStore.ts";
import type { Cache } from "../cache/cache.ts";
import { cacheFor } from "../cache/keys.ts";
import { findDeploys } from "../deploys.ts";
import { findService } from "../logs/findService.ts";
import type { LogSource } from "../logs/source.ts";
import { baselineCard, type Known } from "./baselineCard.ts";
import { type Command, defineCommand, message } from "./command.ts";
import { deployMarks } from "./deployMarks.ts";
import { namespace, service } from "./options.ts";
import { sourceNotes } from "./sourceNotes.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const STEP_MS = 5 * MINUTE_MS;

export interface BaselineParts {
  logs: LogSource;
  cache: Cache;
  now: () => number;
}

export function baselineCommand({ logs, cache, now }: BaselineParts): Command {
  return defineCommand({
    name: "baseline",
    summary: "What is usual for a service, with the last 24 hours over it, and since when it was learnt",
    examples: ["baseline checkout"],
    role: "viewer",
    visibility: "channel",
    options: [service, namespace],
    async run(call) {
      const { scope } = call.workspace();
      const nowMs = now();
      const ref = await findService(logs, scope.lokiOrgId, call.options, { fromMs: nowMs, toMs: nowMs });
      const toMs = Math.floor(nowMs / STEP_MS) * STEP_MS;
      const range = { fromMs: toMs - DAY_MS, toMs };
      const notes = await sourceNotes(logs, scope.lokiOrgId, ref, range);
      const [kept, counts, watch, deploys] = await Promise.all([
        readCachedBaseline(cacheFor(cache, scope.tenantId), scope, ref),
        logs.counts(scope.lokiOrgId, {
          ...range,
          services: [ref.service],
          namespace: ref.namespace,
          stepMs: STEP_MS,
        }),
        findWatch(scope),
        findDeploys(scope, range, ref.namespace),
      ]);
      const detectors = kept && restored(kept.detectors);
      const known: Known | undefined = kept && detectors && { ...detectors, baseline: kept };
      const chart = new RateChart(ref, range, STEP_MS);
      // Of these times of day, as of a day to come: of what is past a detector knows what it was, not what is usual.
      chart.add(counts, range, (of, atMs) =>
        known === undefined || known.learning !== undefined ? undefined : known.watch.band(of, atMs + DAY_MS),
      );
      const card = baselineCard({
        ref,
        nowMs,
        known,
        isOutdated: kept !== undefined && known === undefined,
        watch,
        chart,
        marks: deployMarks(deploys, ref),
      });
      return message({ ...card, body: [...card.body, ...notes] }, "channel");
    },
  });
}

/** Undefined where another version saved it: it is learnt again. */
function restored(detectors: Uint8Array): Omit<Known, "baseline"> | undefined {
  try {
    const watch = ServiceWatch.restore(detectors);
    // How far it has learnt, it says of a minute: one that is thrown away.
    const [errors] = ServiceWatch.restore(detectors).push(watch.untilMs, { lines: 1, errors: 0 });
    const learning = errors?.learning;
    return { watch, learning: learning && { minutes: learning.points, of: learning.of } };
  } catch {
    return undefined;
  }
}
