import type { Log } from "../log.ts";
import type { Card } from "./card.ts";
import { fitCard } from "./fit.ts";
import type { Limits } from "./limits.ts";
import type { Secret, SecretOutcome } from "./platform.ts";
import { transientLines } from "./transient.ts";

/** One way in which a person sees a secret and nobody else does. */
export interface SecretWay {
  /** For the log. */
  name: string;
  /**
   * Tries once.
   * @param signal aborted: nothing may be sent any more, and what is under way is given up.
   */
  send(signal: AbortSignal): Promise<SecretSent>;
}

export type SecretSent =
  | { outcome: "sent" }
  /** Nothing was shown, and nothing of what was sent will be. */
  | { outcome: "refused"; why: string }
  /** Nothing was shown, and the same way may work then. */
  | { outcome: "later"; afterMs: number; why: string }
  | { outcome: "unknown"; why: string };

export interface SecretParts {
  log: Log;
  pause(ms: number, signal?: AbortSignal): Promise<void>;
  /** Aborted when the process is about to end. */
  stopping: AbortSignal;
  withinMs?: number;
}

/**
 * Shows a secret by the first way that takes it, and tells whoever asked for it what came of that. Never throws.
 * @param draw makes the ways, with what they send; where it throws nothing is shown.
 * @returns what the same person is to be told after it, if anything
 */
export async function showSecret(
  { ended }: Secret,
  act: string,
  draw: () => readonly SecretWay[] | Promise<readonly SecretWay[]>,
  parts: SecretParts,
): Promise<Card | undefined> {
  const { log } = parts;
  const outcome = await tryWays(act, draw, parts);
  if (outcome !== "shown") log.error({ act, outcome }, "a secret did not surely reach who asked for it");
  try {
    return await ended(outcome);
  } catch (err) {
    log.error({ err, act, outcome }, "it could not be noted what came of a secret");
    return notNotedCard(outcome);
  }
}

/** What opens nothing before it is noted that it was seen may never do. */
function notNotedCard(outcome: SecretOutcome): Card {
  const text =
    outcome === "shown"
      ? "LogHunter could not note that you have seen it, so what you were just shown may open nothing. Try it; where it is refused, ask for another one in a minute."
      : "LogHunter could not make sure that only you see it, so it opens nothing. Ask for another one in a minute.";
  return {
    title: "That may not have worked",
    tone: "warning",
    badge: "NOT SURE",
    body: [{ kind: "text", text }],
  };
}

/**
 * A card with a secret, small enough. What else had no room is left out, since the whole of it would be a file; and so
 * are pictures, which would be uploaded first. @throws where the secret itself has no room: half a key opens nothing.
 */
export function fitSecret(card: Card, limits: Limits): Card {
  const body = card.body.map((block) =>
    block.kind === "chart" ? ({ kind: "text", text: block.alt } as const) : block,
  );
  const fitted = fitCard({ ...card, body }, limits).card;
  if (transientLines(fitted).join("\n") !== transientLines(card).join("\n"))
    throw new Error("a secret has no room in a message");
  return fitted;
}

async function tryWays(
  act: string,
  draw: () => readonly SecretWay[] | Promise<readonly SecretWay[]>,
  { log, pause, stopping, withinMs = SHOW_WITHIN_MS }: SecretParts,
): Promise<SecretOutcome> {
  const over = new AbortController();
  const end = () => over.abort();
  const timer = setTimeout(end, withinMs);
  stopping.addEventListener("abort", end);
  if (stopping.aborted) end();
  const { signal } = over;

  /** Once, and where nothing was sent and it takes a moment only, once more. */
  async function tryWay(way: SecretWay): Promise<SecretSent> {
    const first = await sendBy(way, signal);
    if (first.outcome !== "later" || first.afterMs > SHORT_WAIT_MS || signal.aborted) return first;
    await pause(first.afterMs, signal);
    return signal.aborted ? first : sendBy(way, signal);
  }

  try {
    if (signal.aborted) return "not shown";
    for (const way of await Promise.race([draw(), none(signal)])) {
      if (signal.aborted) return "not shown";
      const sent = await tryWay(way);
      if (sent.outcome === "sent") return "shown";
      log.warn({ act, way: way.name, why: sent.why }, "a secret was not shown in this way");
      if (sent.outcome === "unknown") return "not known";
    }
  } catch (error) {
    // Its message may hold what was to be drawn.
    log.error({ act, error: nameOf(error) }, "a secret could not be drawn");
  } finally {
    clearTimeout(timer);
    stopping.removeEventListener("abort", end);
  }
  return "not shown";
}

/** Where there is no time left to draw it there is no way. */
function none(signal: AbortSignal): Promise<readonly SecretWay[]> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve([]);
    signal.addEventListener("abort", () => resolve([]), { once: true });
  });
}

/** What does not answer, or fails in a way that nobody has foreseen, may have shown it. */
async function sendBy(way: SecretWay, signal: AbortSignal): Promise<SecretSent> {
  let timer: NodeJS.Timeout | undefined;
  let stop = () => {};
  const given = new Promise<SecretSent>((resolve) => {
    const giveUp = () => resolve({ outcome: "unknown", why: "no answer in time" });
    // What was told to end has this long to say how far it came.
    stop = () => {
      timer = setTimeout(giveUp, SAY_SO_MS);
    };
    signal.addEventListener("abort", stop);
  });
  try {
    return await Promise.race([way.send(signal), given]);
  } catch (error) {
    return { outcome: "unknown", why: `it failed: ${nameOf(error)}` };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}

/** Somebody looks at the form they have just sent off. */
const SHOW_WITHIN_MS = 20_000;
const SHORT_WAIT_MS = 5_000;
const SAY_SO_MS = 200;

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
