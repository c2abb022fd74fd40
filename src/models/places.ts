import { setMaxListeners } from "node:events";

/** So many may go on at once; the others wait their turn: of who has fewest going on, who had a turn longest ago; then who came first. */
export interface Places {
  /** @returns what gives the place back, or undefined where the signal was aborted first */
  take(signal: AbortSignal, who?: Waiter): Promise<(() => void) | undefined>;
  state(): { asking: number; waiting: number };
}

export interface Waiter {
  /** On whose account it is; absent: nobody's in particular, which is one account too. */
  account?: string | undefined;
  /** Told how many are before it as things stand, as often as that changes; never where it need not wait. */
  waits?: (before: number) => void;
}

interface Waiting {
  account: string;
  waits: (before: number) => void;
  /** What it was told last. */
  told?: number;
  come: () => void;
}

/** @param each the most that one account has, also where nobody else wants any: who comes next would have to wait for it */
export function createPlaces({ all, each = all }: { all: number; each?: number }): Places {
  let taken = 0;
  const takenBy = new Map<string, number>();
  const waiting = new Set<Waiting>();
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
      tellAll();
    };
  }

  function next(): Waiting | undefined {
    let first: Waiting | undefined;
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

  function tellAll(): void {
    const list = [...waiting];
    for (const [at, one] of list.entries()) {
      const others = list.filter(
        (other, otherAt) =>
          isBefore(other.account, one.account) || (otherAt < at && !isBefore(one.account, other.account)),
      );
      const before = taken + others.length;
      if (before === one.told) continue;
      one.told = before;
      one.waits(before);
    }
  }

  return {
    state: () => ({ asking: taken, waiting: waiting.size }),
    async take(signal, { account = "", waits = () => undefined } = {}) {
      if (signal.aborted) return undefined;
      if (taken < all && has(account) < each) return sit(account);
      return new Promise((resolve) => {
        const leave = (place: (() => void) | undefined) => {
          waiting.delete(one);
          signal.removeEventListener("abort", goAway);
          resolve(place);
        };
        const one: Waiting = { account, waits, come: () => leave(sit(account)) };
        const goAway = () => {
          leave(undefined);
          tellAll();
        };
        waiting.add(one);
        // As many as wait: that is no leak.
        setMaxListeners(0, signal);
        tellAll();
        signal.addEventListener("abort", goAway, { once: true });
      });
    },
  };
}
