import type { Level } from "../logs/source.ts";

/** What counts as an error where errors are counted: a warning is something that went well after all. */
const SEVERE: ReadonlySet<Level | undefined> = new Set<Level>(["ERROR", "CRITICAL", "FATAL"]);

export function countsAsError(level: Level | undefined): boolean {
  return SEVERE.has(level);
}
