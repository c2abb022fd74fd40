import type { Decided } from "../rca.ts";
import type { Label } from "./incidents.ts";

export interface Score {
  /** Of the incidents that an error line shows: the part whose line is in the pack, and among its first three. */
  pack10: number | null;
  line3: number | null;
  /** Of those that only other lines show: the part whose service is among the first five. */
  service5: number | null;
  /** Of the quiet controls. */
  quietMaxConfidence: number | null;
  packTokensMedian: number;
}

export function scoreOf(decided: readonly Decided[], labels: ReadonlyMap<string, Label>): Score {
  const of = (tier: Label["tier"]) => decided.filter(({ id }) => labels.get(id)?.tier === tier);
  const quiet = of("no-incident").map(({ confidence }) => confidence);
  return {
    pack10: part(of("error-line"), (one) => isWithin(lineRank(one, labels), 10)),
    line3: part(of("error-line"), (one) => isWithin(lineRank(one, labels), 3)),
    service5: part(of("info-only"), (one) => isWithin(serviceRank(one, labels), 5)),
    quietMaxConfidence: quiet.length === 0 ? null : Math.max(...quiet),
    packTokensMedian: median(decided.map(({ packTokens }) => packTokens)),
  };
}

/** At most 80 columns. */
export function tableOf(decided: readonly Decided[], labels: ReadonlyMap<string, Label>): string {
  const head = `${"incident".padEnd(12)}${"tier".padEnd(15)}${"line".padStart(5)}${"service".padStart(9)}${"sure".padStart(6)}${"tokens".padStart(8)}${"ms".padStart(6)}`;
  const rows = decided.map((one) => {
    const tier = labels.get(one.id)?.tier ?? "";
    const rank = (number: number | undefined) => (number === undefined ? "-" : String(number));
    return `${one.id.slice(0, 11).padEnd(12)}${tier.padEnd(15)}${rank(lineRank(one, labels)).padStart(5)}${rank(serviceRank(one, labels)).padStart(9)}${one.confidence.toFixed(2).padStart(6)}${String(one.packTokens).padStart(8)}${String(one.ms).padStart(6)}`;
  });
  return [head, ...rows].join("\n");
}

/** From 1; a cluster is the culprit when its service is the labelled one and its sample matches the label's expression. */
function lineRank({ id, clusters }: Decided, labels: ReadonlyMap<string, Label>): number | undefined {
  const label = labels.get(id);
  if (label?.lineRegex == null) return undefined;
  const line = new RegExp(label.lineRegex);
  return from1(clusters.findIndex(({ service, sample }) => service === label.service && line.test(sample)));
}

function serviceRank({ id, services }: Decided, labels: ReadonlyMap<string, Label>): number | undefined {
  const service = labels.get(id)?.service;
  return service == null ? undefined : from1(services.indexOf(service));
}

function from1(index: number): number | undefined {
  return index < 0 ? undefined : index + 1;
}

function isWithin(rank: number | undefined, most: number): boolean {
  return rank !== undefined && rank <= most;
}

function part(all: readonly Decided[], isRight: (one: Decided) => boolean): number | null {
  return all.length === 0 ? null : Math.round((1_000 * all.filter(isRight).length) / all.length) / 1_000;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
