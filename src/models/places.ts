/** So many may go on at once; the others wait their turn: of who has fewest going on, who had a turn longest ago; then who came first. */
export interface Places {
  /**
   * @param account on whose it is; absent: nobody's in particular, which is one account too
   * @returns what gives the place back, or undefined where the signal was aborted first
   */
  take(signal: AbortSignal, account?: string): Promise<(() => void) | undefined>;
  state(): { asking: number; waiting: number };
}

/** @param each the most that one account has, also where nobody else wants any: who comes next would have to wait for it */
export function createPlaces({ all, each = all }: { all: number; each?: number }): Places {
  let taken = 0;
  const takenBy = new Map<string, number>();
  const waiting = new Set<{ account: string; come: () => void }>();
  const has = (account: string) => takenBy.get(account) ?? 0;
  /** Which turn of all an account had last. */
  const lastTurn = new Map<string, number>();
  let turns = 0;

  function sit(account: string): () => void {
    taken += 1;
    takenBy.set(account, has(account) + 1);
    turns += 1;
    lastTurn.set(account, turns);
    return () => {
      taken -= 1;
      if (has(account) > 1) takenBy.set(account, has(account) - 1);
      else takenBy.delete(account);
      // Handed over at once, so that nobody who comes now goes before those who wait.
      next()?.come();
    };
  }

  function next() {
    let first: { account: string; come: () => void } | undefined;
    for (const one of waiting) {
      if (has(one.account) < each && (first === undefined || isBefore(one.account, first.account)))
        first = one;
    }
    return first;
  }

  function isBefore(one: string, other: string): boolean {
    if (has(one) !== has(other)) return has(one) < has(other);
    return (lastTurn.get(one) ?? 0) < (lastTurn.get(other) ?? 0);
  }

  return {
    state: () => ({ asking: taken, waiting: waiting.size }),
    async take(signal, account = "") {
      if (signal.aborted) return undefined;
      if (taken < all && has(account) < each) return sit(account);
      return new Promise((resolve) => {
        const one = {
          account,
          come() {
            waiting.delete(one);
            signal.removeEventListener("abort", goAway);
            resolve(sit(account));
          },
        };
        const goAway = () => {
          waiting.delete(one);
          resolve(undefined);
        };
        waiting.add(one);
        signal.addEventListener("abort", goAway, { once: true });
      });
    },
  };
}
