import { createHash } from "node:crypto";
import { type APIMessage, Routes, SnowflakeUtil } from "discord.js";
import { createRecent } from "../../src/chat/recent.ts";
import { type Api, type Done, tried } from "./api.ts";
import type { Failure } from "./errors.ts";
import { NONCE_CHARS } from "./limits.ts";
import type { DiscordMessage } from "./message.ts";

/** Finds the message of an earlier attempt whose outcome nobody knows. */
export interface Standing {
  find(sought: Sought): Promise<Done<string | undefined> | Failure>;
  /** This message was made by this attempt. */
  note(messageId: string, nonce: string): void;
}

export interface Sought {
  channel: string;
  message: DiscordMessage;
  nonce: string;
  /** The interaction that it answers: of its messages Discord says which one made them. */
  interaction?: string | undefined;
  /** Who LogHunter is here. */
  me: string;
  signal?: AbortSignal | undefined;
}

/**
 * Discord itself returns an earlier message of the same nonce for "the past few minutes"
 * (https://discord.com/developers/docs/resources/message#create-message); this is for what comes later. What it lists
 * has no nonce, so LogHunter's own recent messages are compared by all that they show.
 */
export function createStanding(api: Api, now: () => number): Standing {
  const nonces = createRecent<string>(MOST_KNOWN);

  return {
    note: nonces.set,
    async find({ channel, message, nonce, interaction, me, signal }) {
      const listed = await tried(() =>
        api.call<APIMessage[]>("GET", Routes.channelMessages(channel), { query: { limit: "50" }, signal }),
      );
      if (listed.kind !== "done") return listed;
      const wanted = shownIn({ ...message.body, attachments: message.body.attachments });
      const found = listed.value.find((one) => {
        if (one.author.id !== me) return false;
        if (interaction !== undefined && one.interaction_metadata?.id === interaction) return true;
        const known = one.nonce === undefined ? nonces.get(one.id) : String(one.nonce);
        if (known !== undefined) return known === nonce;
        return now() - SnowflakeUtil.timestampFrom(one.id) < RECENT_MS && shownIn(one) === wanted;
      });
      return { kind: "done", value: found?.id };
    },
  };
}

const MOST_KNOWN = 5_000;
/** Longer than a delivery is tried again without being seen to. */
const RECENT_MS = 60 * 60_000;

/** The same for the same delivery, in whatever process. */
export function nonceOf(deliveryId: string): string {
  return createHash("sha256").update(deliveryId).digest("base64url").slice(0, NONCE_CHARS);
}

/** Whatever in a message was written by LogHunter, and not added by Discord. */
function shownIn({ components, attachments }: { components?: unknown; attachments: { filename: string }[] }) {
  const shown: string[] = [];
  const collect = (value: unknown): void => {
    if (Array.isArray(value)) for (const one of value) collect(one);
    if (typeof value !== "object" || value === null) return;
    for (const key of ["type", "content", "label", "custom_id", "description", "accent_color"]) {
      const text = (value as Record<string, unknown>)[key];
      if (typeof text === "string" || typeof text === "number") shown.push(`${key}=${text}`);
    }
    for (const key of ["components", "items"]) collect((value as Record<string, unknown>)[key]);
  };
  collect(components);
  return JSON.stringify([shown, attachments.map(({ filename }) => filename)]);
}
