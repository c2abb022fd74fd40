const DAY = 86_400_000;

/**
 * Whether clocks went forward or back within the last eight days, in Europe or North America: what people do at nine is then
 * an hour off the days before. Knows no time zone: where clocks stay as they are, these weeks are watched a little less closely.
 */
export function isNearClockChange(atMs: number): boolean {
  const year = new Date(atMs).getUTCFullYear();
  const changes = [
    lastSunday(year, 2),
    lastSunday(year, 9),
    firstSunday(year, 2) + 7 * DAY,
    firstSunday(year, 10),
  ];
  return changes.some((change) => atMs >= change && atMs < change + 8 * DAY);
}

function lastSunday(year: number, month: number): number {
  const last = new Date(Date.UTC(year, month + 1, 0));
  return last.getTime() - last.getUTCDay() * DAY;
}

function firstSunday(year: number, month: number): number {
  const first = new Date(Date.UTC(year, month, 1));
  return first.getTime() + ((7 - first.getUTCDay()) % 7) * DAY;
}
