import { type GatewayMessageCreateDispatchData, MessageType } from "discord.js";
import { commandAt } from "../../src/chat/command.ts";
import type { ChatCore, Inbound, Person, Place, Reply } from "../../src/chat/platform.ts";
import { createRecent } from "../../src/chat/recent.ts";
import { personOf } from "./acting.ts";
import type { InboundParts } from "./inbound.ts";
import { note } from "./notes.ts";
import { under } from "./origin.ts";
import type { Found } from "./places.ts";

/** What people write. */
export interface Messages {
  take(message: GatewayMessageCreateDispatchData): Promise<void>;
}

/**
 * In a thread everything is for LogHunter's ears, in a channel what names it or is a reply to a message of its. Without the privileged
 * intent messages arrive without their text, unless they name it
 * (https://discord.com/developers/docs/events/gateway#message-content-intent).
 */
export function createMessages(parts: InboundParts & { core: ChatCore }): Messages {
  const { core, answers, once, places, channels, servers, me } = parts;
  const told = createRecent<true>(MOST_TOLD);

  async function take(message: GatewayMessageCreateDispatchData): Promise<void> {
    const { id, guild_id: guild, author, member, channel_id: channelId, content } = message;
    const isPersons = !author.bot && message.webhook_id === undefined && WRITTEN.has(message.type);
    if (guild === undefined || member === undefined || !isPersons) return;
    const role = servers.ownRole(guild);
    const { text, named } = withoutName(content, role);
    // Of its role Discord lets somebody choose too, and keeps the text of that to itself.
    const isRoleOnly = content === "" && role !== undefined && message.mention_roles.includes(role);
    const isNameOnly = named && text.trim() === "";
    if (text.trim() === "" && !isRoleOnly && !named) return;
    const root = repliedTo(message);
    const channel = await channels.find(channelId);
    if (channel.kind !== "done") return;
    // Much is said in channels that is not for LogHunter.
    if (!named && !isRoleOnly && root === undefined && channel.value.parent === undefined) return;
    const at = await places.of(guild, channel.value);
    const found = root === undefined ? at : { place: under(at.place, root), toBot: at.toBot };
    if (isRoleOnly) return await sayHow("role named", message, at.place);
    if (isNameOnly) return await sayHow("named alone", message, at.place);
    const said = read(text, named, found);
    if (said === undefined || !once.isNew(id) || !(await once.begin(guild, id))) return;
    const person = personOf(author, member, servers.isAdmin(guild, author.id, member.roles));
    const { place } = found;
    const reply = await core.handle({ id, place, person, ...said });
    if (!isRepeated(reply, place, person, named)) {
      await answers.show(shownTo(reply, said), { actId: id, person, place, answerAt: place });
    }
    await once.end(guild, id);
  }

  function read(text: string, named: boolean, { place, toBot }: Found): Said | undefined {
    const words = text.trim().split(/\s+/);
    if (place.thread === undefined) return named ? { kind: "command", call: { text } } : undefined;
    if (named && commandAt(core.catalogue, words) !== undefined) return { kind: "command", call: { text } };
    const addresses = named ? "bot" : NAMES_SOMEBODY.test(text) ? "others" : undefined;
    return { kind: "reply", text, toBot, ...(addresses !== undefined && { addresses }) };
  }

  /** The message of LogHunter's that this is a reply to: a question about it belongs into its thread. */
  function repliedTo({ type, referenced_message: to }: GatewayMessageCreateDispatchData): string | undefined {
    return type === MessageType.Reply && to?.author.id === me() ? to?.id : undefined;
  }

  /** That there is no such command is no secret: whoever was there when it was asked sees that it was answered. */
  function shownTo(reply: Reply, said: Said): Reply {
    const isUnknown =
      said.kind === "command" &&
      "text" in said.call &&
      commandAt(core.catalogue, said.call.text.trim().split(/\s+/)) === undefined;
    return isUnknown && reply.kind === "message" ? { ...reply, visibility: "channel" } : reply;
  }

  async function sayHow(
    how: "role named" | "named alone",
    { id, author }: GatewayMessageCreateDispatchData,
    place: Place,
  ): Promise<void> {
    const { workspace } = place;
    const isTwice = how === "role named" && isTold(place, author.id, how);
    if (isTwice || !once.isNew(id) || !(await once.begin(workspace, id))) return;
    const person = { id: author.id, name: author.username, platformAdmin: false };
    const reply: Reply = { kind: "message", visibility: "channel", card: note(how) };
    await answers.show(reply, { actId: id, person, place, answerAt: place });
    await once.end(workspace, id);
  }

  /** What the text is without LogHunter's name, or that of its role, before it, in it or after it. */
  function withoutName(content: string, role: string | undefined): { text: string; named: boolean } {
    const self = me();
    if (self === undefined) return { text: content, named: false };
    const text = content.replaceAll(new RegExp(`<@(?:!?${self}|&${role ?? self})>`, "g"), "");
    return text === content ? { text, named: false } : { text: text.trim(), named: true };
  }

  /**
   * Two people who talk under a message are not told each time that nothing can be asked there: in direct messages,
   * the only private words Discord has for this, it would be a nuisance.
   */
  function isRepeated(reply: Reply, place: Place, { id }: Person, named: boolean): boolean {
    if (named || reply.kind !== "message" || reply.visibility !== "caller") return false;
    return isTold(place, id, reply.card.title);
  }

  function isTold({ channel, thread }: Place, person: string, what: string): boolean {
    const key = [channel, thread, person, what].join(" ");
    if (told.get(key)) return true;
    told.set(key, true);
    return false;
  }

  return { take };
}

type Said =
  | Pick<Extract<Inbound, { kind: "command" }>, "kind" | "call">
  | Pick<Extract<Inbound, { kind: "reply" }>, "kind" | "text" | "toBot" | "addresses">;

const NAMES_SOMEBODY = /<@[!&]?\d+>/;
const WRITTEN: ReadonlySet<MessageType> = new Set([MessageType.Default, MessageType.Reply]);
const MOST_TOLD = 1_000;
