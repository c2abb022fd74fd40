/** A circuit breaker: who fails again and again is left alone for a time, then asked once, and for twice as long each time that fails. */
export interface Circuit {
  /** Leave to ask, which must be settled, or why there is none. */
  enter(): Pass | LeftAlone;
  /** `nothing` where it was called off before anything could come of it. */
  settle(pass: Pass, outcome: "worked" | "failed" | "nothing", why?: string): void;
  /** undefined where somebody may ask. */
  leftAlone(): LeftAlone | undefined;
}

/** A probe is the one request that finds out whether a provider is back. */
export interface Pass {
  isProbe: boolean;
}

export interface LeftAlone {
  /** Until it may be asked again; 0 while a probe is under way. */
  forMs: number;
  failures: number;
  /** Of the last failure. */
  why: string;
}

export interface CircuitOptions {
  /** So many failures in a row, and it is left alone. */
  failures: number;
  firstPauseMs: number;
  longestPauseMs: number;
  now: () => number;
  /** Told of each pause that begins, and undefined when all is well again. */
  told: (pauseMs: number | undefined) => void;
}

export function createCircuit(options: CircuitOptions): Circuit {
  const { failures, firstPauseMs, longestPauseMs, now, told } = options;
  let inARow = 0;
  let lastWhy = "";
  /** Lasts until a request has worked, be it over or not. */
  let pause: { ms: number; untilMs: number; isProbed: boolean } | undefined;

  function begin(ms: number): void {
    pause = { ms, untilMs: now() + ms, isProbed: false };
    told(ms);
  }

  function leftAlone(): LeftAlone | undefined {
    if (pause === undefined) return undefined;
    const forMs = Math.max(0, pause.untilMs - now());
    return forMs > 0 || pause.isProbed ? { forMs, failures: inARow, why: lastWhy } : undefined;
  }

  return {
    leftAlone,
    enter() {
      const alone = leftAlone();
      if (alone !== undefined) return alone;
      if (pause === undefined) return { isProbe: false };
      pause.isProbed = true;
      return { isProbe: true };
    },
    settle({ isProbe }, outcome, why = "") {
      if (outcome === "nothing") {
        if (isProbe && pause !== undefined) pause.isProbed = false;
        return;
      }
      if (outcome === "worked") {
        inARow = 0;
        if (pause !== undefined) told(undefined);
        pause = undefined;
        return;
      }
      inARow += 1;
      lastWhy = why;
      if (isProbe) begin(Math.min(longestPauseMs, (pause?.ms ?? firstPauseMs) * 2));
      // Failures of what was under way when the pause began change nothing.
      else if (pause === undefined && inARow >= failures) begin(firstPauseMs);
    },
  };
}
