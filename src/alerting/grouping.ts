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
  const known = new Known(open);
  const joined: Joined[] = [];
  let odd: Odd | undefined;
  for (const episode of [...fresh].sort(worstFirst)) {
    let found = known.closest(episode);
    if (found === undefined) {
      odd ??= oddOf(fresh, open);
      found = ofMany(episode, known, odd, services);
    }
    if (found === undefined) {
      known.begin(episode.id, [episode]);
      continue;
    }
    known.add(found.incident, episode);
    joined.push({ id: episode.id, leaderId: found.incident.leaderId, cause: found.cause });
  }
  return joined;
}

function worstFirst(a: Grouped, b: Grouped): number {
  if (a.severity !== b.severity) return isWorse(a.severity, b.severity) ? -1 : 1;
  return a.startedAtMs - b.startedAtMs || (a.service < b.service ? -1 : 1);
}

/** An incident as it grows. */
interface Growing {
  leaderId: string;
  /** Its place among all: an episode that fits several belongs to the first of them. */
  at: number;
  firstMs: number;
  size: number;
  /** Whether all of its episodes are of one namespace. */
  isOfOneNamespace: boolean;
  namespace: string;
  /** Services that were odd before; none of an incident that is new. */
  services: readonly string[];
}

/**
 * Incidents by what their episodes may share: where thousands of services are off at once, looking through all episodes of all
 * incidents for each new one held the process for twenty seconds.
 */
class Known {
  readonly #incidents: Growing[] = [];
  readonly #byShared = new Map<string, Set<Growing>>();

  constructor(open: readonly Incident[]) {
    for (const { leaderId, members } of open) this.begin(leaderId, members, members.map(serviceKey));
  }

  begin(leaderId: string, members: readonly Grouped[], services: readonly string[] = []): void {
    const namespace = members[0]?.namespace ?? "";
    const incident = {
      ...{ leaderId, at: this.#incidents.length, firstMs: Number.POSITIVE_INFINITY, size: 0 },
      ...{ isOfOneNamespace: namespace !== "", namespace, services },
    };
    this.#incidents.push(incident);
    for (const member of members) this.add(incident, member);
  }

  add(incident: Growing, episode: Grouped): void {
    incident.firstMs = Math.min(incident.firstMs, episode.startedAtMs);
    incident.size += 1;
    incident.isOfOneNamespace &&= incident.namespace === episode.namespace;
    for (const cause of CAUSES) {
      for (const shared of sharedOf(cause, episode)) {
        const having = this.#byShared.get(shared) ?? new Set();
        this.#byShared.set(shared, having.add(incident));
      }
    }
  }

  near(episode: Grouped): Growing[] {
    return this.#incidents.filter((incident) => isNear(incident, episode));
  }

  closest(episode: Grouped): { incident: Growing; cause: Cause } | undefined {
    for (const cause of CAUSES) {
      let first: Growing | undefined;
      for (const shared of sharedOf(cause, episode)) {
        for (const incident of this.#byShared.get(shared) ?? [])
          if (isNear(incident, episode) && incident.at < (first?.at ?? Number.POSITIVE_INFINITY))
            first = incident;
      }
      if (first !== undefined) return { incident: first, cause };
    }
    return undefined;
  }
}

function isNear({ firstMs }: Growing, { startedAtMs }: Grouped): boolean {
  return Math.abs(startedAtMs - firstMs) <= WITHIN_MS;
}

/** What an episode would have to share, one text each. */
function sharedOf(cause: Cause, episode: Grouped): string[] {
  switch (cause) {
    case "service":
      return [`service ${serviceKey(episode)}`];
    case "kind":
      return episode.kinds.map((kind) => `kind ${kind}`);
    case "deploy":
      return episode.versions.map((version) => `version ${version}`);
    case "namespace":
      return episode.namespace === "" ? [] : [`namespace ${episode.namespace}`];
    case "most services":
      return [];
  }
}

/** The services that are odd at once. */
interface Odd {
  fresh: ReadonlySet<string>;
  /** With those that were odd before, near or not. */
  all: number;
  /** How many of those that are new are of each namespace. */
  ofNamespace: ReadonlyMap<string, number>;
}

function oddOf(fresh: readonly Grouped[], open: readonly Incident[]): Odd {
  const namespaces = new Map(fresh.map((each) => [serviceKey(each), each.namespace]));
  const ofNamespace = new Map<string, number>();
  for (const namespace of namespaces.values())
    ofNamespace.set(namespace, (ofNamespace.get(namespace) ?? 0) + 1);
  const all = new Set([...namespaces.keys(), ...open.flatMap(({ members }) => members.map(serviceKey))]);
  return { fresh: new Set(namespaces.keys()), all: all.size, ofNamespace };
}

/** So many services at once, and more than a few, that they have something in common whatever it is. */
function ofMany(
  episode: Grouped,
  known: Known,
  { fresh, all, ofNamespace }: Odd,
  services: number,
): { incident: Growing; cause: Cause } | undefined {
  // No incident nearby has an episode of its namespace, or it would be that one's.
  const isOfSystem = episode.namespace !== "" && (ofNamespace.get(episode.namespace) ?? 0) > 1;
  const least = Math.max(SEVERAL, services * (isOfSystem ? HARDLY_ANY_LEFT : MOST));
  if (all < least) return undefined;
  const near = known.near(episode);
  const isMost =
    fresh.size >= least || new Set([...fresh, ...near.flatMap((each) => each.services)]).size >= least;
  // What is one system's already says nothing of the others.
  const incident = isOfSystem
    ? near[0]
    : near.find(({ size, isOfOneNamespace }) => size === 1 || !isOfOneNamespace);
  return incident !== undefined && isMost ? { incident, cause: "most services" } : undefined;
}
