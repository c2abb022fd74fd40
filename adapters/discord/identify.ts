import type { Log } from "../../src/log.ts";
import { pause } from "./waits.ts";

/**
 * Lets a session begin no oftener than Discord allows, and ever less often where sessions do not last: after 1,000
 * in a day it ends them all and takes the token away
 * (https://discord.com/developers/docs/events/gateway#session-start-limit-object).
 */
export function createIdentifyThrottler(parts: { identifyMs: number; now: () => number; log: Log }) {
  const { identifyMs, now, log } = parts;
  let begun: number[] = [];
  return {
    async waitForIdentify(_shard: number, signal: AbortSignal): Promise<void> {
      begun = begun.filter((atMs) => atMs > now() - COUNTED_MS);
      const last = begun.at(-1);
      const waitMs = last === undefined ? 0 : last + gapMs(begun.length, identifyMs) - now();
      if (waitMs > identifyMs)
        log.warn({ waitMs }, "discord: sessions do not last, the next one begins later");
      if (waitMs > 0) await pause(waitMs, signal);
      // A connection that is closed by now begins no session.
      signal.throwIfAborted();
      begun.push(now());
    },
  };
}

const COUNTED_MS = 60 * 60_000;
/** So many in an hour are usual when Discord has a bad day; twice the wait for each further one. */
const USUAL = 5;
const LONGEST_MS = 10 * 60_000;

function gapMs(begun: number, identifyMs: number): number {
  const doublings = Math.max(begun - USUAL, 0);
  return Math.min(identifyMs * 2 ** doublings, LONGEST_MS);
}
