const APART_MS = 60_000;
/** Words that hold a number or an address are many; then some are said again sooner. */
const REMEMBERED = 100;

/** For what fails again and again while something is away: an error with the same words is told of once a minute. */
export function onceAMinute(tell: (error: unknown) => void): (error: unknown) => void {
  const toldAtMs = new Map<string, number>();
  return (error) => {
    const words = error instanceof Error ? error.message : String(error);
    const told = toldAtMs.get(words);
    const nowMs = performance.now();
    if (told !== undefined && nowMs - told < APART_MS) return;
    if (toldAtMs.size >= REMEMBERED) toldAtMs.clear();
    toldAtMs.set(words, nowMs);
    tell(error);
  };
}
