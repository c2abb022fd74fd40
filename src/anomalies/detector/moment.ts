import type { Rarity } from "./rarity.ts";
import type { Recent } from "./recent.ts";
import type { References } from "./references.ts";
import type { TimeOfDay } from "./season.ts";

/** What all views of one point share. */
export interface Moment {
  value: number;
  recent: Recent;
  references: References;
  season: TimeOfDay;
  dayMean: number;
}

/** What one view says of one point. */
export interface Sighting {
  /** How far it is off, what is left of that when the season had the like, and how rare that is. */
  distance: number;
  seasonal: number;
  left: number;
  rarity: Rarity;
  direction: "up" | "down" | "silence";
  /** Lines more or fewer than usual, over the whole bucket. */
  lines: number;
  observed: number;
  expected: number;
  low: number;
  high: number;
  steps: number;
}

/** One way to look at a series. */
export interface View {
  /** What it sees in this point, and learns of it. Undefined: nothing is off, or too little is known. */
  look(moment: Moment): Sighting | undefined;
  /** The histograms of what it saw. */
  rarities: readonly Rarity[];
}

/**
 * What is left of a distance where the same time of earlier days had one: all of it where that was nothing unusual, else what
 * goes beyond. Without "unusual" the highest of ordinary noise was taken off as well, and floods in quiet services were missed.
 */
export function leftOf(distance: number, seasonal: number, rarity: Rarity): number {
  return seasonal > rarity.start ? Math.max(0, distance - seasonal) : distance;
}
