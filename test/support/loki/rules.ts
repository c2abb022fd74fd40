import type { ShelfRules } from "./shelf.ts";
import type { StandInLimits, StandInOptions } from "./standIn.ts";

/** What a server keeps to, settled from its options. */
export interface Rules extends ShelfRules {
  version: string;
  limits: StandInLimits;
  /** Loki 3: categorised labels and the page of limits. */
  modern: boolean;
  auth: StandInOptions["auth"];
  now: () => number;
}

export function rulesOf({
  version = "3.7.6",
  detectedLevel,
  limits,
  auth,
  now = Date.now,
}: StandInOptions): Rules {
  const modern = Number.parseInt(version, 10) >= 3;
  return {
    version,
    modern,
    detectLevel: modern && (detectedLevel ?? true),
    nameService: modern,
    limits: {
      maxEntries: 5_000,
      maxSeries: 500,
      maxQueryLengthMs: 721 * 3_600_000,
      maxLookbackMs: 0,
      volumeEnabled: true,
      points: 11_000,
      ...limits,
    },
    auth,
    now,
  };
}
