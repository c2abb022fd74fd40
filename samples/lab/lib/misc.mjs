export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
export const pick = (list) => list[Math.floor(Math.random() * list.length)];
export const chance = (p) => Math.random() < p;
export const between = (low, high) => low + Math.random() * (high - low);

/** Runs fn again and again, with the given pause between two runs. */
export async function every(ms, fn) {
  for (;;) {
    await sleep(typeof ms === "function" ? ms() : ms);
    await fn();
  }
}

export function onStop(fn) {
  process.on("SIGTERM", () => {
    fn();
    process.exit(0);
  });
}
