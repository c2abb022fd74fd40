import { placeLine } from "../../src/logs/parse.ts";
import type { ServiceRef } from "../../src/logs/source.ts";
import type { Series } from "./series.ts";

/** How the lines of one file are read where they do not say everything themselves. */
export interface Reading {
  /** From the file's path. */
  place: ServiceRef;
  /** What the operator called it: stands above what a line says. */
  namespace: string | undefined;
  /** Minutes east of UTC for times without a zone. */
  offsetMinutes: number;
  /** Times without a year are those nearest to this. */
  nearMs: number;
  /** Added to every time of a recording that is shown as if it were now; undefined for all other files. */
  replayedByMs: number | undefined;
}

export interface Described extends Series {
  /** Undefined where the line does not say when. */
  atNs: bigint | undefined;
  /** The zone it names, where that is not known. */
  unknownZone: string | undefined;
}

/** The year 2262: nanoseconds beyond do not fit 64 bits, here as in Loki. What claims to be of then is no time. */
const FURTHEST_NS = 2n ** 63n - 1n;

export function describe(text: string, reading: Reading): Described {
  const parsed = placeLine(text, reading);
  const shifted = replayed(parsed.atNs, reading);
  return {
    atNs: shifted !== undefined && shifted > -FURTHEST_NS && shifted < FURTHEST_NS ? shifted : undefined,
    unknownZone: parsed.unknownZone,
    level: parsed.level,
    service: parsed.service ?? reading.place.service,
    namespace: reading.namespace ?? parsed.namespace ?? reading.place.namespace,
  };
}

function replayed(atNs: bigint | undefined, { replayedByMs }: Reading): bigint | undefined {
  if (atNs === undefined || replayedByMs === undefined) return atNs;
  return atNs + BigInt(replayedByMs) * 1_000_000n;
}
