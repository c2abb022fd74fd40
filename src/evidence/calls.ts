import type { Cluster } from "../clusters/cluster.ts";
import { mentions } from "./mentions.ts";

/** Its own line; one of a service that names it or that its lines name, directly or over one between; or only the time. */
export type Link = "own" | "named" | "none";

/** Who names whom in its error lines: mostly a caller naming what it could not reach. */
export type Calls = ReadonlyMap<string, ReadonlySet<string>>;

export function readCalls(clusters: readonly Pick<Cluster, "service" | "sample">[]): Calls {
  const services = new Map(clusters.map(({ service }) => [service.toLowerCase(), service]));
  const calls = new Map<string, Set<string>>();
  for (const { service, sample } of clusters) {
    // By the words of the line: looking for each service in each of thousands of kinds would take minutes.
    for (const word of new Set(sample.toLowerCase().split(/[^a-z0-9_-]+/))) {
      const other = services.get(word);
      if (other === undefined || other === service || !mentions(sample, other)) continue;
      const named = calls.get(service) ?? new Set();
      calls.set(service, named.add(other));
    }
  }
  return calls;
}

/** The same as pairs, for a pack: the asked service's first. */
export function callsAmong(
  clusters: readonly Pick<Cluster, "service" | "sample">[],
  asked: string,
): { from: string; to: string }[] {
  return [...readCalls(clusters)]
    .flatMap(([from, named]) => [...named].map((to) => ({ from, to })))
    .sort((a, b) => Number(b.from === asked) - Number(a.from === asked));
}

/** How near a service is to the one asked about. */
export interface Nearness {
  /** About 1: what its rank is multiplied by. */
  weight: number;
  link: Link;
  reason?: string;
}

export function nearness(calls: Calls, asked: string, service: string): Nearness {
  if (service === asked) return { weight: 1, link: "own" };
  const direct = calls.get(asked);
  if (direct?.has(service)) return { weight: 1.15, link: "named", reason: `named in the errors of ${asked}` };
  for (const between of direct ?? []) {
    if (calls.get(between)?.has(service))
      return { weight: 1.1, link: "named", reason: `named in the errors of ${between}` };
  }
  if (calls.get(service)?.has(asked))
    return { weight: 0.7, link: "named", reason: `names ${asked} in its errors` };
  return { weight: 0.85, link: "none" };
}
