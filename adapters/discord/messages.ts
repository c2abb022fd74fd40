import { type GatewayMessageCreateDispatchData, MessageType } from "discord.js";
import { commandAt } from "../../src/chat/command.ts";
import type { ChatCore, Inbound, Person, Place, Reply } from "../../src/chat/platform.ts";
import { createRecent } from "../../src/chat/recent.ts";
import { personOf } from "./acting.ts";
import type { InboundParts } from "./inbound.ts";
import type { Found } from "./places.ts";

/** What people write. */
export interface Messages {
  take(message: GatewayMessageCreateDispatchData): Promise<void>;
}

/**
 * In a thread everything is for LogHunter's ears, in a channel only what begins by naming it. Without the privileged
 * intent messages arrive without their text, unless they name it
 * (https://discord.com/developers/docs/events/gateway#message-content-intent).
 */
export function createMessages(parts: InboundParts & { core: ChatCore }): Messages {
  const { core, answers, once, places, channels, servers, me } = parts;
  const told = createRecent<true>(MOST_TOLD);

  async function take(message: GatewayMessageCreateDispatchData): Promise<void> {
    const { id, guild_id: guild, author, member, channel_id: channelId, content } = message;
    const isPersons = !author.bot && message.webhook_id === undefined && WRITTEN.has(message.type);
    if (guild === undefined || member === undefined || !isPersons || content.trim() === "") return;
    const { text, named } = withoutName(content);
    if (text === "") return;
    const channel = await channels.find(channelId);
    if (channel.kind !== "done") return;
    // Much is said in channels that is not for LogHunter.
    if (!named && channel.value.parent === undefined) return;
    const found = await places.of(guild, channel.value);
    const said = read(text, named, found);
    if (said === undefined || !once.isNew(id) || !(await once.begin(guild, id))) return;
    const person = personOf(author, member, servers.isAdmin(guild, author.id, member.roles));
    const { place } = found;
    const reply = await core.handle({ id, place, person, ...said });
    if (!isRepeated(reply, place, person, named)) {
      await answers.show(reply, { actId: id, person, place, answerAt: place });
    }
    await once.end(guild, id);
  }

  function read(text: string, named: boolean, { place, toBot }: Found): Said | undefined {
    const words = text.trim().split(/\s+/);
    if (place.thread === undefined) return named ? { kind: "command", call: { text } } : undefined;
    if (named && commandAt(core.catalogue, words) !== undefined) return { kind: "command", call: { text } };
    return { kind: "reply", text, toBot };
  }

  /** What the text is without LogHunter's name before it, in it or after it. */
  function withoutName(content: string): { text: string; named: boolean } {
    const self = me();
    if (self === undefined) return { text: content, named: false };
    const text = content.replaceAll(new RegExp(`<@!?${self}>`, "g"), "");
    return text === content ? { text, named: false } : { text: text.trim(), named: true };
  }

  /**
   * Two people who talk under a message are not told each time that nothing can be asked there: in direct messages,
   * the only private words Discord has for this, it would be a nuisance.
   */
  function isRepeated(reply: Reply, { channel, thread }: Place, { id }: Person, named: boolean): boolean {
    if (named || reply.kind !== "message" || reply.visibility !== "caller") return false;
    const key = [channel, thread, id, reply.card.title].join(" ");
    if (told.get(key)) return true;
    told.set(key, true);
    return false;
  }

  return { take };
}

type Said =
  | Pick<Extract<Inbound, { kind: "command" }>, "kind" | "call">
  | Pick<Extract<Inbound, { kind: "reply" }>, "kind" | "text" | "toBot">;

const WRITTEN: ReadonlySet<MessageType> = new Set([MessageType.Default, MessageType.Reply]);
const MOST_TOLD = 1_000;
