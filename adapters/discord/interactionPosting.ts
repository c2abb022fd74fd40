import { type APIMessage, Routes } from "discord.js";
import type { MessageRef, Place } from "../../src/chat/platform.ts";
import { createRecent } from "../../src/chat/recent.ts";
import { type Api, type Done, tried } from "./api.ts";
import type { Failure } from "./errors.ts";
import type { DiscordMessage } from "./message.ts";
import { isPrivate } from "./origin.ts";

/** Reaches the answers to an interaction for a quarter of an hour, whatever LogHunter may do where they stand. */
export interface InteractionToken {
  application: string;
  token: string;
}

/** Messages sent and edited with the token of the interaction that they answer. */
export interface InteractionPosting {
  /** @param at where it comes to stand, or the message that it is */
  editOriginal(
    by: InteractionToken,
    message: DiscordMessage,
    at: Place | MessageRef,
  ): Promise<Done<MessageRef> | Failure>;
  followUp(by: InteractionToken, message: DiscordMessage, place: Place): Promise<Done<MessageRef> | Failure>;
  removeOriginal(by: InteractionToken): Promise<Done<unknown> | Failure>;
  /** What it takes to edit an answer that was sent lately; undefined for any other message. */
  answered(message: string): Answered | undefined;
}

export interface Answered {
  /** Nothing else reaches it. */
  privately: boolean;
  edit(ref: MessageRef, message: DiscordMessage, signal?: AbortSignal): Promise<Done<MessageRef> | Failure>;
}

export function createInteractionPosting(api: Api, stopping: AbortSignal): InteractionPosting {
  const sent = createRecent<InteractionToken & { privately: boolean }>(MOST_ANSWERED);

  function send<T>(
    method: "POST" | "PATCH",
    route: `/${string}`,
    { body, files }: DiscordMessage,
    signal: AbortSignal | undefined,
  ): Promise<Done<T> | Failure> {
    return tried(() => api.call<T>(method, route, { body, files, auth: false, signal }));
  }

  function note({ application, token }: InteractionToken, message: APIMessage): void {
    sent.set(message.id, { application, token, privately: isPrivate(message) });
  }

  return {
    async editOriginal(by, message, at) {
      const route = Routes.webhookMessage(by.application, by.token, "@original");
      const edited = await send<APIMessage>("PATCH", route, message, stopping);
      if (edited.kind !== "done") return edited;
      if ("id" in at) return { kind: "done", value: at };
      note(by, edited.value);
      return { kind: "done", value: { place: at, id: edited.value.id } };
    },

    async followUp(by, message, place) {
      const route = Routes.webhook(by.application, by.token);
      const followed = await send<APIMessage>("POST", route, message, stopping);
      if (followed.kind !== "done") return followed;
      note(by, followed.value);
      return { kind: "done", value: { place, id: followed.value.id } };
    },

    removeOriginal({ application, token }) {
      const route = Routes.webhookMessage(application, token, "@original");
      return tried(() => api.call("DELETE", route, { auth: false, signal: stopping }));
    },

    answered(id) {
      const by = sent.get(id);
      if (by === undefined) return undefined;
      return {
        privately: by.privately,
        async edit(ref, message, signal) {
          const route = Routes.webhookMessage(by.application, by.token, ref.id);
          const edited = await send("PATCH", route, message, signal);
          return edited.kind === "done" ? { kind: "done", value: ref } : edited;
        },
      };
    },
  };
}

const MOST_ANSWERED = 1_000;
