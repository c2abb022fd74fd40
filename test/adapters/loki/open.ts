import { type LokiOptions, type LokiSource, openLoki } from "../../../adapters/loki/index.ts";
import { createLog } from "../../../src/log.ts";

/** The adapter as a test wants it: no cache, no waiting, and the clock of the lines. */
export function openTestLoki(url: string, options: Partial<LokiOptions> = {}): Promise<LokiSource> {
  return openLoki({
    connection: { url },
    cacheOf: async () => undefined,
    log: createLog("silent"),
    now: Date.now,
    random: () => 0.5,
    sleep: async () => undefined,
    ...options,
  });
}
