import { type Read, readMarkdown } from "./markdown.ts";
import { flat } from "./rules.ts";
import { type Kept, TYPES, type World } from "./world.ts";

/** A message as people see it. */
export interface SeenMessage {
  id: string;
  channel: string;
  by: "bot" | "person";
  seenBy: "everybody" | "caller";
  text: string;
  buttons: string[];
  links: string[];
  pictures: { alt: string; bytes: Uint8Array }[];
  files: { name: string; text: string }[];
  pings: string[];
  /** What came to life in it beside those: mentions, emoji. */
  alive: string[];
}

interface Component {
  type: number;
  content?: string;
  label?: string;
  url?: string;
  items?: { media: { url: string }; description?: string }[];
  file?: { url: string };
  components?: Component[];
}

export function see(world: World, { api, onlyFor }: Kept): SeenMessage {
  const isPerson = api.author.id !== world.bot.id;
  const isDirect = world.channels.get(api.channel_id)?.type === TYPES.dm;
  const seen: SeenMessage = {
    id: api.id,
    channel: api.channel_id,
    by: isPerson ? "person" : "bot",
    seenBy: onlyFor !== undefined || isDirect ? "caller" : "everybody",
    ...{ text: isPerson ? api.content : "", buttons: [], links: [], pictures: [], files: [], alive: [] },
    pings: isPerson ? [] : pingsOf(api),
  };
  const bytesOf = (url: string) => world.uploads.get(url) ?? new Uint8Array();
  for (const { type, content = "", label, url, items = [], file } of flat(
    api.components as Component[],
  ) as Component[]) {
    if (type === 10) add(seen, readMarkdown(content));
    if (type === 2 && url !== undefined) add(seen, { text: label ?? "", links: [url], alive: [] });
    if (type === 2 && url === undefined) seen.buttons.push(label ?? "");
    for (const { media, description = "" } of items) {
      seen.pictures.push({ alt: description, bytes: bytesOf(media.url) });
    }
    if (file !== undefined) {
      const name = file.url.split("/").at(-1) ?? "";
      seen.files.push({ name, text: new TextDecoder().decode(bytesOf(file.url)) });
    }
  }
  seen.alive = seen.alive.filter((mark) => !seen.pings.includes(mark.replace(/^<@|>$/g, "")));
  return seen;
}

function pingsOf({ mentions, mention_roles, mention_everyone }: Kept["api"]): string[] {
  return [
    ...mentions.map(({ id }) => id),
    ...mention_roles.map((id) => `&${id}`),
    ...(mention_everyone ? ["everybody"] : []),
  ];
}

function add(seen: SeenMessage, { text, links, alive }: Read): void {
  seen.text += `${text}\n`;
  seen.links.push(...links);
  seen.alive.push(...alive);
}

/** All that stands in a channel, its threads and in direct messages, oldest first. */
export function standingIn(world: World, channel: string): Kept[] {
  return [...world.messages.values()].filter(({ api, pending }) => {
    const at = world.channels.get(api.channel_id);
    const isThere = api.channel_id === channel || at?.parent_id === channel || at?.type === TYPES.dm;
    return isThere && !pending;
  });
}
