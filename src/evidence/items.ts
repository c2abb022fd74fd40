import type { PackEvent } from "./events.ts";
import type { FlowDrop } from "./flows.ts";
import type { Deploy, Pack, PastAnalysis, RankedCluster, VolumeDrop } from "./pack.ts";

/** One thing that a claim may cite, by its number: [1] is the first cluster of the pack, and the others follow them. */
export type EvidenceItem = { number: number; service: string } & (
  | { kind: "cluster"; cluster: RankedCluster }
  | { kind: "drop"; drop: FlowDrop }
  | { kind: "quieter"; volume: VolumeDrop }
  | { kind: "deploy"; deploy: Deploy }
  | { kind: "event"; event: PackEvent }
  | { kind: "past"; past: PastAnalysis }
);

/** Everything of a pack that may be cited. The order is the same whenever it is asked for. */
export function evidenceItems(pack: Pack): EvidenceItem[] {
  const { clusters, drops = [], quieter, deploys, events = [], past = [] } = pack;
  const items = [
    ...clusters.map((cluster) => ({ kind: "cluster" as const, service: cluster.service, cluster })),
    ...drops.map((drop) => ({ kind: "drop" as const, service: drop.service, drop })),
    ...quieter.map((volume) => ({ kind: "quieter" as const, service: volume.service, volume })),
    ...deploys.map((deploy) => ({ kind: "deploy" as const, service: deploy.service, deploy })),
    ...events.map((event) => ({ kind: "event" as const, service: event.service, event })),
    ...past.map((one) => ({ kind: "past" as const, service: one.service, past: one })),
  ];
  return items.map((item, at) => ({ number: at + 1, ...item }));
}

/** Every text of an item that came from logs or people: what a quote of it must stand in. */
export function textsOf(item: EvidenceItem): string[] {
  switch (item.kind) {
    case "cluster": {
      const { template, sample, around = [] } = item.cluster;
      return [template, sample, ...around.map(({ text }) => text)];
    }
    case "drop":
      return [item.drop.template];
    case "quieter":
      return [];
    case "deploy":
      return [item.deploy.version];
    case "event":
      return [item.event.text];
    case "past":
      return [item.past.rootCause, item.past.cause ?? ""];
  }
}
