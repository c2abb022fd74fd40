import { parseLine } from "../../src/logs/parse.ts";
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
  /** Added to every time: a recording shown as if it were now. */
  shiftMs: number;
}

export interface Described extends Series {
  /** Undefined where the line does not say when. */
  atNs: bigint | undefined;
}

export function describe(text: string, reading: Reading): Described {
  const parsed = parseLine(text, reading);
  return {
    atNs: parsed.atNs === undefined ? undefined : parsed.atNs + BigInt(reading.shiftMs) * 1_000_000n,
    level: parsed.level,
    service: parsed.service ?? reading.place.service,
    namespace: reading.namespace ?? parsed.namespace ?? reading.place.namespace,
  };
}
