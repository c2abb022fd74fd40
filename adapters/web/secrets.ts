import type { Card } from "../../src/chat/card.ts";
import type { KeptMessage } from "../../src/chat/history.ts";
import type { Secret } from "../../src/chat/platform.ts";
import { fitSecret, showSecret } from "../../src/chat/secret.ts";
import { withoutTransient } from "../../src/chat/transient.ts";
import type { Log } from "../../src/log.ts";
import { LIMITS } from "./limits.ts";
import { sendable } from "./message.ts";
import { pause } from "./pause.ts";
import { renderCard } from "./render.ts";
import type { Waiting } from "./waiting.ts";

export interface SecretsParts {
  waiting: Waiting;
  log: Log;
  /** Aborted when the process is about to end. */
  stopping: AbortSignal;
}

/** An act that is answered with a secret. */
export interface SecretAct {
  id: string;
  zone: string | undefined;
  /** Keeps what may be kept of its answer. */
  keep(card: Card): Promise<KeptMessage>;
}

/**
 * Shows a secret to the page that asked for it: there it stands in the message until the page is left. What is kept of
 * the message, and what every other page shows, is without it.
 */
export function createSecrets({ waiting, log, stopping }: SecretsParts) {
  return async (card: Card, secret: Secret, { id, zone, keep }: SecretAct): Promise<Card | undefined> => {
    const draw = async () => {
      const fitted = fitSecret(card, LIMITS);
      // What cannot be drawn must not be kept: every page would fail at it, again and again.
      renderCard(fitted, { message: "", revision: 0 });
      const kept = await keep(withoutTransient(fitted, NOT_KEPT));
      const message = sendable({ ...kept, body: { card: fitted } }, zone);
      return [{ name: "page", send: (signal: AbortSignal) => waiting.hand(id, message, signal) }];
    };
    return showSecret(secret, id, draw, { log, pause, stopping });
  };
}

/** True whatever comes of it. */
const NOT_KEPT = "This is for the one moment in which it is made: it is kept nowhere.";
