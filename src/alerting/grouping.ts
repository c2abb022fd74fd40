import { isWorse, type Severity } from "../anomalies/metric.ts";
import { serviceKey } from "../anomalies/serviceKey.ts";
import type { ServiceRef } from "../logs/source.ts";

/** What episodes of one incident have in common, the closest first. */
export const CAUSES = ["service", "kind", "deploy", "namespace", "most services"] as const;
export type Cause = (typeof CAUSES)[number];

/** An episode as it is looked at for what it has in common with others. */
export interface Grouped extends ServiceRef {
  id: string;
  severity: Severity;
  startedAtMs: number;
  /** Fingerprints of the kinds of lines that grew most. */
  kinds: readonly string[];
  /** Versions of its service that were deployed shortly before. */
  versions: readonly string[];
}

/** Episodes that have one message: that of the first. */
export interface Incident {
  leaderId: string;
  members: Grouped[];
}

/** One that is listed in the message of another. */
export interface Joined {
  id: string;
  leaderId: string;
  cause: Cause;
}

/** What begins so close together may have one cause. Alertmanager waits half a minute, and people five, for what belongs together. */
export const WITHIN_MS = 5 * 60_000;
/** Of so many services at least, half of all being odd is no chance. */
const SEVERAL = 3;
const MOST = 0.5;
/**
 * A namespace with several odd services is a system with an incident of its own, and two of them may well have one at a time; that
 * hardly a service is left is something else again.
 */
const HARDLY_ANY_LEFT = 0.8;

/**
 * Finds out which new episodes belong to which incident, to open ones or to one of their own.
 * @param services how many are watched
 */
export function group(fresh: readonly Grouped[], open: readonly Incident[], services: number): Joined[] {
  const incidents = open.map(({ leaderId, members }) => ({ leaderId, members: [...members] }));
  const joined: Joined[] = [];
  for (const episode of [...fresh].sort(worstFirst)) {
    const near = incidents.filter((incident) => isNear(incident, episode));
    const found = closest(episode, near) ?? ofMany(episode, near, fresh, services);
    if (found === undefined) {
      incidents.push({ leaderId: episode.id, members: [episode] });
      continue;
    }
    found.incident.members.push(episode);
    joined.push({ id: episode.id, leaderId: found.incident.leaderId, cause: found.cause });
  }
  return joined;
}

function worstFirst(a: Grouped, b: Grouped): number {
  if (a.severity !== b.severity) return isWorse(a.severity, b.severity) ? -1 : 1;
  return a.startedAtMs - b.startedAtMs || (a.service < b.service ? -1 : 1);
}

function isNear({ members }: Incident, { startedAtMs }: Grouped): boolean {
  const first = Math.min(...members.map((member) => member.startedAtMs));
  return Math.abs(startedAtMs - first) <= WITHIN_MS;
}

function closest(
  episode: Grouped,
  near: readonly Incident[],
): { incident: Incident; cause: Cause } | undefined {
  for (const cause of CAUSES) {
    const incident = near.find(({ members }) => members.some((member) => isShared(cause, member, episode)));
    if (incident !== undefined) return { incident, cause };
  }
  return undefined;
}

function isShared(cause: Cause, a: Grouped, b: Grouped): boolean {
  switch (cause) {
    case "service":
      return a.service === b.service && a.namespace === b.namespace;
    case "kind":
      return a.kinds.some((kind) => b.kinds.includes(kind));
    case "deploy":
      return a.versions.some((version) => b.versions.includes(version));
    case "namespace":
      return a.namespace !== "" && a.namespace === b.namespace;
    case "most services":
      return false;
  }
}

/** So many services at once, and more than a few, that they have something in common whatever it is. */
function ofMany(
  episode: Grouped,
  near: readonly Incident[],
  fresh: readonly Grouped[],
  services: number,
): { incident: Incident; cause: Cause } | undefined {
  const others = [...near.flatMap(({ members }) => members), ...fresh];
  const odd = new Set(others.map(serviceKey));
  const isOfSystem = others.some(
    (other) => serviceKey(other) !== serviceKey(episode) && isShared("namespace", other, episode),
  );
  const share = isOfSystem ? HARDLY_ANY_LEFT : MOST;
  const isMost = odd.size >= SEVERAL && odd.size >= services * share;
  // What is one system's already says nothing of the others.
  const incident = isOfSystem ? near[0] : near.find(({ members }) => !isOneSystem(members));
  return incident !== undefined && isMost ? { incident, cause: "most services" } : undefined;
}

function isOneSystem(members: readonly Grouped[]): boolean {
  const [first] = members;
  return (
    members.length > 1 && first !== undefined && members.every((each) => isShared("namespace", each, first))
  );
}
