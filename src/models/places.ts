/** So many may go on at once; the others wait their turn, first come first served. */
export interface Places {
  /**
   * @param waits told how many are before it, as often as that changes; never where it need not wait
   * @returns what gives the place back, or undefined where the signal was aborted first.
   */
  take(signal: AbortSignal, waits?: (before: number) => void): Promise<(() => void) | undefined>;
  state(): { asking: number; waiting: number };
}

export function createPlaces(most: number): Places {
  let taken = 0;
  const waiting = new Map<() => void, (before: number) => void>();

  function giveBack(): void {
    const [next] = waiting.keys();
    if (next === undefined) taken -= 1;
    // Handed over, so that nobody who comes now goes before those who wait.
    else next();
  }

  function leave(come: () => void): void {
    waiting.delete(come);
    for (const [at, waits] of [...waiting.values()].entries()) waits(taken + at);
  }

  return {
    state: () => ({ asking: taken, waiting: waiting.size }),
    async take(signal, waits = () => undefined) {
      if (signal.aborted) return undefined;
      if (taken < most) {
        taken += 1;
        return giveBack;
      }
      return new Promise((resolve) => {
        const come = () => {
          leave(come);
          signal.removeEventListener("abort", goAway);
          resolve(giveBack);
        };
        const goAway = () => {
          leave(come);
          resolve(undefined);
        };
        waits(taken + waiting.size);
        waiting.set(come, waits);
        signal.addEventListener("abort", goAway, { once: true });
      });
    },
  };
}
