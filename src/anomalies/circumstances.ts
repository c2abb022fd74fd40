import { findDeploysIn } from "../deploys.ts";
import type { Deploy } from "../evidence/pack.ts";
import type { ServiceRef, TimeRange } from "../logs/source.ts";
import type { TenantScope } from "../tenancy/scope.ts";
import { type Rules, USUAL_RULES } from "./episode.ts";
import { countLabels, shiftOf } from "./labels.ts";
import { listMaintenance, type Maintenance } from "./maintenance.ts";
import { SHIFT } from "./sensitivity.ts";
import { serviceKey } from "./serviceKey.ts";
import { type Finding, quiet } from "./serviceWatch.ts";
import { listSettings, type WatchSettings } from "./settings.ts";

/** What decides, beside the numbers, whether something is an episode. */
export interface Circumstances {
  rules(ref: ServiceRef): Rules;
  /** Nothing is found or learnt about it in that minute. */
  isMaintained(ref: ServiceRef, minuteMs: number): boolean;
  /** A finding as it stands when what explains it is taken into account: a deploy. */
  weighed(ref: ServiceRef, minuteMs: number, finding: Finding): Finding;
}

const MINUTE_MS = 60_000;
/** A deploy explains what changes within so long after it: programs restart, caches fill, logging is another. */
const DEPLOY_MS = 20 * MINUTE_MS;
/** A new version may log several times as much or as little; what is beyond that is no new way of logging. */
const DEPLOY_FACTOR = 5;
/** How long a program may be silent while it starts. */
const RESTART_MS = 5 * MINUTE_MS;
/** Of a day that is caught up on: more than a few hundred services are deployed in it. */
const MOST_DEPLOYS = 20_000;

/** What people have said about a tenant's services, as it stands, for minutes of that range. */
export async function readCircumstances(scope: TenantScope, range: TimeRange): Promise<Circumstances> {
  const { settings, labels, maintenance, deploys } = await scope.transaction(async (db) => ({
    settings: await listSettings(scope, db),
    labels: await countLabels(scope, db, range.toMs),
    maintenance: await listMaintenance(scope, db, range),
    deploys: await findDeploysIn(
      scope,
      db,
      { fromMs: range.fromMs - DEPLOY_MS, toMs: range.toMs },
      "",
      MOST_DEPLOYS,
    ),
  }));
  const deploysOf = new Map<string, Deploy[]>();
  for (const each of deploys) {
    const others = deploysOf.get(each.service);
    if (others === undefined) deploysOf.set(each.service, [each]);
    else others.push(each);
  }
  const saidOf = new Map(settings.map((each) => [serviceKey(each), each]));
  const shifts = new Map(labels.map((each) => [serviceKey(each), shiftOf(each)]));
  const maintained = new Map<string, Maintenance[]>();
  for (const each of maintenance)
    maintained.set(each.service, [...(maintained.get(each.service) ?? []), each]);
  const known = new Map<string, Rules>();
  return {
    rules(ref) {
      const key = serviceKey(ref);
      const found = known.get(key) ?? rulesOf(saidOf.get(FOR_ALL), saidOf.get(key), shifts.get(key) ?? 0);
      known.set(key, found);
      return found;
    },
    isMaintained: ({ service }, minuteMs) =>
      [FOR_ALL_SERVICES, service].some((name) =>
        maintained.get(name)?.some(({ fromMs, toMs }) => minuteMs + MINUTE_MS > fromMs && minuteMs < toMs),
      ),
    weighed(ref, minuteMs, finding) {
      if (finding.metric !== "log_volume" && finding.metric !== "silence") return finding;
      if (finding.score === 0) return finding;
      const sinceMs = (deploysOf.get(ref.service) ?? [])
        .filter((deploy) => sameSpace(deploy.namespace, ref.namespace))
        .map(({ atMs }) => minuteMs + MINUTE_MS - atMs)
        .filter((ms) => ms >= 0 && ms <= DEPLOY_MS);
      if (sinceMs.length === 0) return finding;
      const lastMs = Math.min(...sinceMs);
      const factor = Math.max(finding.observed, 1e-9) / Math.max(finding.expected, 1e-9);
      const isExplained =
        finding.metric === "silence"
          ? lastMs <= RESTART_MS
          : factor <= DEPLOY_FACTOR && factor >= 1 / DEPLOY_FACTOR;
      const deploy = {
        name: "deploy",
        value: lastMs / MINUTE_MS,
        limit: (finding.metric === "silence" ? RESTART_MS : DEPLOY_MS) / MINUTE_MS,
        holds: !isExplained,
      };
      const weighed = isExplained ? quiet(finding) : finding;
      return { ...weighed, conditions: [...finding.conditions, deploy] };
    },
  };
}

const FOR_ALL_SERVICES = "";
const FOR_ALL = serviceKey({ service: "", namespace: "" });

function rulesOf(all: WatchSettings | undefined, own: WatchSettings | undefined, labelShift: number): Rules {
  const sensitivity = own?.sensitivity ?? all?.sensitivity ?? "normal";
  return {
    shift: SHIFT[sensitivity] + labelShift,
    leastLines: own?.leastLines ?? all?.leastLines ?? USUAL_RULES.leastLines,
    persistence: own?.persistenceMinutes ?? all?.persistenceMinutes ?? USUAL_RULES.persistence,
  };
}

/** A deploy that was marked without a namespace is of all. */
function sameSpace(marked: string, namespace: string): boolean {
  return marked === "" || marked === namespace;
}
