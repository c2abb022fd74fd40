/** What is asked of watches, to find those that are to be scanned now. Times are in ms since 1970. */
export interface DueWatch {
  /** Up to where scans are due. */
  dueMs: number;
  nowMs: number;
  owner: string;
}

/**
 * Clocks of several machines differ by less. A time that lies further ahead was set by one that was wrong: what it says is
 * scanned was not, and who it says has the watch may be long gone.
 */
const AHEAD_MS = 10 * 60_000;

/** SQL: a watch `w` is not scanned up to a time, which is that parameter. */
export function isDueSql(due: `$${number}`): string {
  return `(w.scanned_until is null or w.scanned_until < ${at(due)} or w.scanned_until > ${at(due, AHEAD_MS)})`;
}

/** SQL: nobody scans a watch `w` at a time, which is that parameter. */
export function isFreeSql(now: `$${number}`): string {
  return `(w.lease_until is null or w.lease_until <= ${at(now)} or w.lease_until > ${at(now, AHEAD_MS)})`;
}

function at(ms: string, laterMs = 0): string {
  return `to_timestamp((${ms}::float8 + ${laterMs}) / 1000.0)`;
}
