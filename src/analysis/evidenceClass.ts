import { failureKindOf, isSymptom } from "../evidence/failureKinds.ts";
import { evidenceItems } from "../evidence/items.ts";
import type { Pack } from "../evidence/pack.ts";
import { isTied } from "./confidence.ts";

/** How far evidence carries at most, whoever reads it: what a model's confidence is cut to. */
export type EvidenceClass = "circumstance" | "change" | "failure" | "failure and its occasion";

export const CAP: Record<EvidenceClass, number> = {
  /** Only the time ties it to the question, or nothing but talk that stopped, a deploy or an earlier case is cited. */
  circumstance: 0.3,
  /** Something of the question changed, and no line says how it fails. */
  change: 0.5,
  /** A line that was not there before says how it fails. */
  failure: 0.8,
  /** And something was done to that service just before. */
  "failure and its occasion": 0.9,
};

/** What is done to a service explains what begins within this time after it. */
const OCCASION_MS = 15 * 60_000;
const FEW_LINES = 3;

/** The class of the best of the cited evidence. */
export function classOf(pack: Pack, cites: readonly number[]): EvidenceClass {
  const items = evidenceItems(pack);
  let best: EvidenceClass = "circumstance";
  for (const number of cites) {
    const item = items[number - 1];
    if (item?.kind !== "cluster" || item.cluster.onsetMs === undefined || !isTied(item.cluster, pack))
      continue;
    const { cluster } = item;
    const kind = failureKindOf(cluster.sample);
    const tells = cluster.isNew && kind !== undefined && !isSymptom(kind) && cluster.level !== "WARN";
    const found: EvidenceClass =
      !tells || cluster.count < FEW_LINES
        ? "change"
        : hadOccasion(pack, cluster.service, item.cluster.onsetMs)
          ? "failure and its occasion"
          : "failure";
    if (CAP[found] > CAP[best]) best = found;
  }
  return best;
}

function hadOccasion({ deploys, events = [] }: Pack, service: string, onsetMs: number): boolean {
  const occasions = [...deploys, ...events.filter(({ kind }) => kind !== "anomaly")];
  return occasions.some(
    (one) => one.service === service && one.atMs <= onsetMs && onsetMs - one.atMs <= OCCASION_MS,
  );
}
