import { Routes } from "discord.js";
import type { Card } from "../../src/chat/card.ts";
import type { Place, Reply, Secret } from "../../src/chat/platform.ts";
import { fitSecret, type SecretSent, type SecretWay, showSecret } from "../../src/chat/secret.ts";
import type { Log } from "../../src/log.ts";
import type { InteractionOrigin, Origin } from "./answers.ts";
import { type Api, type Done, tried } from "./api.ts";
import { deliveryOf, type Failure } from "./errors.ts";
import { LIMITS } from "./limits.ts";
import { type DiscordMessage, privately } from "./message.ts";
import { withoutButtons } from "./notes.ts";
import type { Posting } from "./posting.ts";
import { nonceOf } from "./standing.ts";
import { pause } from "./waits.ts";

/** Shows what one person is to see once. */
export interface Secrets {
  /** @param show shows what is said after it */
  show(
    card: Card,
    secret: Secret,
    origin: Origin,
    show: (reply: Reply, origin: Origin) => Promise<void>,
  ): Promise<void>;
}

export interface SecretsParts {
  api: Api;
  posting: Posting;
  log: Log;
  stopping: AbortSignal;
  draw(card: Card): Promise<DiscordMessage>;
  /** Where the person and LogHunter write to each other. */
  directPlace(place: Place, person: string, signal?: AbortSignal): Promise<Done<Place> | Failure>;
}

export function createSecrets(parts: SecretsParts): Secrets {
  const { api, posting, log, stopping, directPlace } = parts;

  async function draw(card: Card): Promise<DiscordMessage> {
    const message = await parts.draw(card);
    if (message.files.length > 0) throw new Error("a secret would become a file");
    return message;
  }

  function send(
    method: "POST" | "PATCH",
    route: `/${string}`,
    { body }: DiscordMessage,
    signal: AbortSignal,
  ) {
    return tried(() => api.call(method, route, { body, auth: false, signal }));
  }

  function byInteraction(
    { application, token, first }: InteractionOrigin,
    message: DiscordMessage,
    used: () => void,
  ): SecretWay | undefined {
    const original = Routes.webhookMessage(application, token, "@original");
    const followUp = async (signal: AbortSignal) =>
      sentBy(await send("POST", Routes.webhook(application, token), message, signal));
    switch (first) {
      case "thinking privately":
        return {
          name: "answer",
          async send(signal) {
            const sent = sentBy(await send("PATCH", original, message, signal));
            if (sent.outcome === "sent" || sent.outcome === "unknown") used();
            return sent;
          },
        };
      case "thinking":
        return {
          name: "follow-up",
          async send(signal) {
            // While the public answer is awaited what follows takes its place, and everybody would see it.
            const gone = await tried(() => api.call("DELETE", original, { auth: false, signal }));
            const isGone =
              gone.kind === "done" || (gone.kind === "refused" && gone.reason === "message gone");
            if (!isGone) return { outcome: "refused", why: `the public answer may stand there: ${gone.why}` };
            used();
            return followUp(signal);
          },
        };
      case "noted":
        return { name: "follow-up", send: followUp };
      case "nothing":
        return undefined;
    }
  }

  /** @param used what the interaction shows now is not to be changed any more */
  async function waysTo(card: Card, origin: Origin, used: () => void): Promise<SecretWay[]> {
    const { interaction, place, person, actId } = origin;
    const fitted = fitSecret(card, LIMITS);
    const own = privately(await draw(fitted));
    const told = await draw(withoutButtons(fitted));
    const direct: SecretWay = {
      name: "direct message",
      async send(signal) {
        const at = await directPlace(place, person.id, signal);
        if (at.kind !== "done") return { outcome: "refused", why: at.why };
        // With the nonce of the answer that follows, Discord would take that for the same message.
        const how = { title: "", nonce: nonceOf(`secret ${actId}`), signal };
        return sentBy(await posting.post(at.value, told, how));
      },
    };
    const answer = interaction && byInteraction(interaction, own, used);
    return answer === undefined ? [direct] : [answer, direct];
  }

  return {
    async show(card, secret, origin, show) {
      let isUsed = false;
      const ways = () =>
        waysTo(card, origin, () => {
          isUsed = true;
        });
      const then = await showSecret(secret, origin.actId, ways, { log, pause, stopping });
      const after = isUsed ? alreadyAnswered(origin) : origin;
      if (then === undefined) return await show({ kind: "silence" }, after);
      await show({ kind: "message", visibility: "caller", card: then }, after);
    },
  };
}

/** What is said further goes beside what the interaction shows. */
function alreadyAnswered(origin: Origin): Origin {
  const { interaction } = origin;
  return interaction === undefined
    ? origin
    : { ...origin, interaction: { ...interaction, first: "noted" as const } };
}

function sentBy(outcome: Done<unknown> | Failure): SecretSent {
  return outcome.kind === "done" ? { outcome: "sent" } : deliveryOf(outcome);
}
