import { type APIMessageTopLevelComponent, MessageFlags, type RawFile } from "discord.js";
import type { DrawChart } from "../../src/charts/chart.ts";
import type { Card } from "../../src/chat/card.ts";
import type { Log } from "../../src/log.ts";
import { UPLOAD_BYTES } from "./limits.ts";
import { type AllowedMentions, allowedMentions } from "./mentions.ts";
import { inWords, type Rendered, renderCard } from "./render.ts";

/** A message as Discord takes it, for a channel, an interaction and a webhook alike. */
export interface DiscordMessage {
  body: MessageBody;
  files: RawFile[];
}

export interface MessageBody {
  flags: number;
  components: APIMessageTopLevelComponent[];
  attachments: { id: string; filename: string; description?: string }[];
  allowed_mentions: AllowedMentions;
}

export interface MessageParts {
  draw: DrawChart;
  log: Log;
  /** Discussable cards get a button that asks: what is written in their threads does not arrive. */
  ask: boolean;
}

/** A card with its pictures drawn. A picture that cannot be drawn is told in words. */
export async function messageOf(card: Card, parts: MessageParts): Promise<DiscordMessage> {
  const { drawn, failed } = await draw(renderCard(card, parts), card.mentions ?? [], parts);
  // Without its pictures a card cannot fail in this way again.
  return failed ? messageOf(withoutPictures(card), parts) : drawn;
}

async function draw(rendered: Rendered, mentions: readonly string[], { draw, log }: MessageParts) {
  const files: RawFile[] = [];
  const attachments: MessageBody["attachments"] = [];
  const attach = (name: string, data: Uint8Array | string, contentType: string, description?: string) => {
    const isBlank = description === undefined || description.trim() === "";
    attachments.push({ id: String(files.length), filename: name, ...(!isBlank && { description }) });
    files.push({ name, data: typeof data === "string" ? data : Buffer.from(data), contentType });
  };
  let failed = false;
  let left = UPLOAD_BYTES;
  for (const { name, chart, alt } of rendered.pictures) {
    try {
      // Most people read Discord on its dark ground, and one picture has to do for all.
      const png = await draw(chart, "dark");
      left -= png.byteLength;
      attach(name, png, "image/png", alt);
    } catch (err) {
      failed = true;
      log.warn({ err }, "discord: a chart could not be drawn, its words stand in its place");
    }
  }
  for (const { name, text } of rendered.files)
    attach(name, cutToBytes(text, left), "text/plain; charset=utf-8");
  const body: MessageBody = {
    ...PLAIN,
    allowed_mentions: allowedMentions(mentions),
    components: rendered.components,
    attachments,
  };
  return { drawn: { body, files }, failed };
}

/** The flag of its kind, and nothing that unfurls. */
const PLAIN = { flags: MessageFlags.IsComponentsV2 | MessageFlags.SuppressEmbeds };

function withoutPictures(card: Card): Card {
  const body = card.body.map((block) =>
    block.kind === "chart" ? { kind: "text" as const, text: block.alt } : block,
  );
  return { ...card, body };
}

function cutToBytes(text: string, most: number): string {
  // Room for what multipart adds around it.
  const room = most - 64 * 1024;
  if (Buffer.byteLength(text) <= room) return text;
  return `${Buffer.from(text).subarray(0, room).toString("utf8")}\n…cut here: Discord takes no more in one message.`;
}

/** As it is sent where LogHunter may attach nothing. */
export function withoutFiles({ body }: DiscordMessage): DiscordMessage {
  return { body: { ...body, components: inWords(body.components), attachments: [] }, files: [] };
}

/** As only the person sees it to whom an interaction is answered. */
export function privately(message: DiscordMessage): DiscordMessage {
  const { body, files } = message;
  return { body: { ...body, flags: body.flags | MessageFlags.Ephemeral }, files };
}
