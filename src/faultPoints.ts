/**
 * The steps of a scan and of a delivery between which a process that ends leaves different things behind. What has
 * happened by then is in the name.
 */
export const FAULT_POINTS = [
  "scan: claimed",
  "scan: counted",
  "scan: prepared",
  "scan: before commit",
  "scan: after commit",
  "scan: released",
  "delivery: claimed",
  "delivery: before a post",
  "delivery: after a post",
  "delivery: before an edit",
  "delivery: after an edit",
  "delivery: before settling",
  "delivery: before commit",
  "delivery: settled",
] as const;
export type FaultPoint = (typeof FAULT_POINTS)[number];

/** Called at each step. Tests end the process there; `src/main.ts` gives none, and nothing is called. */
export type Faults = (point: FaultPoint) => Promise<void> | void;
