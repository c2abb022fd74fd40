import type { APIMessage } from "discord.js";
import { readMarkdown } from "./markdown.ts";
import { flat, type SentFile } from "./rules.ts";
import type { Kept, World } from "./world.ts";

const V2 = 1 << 15;
export const EPHEMERAL = 1 << 6;
export const LOADING = 1 << 7;

export interface NewMessage {
  channel: string;
  author: World["bot"];
  body: Record<string, unknown>;
  files?: readonly SentFile[];
  onlyFor?: string | undefined;
  pending?: boolean;
  type?: number;
  /** The interaction that made it. */
  interaction?: string;
}

/** Keeps a message as Discord returns it. */
export function keepMessage(
  world: World,
  { channel, author, body, files = [], onlyFor, ...more }: NewMessage,
): Kept {
  const id = world.newId();
  const flags =
    Number(body.flags ?? 0) | (onlyFor === undefined ? 0 : EPHEMERAL) | (more.pending ? LOADING : 0);
  const api = {
    ...{ id, channel_id: channel, author, type: more.type ?? 0, flags, pinned: false, tts: false },
    ...{
      content: "",
      embeds: [],
      mentions: [],
      mention_roles: [],
      mention_everyone: false,
      edited_timestamp: null,
    },
    timestamp: new Date().toISOString(),
    ...contentOf(world, channel, body, files),
    ...(more.interaction !== undefined && {
      interaction_metadata: {
        ...{ authorizing_integration_owners: {}, type: 2 },
        id: more.interaction,
        user: world.ana,
      },
    }),
  } as unknown as APIMessage;
  const nonce = typeof body.nonce === "string" ? { nonce: body.nonce } : {};
  const kept: Kept = {
    api,
    pending: more.pending ?? false,
    ...nonce,
    ...(onlyFor !== undefined && { onlyFor }),
  };
  world.messages.set(id, kept);
  return kept;
}

export function editMessage(
  world: World,
  kept: Kept,
  body: Record<string, unknown>,
  files: readonly SentFile[],
): Kept {
  const flags = (kept.api.flags ?? 0) | (Number(body.flags ?? 0) & V2);
  Object.assign(kept.api, contentOf(world, kept.api.channel_id, body, files), {
    flags: flags & ~LOADING,
    edited_timestamp: new Date().toISOString(),
  });
  kept.pending = false;
  return kept;
}

function contentOf(world: World, channel: string, body: Record<string, unknown>, files: readonly SentFile[]) {
  const declared = (body.attachments ?? []) as { id: string; filename: string; description?: string }[];
  const attachments = files.map((file) => {
    const at = /\d+/.exec(file.field)?.[0];
    const { description } = declared.find(({ id }) => String(id) === at) ?? {};
    const id = world.newId();
    const url = `https://cdn.loopback/attachments/${channel}/${id}/${file.name}`;
    world.uploads.set(url, file.bytes);
    return {
      ...{
        id,
        filename: file.name,
        size: file.bytes.byteLength,
        url,
        proxy_url: url,
        content_type: file.type,
      },
      ...(description !== undefined && { description }),
    };
  });
  let nextId = 1;
  const addressed = (url: string) => {
    const name = url.replace("attachment://", "");
    return attachments.find(({ filename }) => filename === name)?.url ?? url;
  };
  // As Discord does it: components get numbers, and files addresses.
  const numbered = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(numbered);
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value).map(([key, one]) => [
      key,
      key === "url" && typeof one === "string" ? addressed(one) : numbered(one),
    ]);
    return { ...Object.fromEntries(entries), ...("type" in value && { id: nextId++ }) };
  };
  return {
    ...(typeof body.content === "string" && { content: body.content }),
    components: numbered(body.components ?? []),
    attachments,
    ...mentionsOf(world, body),
  };
}

/** Whom a message pings: who stands in it, of those that may be. */
function mentionsOf({ guild }: World, { components, allowed_mentions }: Record<string, unknown>) {
  const { users = [], roles = [] } = (allowed_mentions ?? {}) as { users?: string[]; roles?: string[] };
  const text = flat((components ?? []) as { type: number; content?: string }[])
    .map(({ content = "" }) => content)
    .join("\n");
  const { alive } = readMarkdown(text);
  return {
    mentions: users.filter((id) => alive.includes(`<@${id}>`)).map((id) => ({ id })),
    mention_roles: roles.filter((id) => id !== guild && alive.includes(`<@&${id}>`)),
    // The role with the server's own id is everybody's.
    mention_everyone: roles.includes(guild),
  };
}
