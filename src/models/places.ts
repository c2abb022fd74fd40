/** So many may go on at once; the others wait their turn, first come first served. */
export interface Places {
  /** @returns what gives the place back, or undefined where the signal was aborted first. */
  take(signal: AbortSignal): Promise<(() => void) | undefined>;
  state(): { asking: number; waiting: number };
}

export function createPlaces(most: number): Places {
  let taken = 0;
  const waiting = new Set<() => void>();

  function giveBack(): void {
    const [next] = waiting;
    if (next === undefined) taken -= 1;
    // Handed over, so that nobody who comes now goes before those who wait.
    else next();
  }

  return {
    state: () => ({ asking: taken, waiting: waiting.size }),
    async take(signal) {
      if (signal.aborted) return undefined;
      if (taken < most) {
        taken += 1;
        return giveBack;
      }
      return new Promise((resolve) => {
        const come = () => {
          waiting.delete(come);
          signal.removeEventListener("abort", goAway);
          resolve(giveBack);
        };
        const goAway = () => {
          waiting.delete(come);
          resolve(undefined);
        };
        waiting.add(come);
        signal.addEventListener("abort", goAway, { once: true });
      });
    },
  };
}
