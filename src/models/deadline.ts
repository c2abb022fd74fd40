/** Calls back once after so many milliseconds. @returns what makes it not do so. */
export type After = (ms: number, then: () => void) => () => void;

/** When a request is to be over: at its time, or when whoever asked gives it up. */
export interface Deadline {
  /** Aborts at either. */
  signal: AbortSignal;
  leftMs(): number;
  /** Work that is not done by then is not waited for. @returns undefined where it was not. */
  within<T>(work: Promise<T>): Promise<T | undefined>;
  /** Nothing of it is left behind. */
  end(): void;
}

export function createDeadline(
  caller: AbortSignal,
  timeoutMs: number,
  now: () => number,
  after: After,
): Deadline {
  const controller = new AbortController();
  const untilMs = now() + timeoutMs;
  const abort = () => controller.abort();
  const stopTimer = after(timeoutMs, abort);
  caller.addEventListener("abort", abort, { once: true });
  if (caller.aborted) abort();
  const over = new Promise<undefined>((resolve) => {
    controller.signal.addEventListener("abort", () => resolve(undefined), { once: true });
  });
  return {
    signal: controller.signal,
    leftMs: () => Math.max(0, untilMs - now()),
    within: (work) => (controller.signal.aborted ? Promise.resolve(undefined) : Promise.race([work, over])),
    end() {
      stopTimer();
      caller.removeEventListener("abort", abort);
    },
  };
}

export const afterReally: After = (ms, then) => {
  const timer = setTimeout(then, ms);
  return () => clearTimeout(timer);
};
