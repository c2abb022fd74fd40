/** How long it takes to add up the yardstick's characters on the machine where the limits were set. */
const YARDSTICK_MS = 5;
const YARDSTICK = "a line of a log ".repeat(62_500);

/**
 * How many milliseconds the work takes at least of several times, on a machine that nothing else uses: each time is held
 * against that of fixed work done right before and after it, so that a limit means the same on a slow or busy machine.
 * V8 stops optimising regular expressions in a process that has compiled many, as a worker of Jest has: a limit must also
 * hold with `node --no-regexp-optimization`, where some take ten times as long.
 */
export function leastMs(work: () => unknown, times = 5): number {
  yardstickMs();
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < times; i++) {
    const before = yardstickMs();
    const ms = msOf(work);
    least = Math.min(least, (ms * YARDSTICK_MS) / Math.max(before, yardstickMs()));
  }
  return least;
}

let sum = 0;

function yardstickMs(): number {
  return msOf(() => {
    for (let i = 0; i < YARDSTICK.length; i++) sum = (sum * 31 + YARDSTICK.charCodeAt(i)) | 0;
    return sum;
  });
}

function msOf(work: () => unknown): number {
  const fromMs = performance.now();
  work();
  return performance.now() - fromMs;
}
