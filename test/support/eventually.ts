/** No assertion: what comes late has come, and only what never comes is waited for so long, on a busy machine too. */
const PATIENCE_MS = 60_000;

export interface Patience {
  withinMs?: number;
  everyMs?: number;
}

/**
 * Looks until it is there.
 * @param what it is, for the error; as a function where it is known only then
 * @throws where it does not come
 */
export async function eventually<T>(
  look: () => T | undefined | Promise<T | undefined>,
  what: string | (() => string) = "what was waited for",
  { withinMs = PATIENCE_MS, everyMs = 20 }: Patience = {},
): Promise<T> {
  for (const untilMs = performance.now() + withinMs; ; ) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > untilMs)
      throw new Error(`not within ${withinMs} ms: ${typeof what === "string" ? what : what()}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

/** The same of a condition. */
export async function until(
  isSo: () => boolean | Promise<boolean>,
  what?: string | (() => string),
  patience?: Patience,
): Promise<void> {
  await eventually(async () => (await isSo()) || undefined, what, patience);
}
