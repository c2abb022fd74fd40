/** Room for open streams: each costs a socket, and work at every message. */
export interface Seats {
  /** Gives a stream its place. @returns what frees the place again, or the sentence on why there is none. */
  take(address: string): (() => void) | string;
  /** Why a stream would be refused; undefined where there is room. */
  whyFull(address: string): string | undefined;
}

/** With so many pages open a message is with all of them in 0.04 s, measured on two cores shared with the pages. */
const MOST = 200;
/**
 * A browser opens six connections to one host, so these are eight browsers full of pages behind one address:
 * one machine that opens streams without end leaves room for the others.
 */
const MOST_OF_ADDRESS = 50;

/** @param isProxied all people come from the address of a proxy, so that it says nothing about them. */
export function createSeats(isProxied: boolean): Seats {
  const taken = new Map<string, number>();
  let all = 0;

  function whyFull(address: string): string | undefined {
    if (all >= MOST) return `${MOST} pages of this console are open already, ${FULL}`;
    const full = !isProxied && (taken.get(address) ?? 0) >= MOST_OF_ADDRESS;
    return full
      ? `${MOST_OF_ADDRESS} pages of this console are open at your address already, ${FULL}`
      : undefined;
  }

  return {
    whyFull,
    take(address) {
      const why = whyFull(address);
      if (why !== undefined) return why;
      all++;
      taken.set(address, (taken.get(address) ?? 0) + 1);
      return () => {
        all--;
        const left = (taken.get(address) ?? 0) - 1;
        if (left > 0) taken.set(address, left);
        else taken.delete(address);
      };
    },
  };
}

const FULL = "as many as it serves: close some. This one tries again by itself.";
