import type { ServerResponse } from "node:http";
import type { SecretSent } from "../../src/chat/secret.ts";
import type { SentMessage } from "./message.ts";
import { pause } from "./pause.ts";

/**
 * Requests of pages that wait for what comes of an act. What only the page that asked may see goes out in the answer to
 * its own request: the streams reach every page of the channel, on whatever desk.
 */
export interface Waiting {
  /** @returns what ends its waiting; `comesBack`: the page was told to ask again. */
  begin(actId: string, request: WaitingRequest): (comesBack?: boolean) => void;
  /** Answers the page that asked last with it. */
  hand(actId: string, message: SentMessage, signal: AbortSignal): Promise<SecretSent>;
  /** The act is over: nobody needs to come back for it. */
  forget(actId: string): void;
}

export interface WaitingRequest {
  isOpen(): boolean;
  /** Once: it is what the request is answered with. */
  answer(message: SentMessage): Promise<SecretSent>;
}

interface Act {
  requests: Set<WaitingRequest>;
  comesBack: boolean;
  came: () => void;
}

export function createWaiting(): Waiting {
  const acts = new Map<string, Act>();

  return {
    begin(actId, request) {
      const act = acts.get(actId) ?? { requests: new Set(), comesBack: false, came: () => {} };
      acts.set(actId, act);
      act.requests.add(request);
      act.came();
      return (comesBack = false) => {
        act.requests.delete(request);
        act.comesBack = comesBack;
        if (act.requests.size === 0 && !comesBack) acts.delete(actId);
      };
    },

    async hand(actId, message, signal) {
      const act = acts.get(actId);
      if (act !== undefined && newestOf(act) === undefined && act.comesBack) {
        const comes = new Promise<void>((resolve) => {
          act.came = resolve;
        });
        await Promise.race([comes, pause(BACK_WITHIN_MS, signal)]);
      }
      const request = act && newestOf(act);
      if (request === undefined || signal.aborted) return { outcome: "refused", why: "the page is gone" };
      return request.answer(message);
    },

    forget: (actId) => void acts.delete(actId),
  };
}

/** Whoever lost the line has asked again: the newest of a page's requests is the one that it listens to. */
function newestOf({ requests }: Act): WaitingRequest | undefined {
  return [...requests].findLast((request) => request.isOpen());
}

/** A page that is told to ask again does so at once. */
const BACK_WITHIN_MS = 3_000;

/** @returns the request, and what it is to be answered with. */
export function waitingRequest(outgoing: ServerResponse): {
  request: WaitingRequest;
  handed: Promise<SentMessage>;
} {
  let hand = (_: SentMessage) => {};
  const handed = new Promise<SentMessage>((resolve) => {
    hand = resolve;
  });
  const request: WaitingRequest = {
    isOpen: () => !outgoing.destroyed && !outgoing.writableEnded,
    answer: (message) =>
      new Promise((resolve) => {
        outgoing.once("finish", () => resolve({ outcome: "sent" }));
        outgoing.once("close", () => resolve({ outcome: "unknown", why: "the page left in that moment" }));
        hand(message);
      }),
  };
  return { request, handed };
}
