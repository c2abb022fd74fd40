import {
  type APIInteraction,
  type APIInteractionGuildMember,
  type APIUser,
  type ChannelType,
  MessageFlags,
  InteractionResponseType as ResponseType,
  Routes,
} from "discord.js";
import type { Person } from "../../src/chat/platform.ts";
import { type Api, tried } from "./api.ts";
import type { KnownChannel } from "./channels.ts";
import type { DiscordMessage } from "./message.ts";
import { type Patience, retrying } from "./retrying.ts";
import { runsServer } from "./servers.ts";

/** An interaction of somebody in a server, as far as all kinds have it. */
export interface Acting {
  id: string;
  token: string;
  application: string;
  guild: string;
  channel: KnownChannel;
  person: Person;
  arrivedAtMs: number;
}

/** What it takes to answer an interaction for the first time. */
export type Answerable = Pick<Acting, "id" | "token" | "arrivedAtMs">;

/** Undefined for one that comes from no server: LogHunter's commands are not offered elsewhere. */
export function actingOf(interaction: APIInteraction, nowMs: number): Acting | undefined {
  const { id, token, application_id: application, guild_id: guild, channel, member } = interaction;
  if (guild === undefined || channel?.id === undefined || member === undefined) return undefined;
  const parent = "parent_id" in channel ? channel.parent_id : undefined;
  const type = channel.type as ChannelType;
  return {
    id,
    token,
    application,
    guild,
    channel: { id: channel.id, type, guild, ...(typeof parent === "string" && { parent }) },
    person: personOf(member.user, member, runsServer((member as APIInteractionGuildMember).permissions)),
    arrivedAtMs: nowMs,
  };
}

export function personOf(
  user: Pick<APIUser, "id" | "username" | "global_name">,
  member: { nick?: string | null },
  platformAdmin: boolean,
): Person {
  return { id: user.id, name: member.nick ?? user.global_name ?? user.username, platformAdmin };
}

/** What the person sees at once. */
export type FirstAnswer =
  | { kind: "thinking"; privately: boolean }
  /** The message that was pressed stays as it is. */
  | { kind: "noted" }
  | { kind: "modal"; modal: unknown }
  | { kind: "message"; message: DiscordMessage }
  | { kind: "choices"; choices: { name: string; value: string }[] };

/** Whether Discord took the first answer. */
export type Acknowledged =
  | "yes"
  /** Somebody has answered before: another process, most likely. */
  | "by another"
  /** It can be answered with the bot's own token only. */
  | "no";

export interface AcknowledgeParts {
  api: Api;
  patience: Patience;
}

/** Answers an interaction for the first time: within three seconds, or Discord tells the person that it failed. */
export async function acknowledge(
  { id, token, arrivedAtMs }: Answerable,
  answer: FirstAnswer,
  { api, patience }: AcknowledgeParts,
): Promise<Acknowledged> {
  const untilMs = arrivedAtMs + patience.waits.firstAnswerMs;
  let maybeOurs = false;
  const outcome = await retrying(
    (again) => {
      maybeOurs = again;
      // What hangs leaves time for one more try.
      const timeoutMs = Math.max(Math.ceil((untilMs - patience.now()) / 2), LEAST_MS);
      const files = answer.kind === "message" ? answer.message.files : [];
      return tried(() =>
        api.call("POST", Routes.interactionCallback(id, token), {
          body: bodyOf(answer),
          files,
          auth: false,
          timeoutMs,
        }),
      );
    },
    { ...patience, waits: { ...patience.waits, pauseMs: Math.min(patience.waits.pauseMs, SHORT_MS) } },
    untilMs,
  );
  if (outcome.kind === "done") return "yes";
  if (outcome.kind === "acknowledged") return maybeOurs ? "yes" : "by another";
  // Perhaps it was taken: then only its token ends what it shows. If not, Discord says so to the next request.
  return outcome.kind === "unknown" ? "yes" : "no";
}

/** There are three seconds for all tries. */
const SHORT_MS = 100;
const LEAST_MS = 300;

function bodyOf(answer: FirstAnswer) {
  switch (answer.kind) {
    case "thinking":
      return {
        type: ResponseType.DeferredChannelMessageWithSource,
        ...(answer.privately && { data: { flags: MessageFlags.Ephemeral } }),
      };
    case "noted":
      return { type: ResponseType.DeferredMessageUpdate };
    case "modal":
      return { type: ResponseType.Modal, data: answer.modal };
    case "message":
      return { type: ResponseType.ChannelMessageWithSource, data: answer.message.body };
    case "choices":
      return {
        type: ResponseType.ApplicationCommandAutocompleteResult,
        data: { choices: answer.choices },
      };
  }
}
