/** So long at most before other work gets its turn. */
const TURN_MS = 10;

/**
 * Keeps a long loop from blocking the process: `await turn()` now and then in it costs nothing until its time
 * is used up, and then lets everything else that waits go first.
 */
export function takeTurns(forMs = TURN_MS): () => Promise<void> | undefined {
  let endsAtMs = performance.now() + forMs;
  return () => {
    if (performance.now() < endsAtMs) return undefined;
    return new Promise((resolve) =>
      setImmediate(() => {
        endsAtMs = performance.now() + forMs;
        resolve();
      }),
    );
  };
}
