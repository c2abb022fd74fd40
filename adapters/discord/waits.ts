import { setTimeout as delay } from "node:timers/promises";

import { FIRST_ANSWER_MS } from "./limits.ts";

/** How long LogHunter waits for what; tests have less patience. */
export interface Waits {
  /** For the answer to one request. */
  requestMs: number;
  /** From an interaction's arrival to the last try at its first answer: after 3 s Discord takes none. */
  firstAnswerMs: number;
  /** For what is asked of the core before a form or a list of choices is shown. */
  askCoreMs: number;
  /** As long as an answer to an act is tried again. */
  answerMs: number;
  /** Before the first new try; each further one takes twice as long, at most `longestPauseMs`. */
  pauseMs: number;
  longestPauseMs: number;
  /** As long as start() waits for a connection that may come later. */
  startMs: number;
  /** As long as stop() waits for acts in hand. */
  stopMs: number;
  /** Between two IDENTIFYs: https://discord.com/developers/docs/events/gateway#rate-limiting */
  identifyMs: number;
  /** As long as a channel that refused a message is left alone. */
  refusalMs: number;
}

export const WAITS: Waits = {
  requestMs: 10_000,
  firstAnswerMs: FIRST_ANSWER_MS - 300,
  askCoreMs: 2_300,
  answerMs: 5 * 60_000,
  pauseMs: 500,
  longestPauseMs: 30_000,
  startMs: 20_000,
  stopMs: 5_000,
  identifyMs: 5_000,
  refusalMs: 10 * 60_000,
};

/** Waits, and no longer than until the signal is aborted. Keeps no process alive. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await delay(ms, undefined, { ref: false, ...(signal !== undefined && { signal }) }).catch(() => undefined);
}

/** What comes within a time; undefined where it does not. @throws what `work` throws within it. */
export async function within<T>(ms: number, work: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), Math.max(ms, 0));
  });
  // What comes too late fails unheard.
  work.catch(() => {});
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
