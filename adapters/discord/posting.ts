import { type APIMessage, MessageReferenceType, Routes } from "discord.js";
import type { MessageRef, Place } from "../../src/chat/platform.ts";
import { type Api, type Done, tried } from "./api.ts";
import type { Channels } from "./channels.ts";
import { type Failure, NOT_IN_SERVER } from "./errors.ts";
import { type DiscordMessage, withoutFiles } from "./message.ts";
import type { Refusals } from "./refusals.ts";
import { ATTACHING, type Servers } from "./servers.ts";
import type { Standing } from "./standing.ts";
import type { ThreadPlace, Threads } from "./threads.ts";

/** Messages sent and edited with the bot's own token. */
export interface Posting {
  post(place: Place, message: DiscordMessage, how: HowToPost): Promise<Done<MessageRef> | Failure>;
  edit(ref: MessageRef, message: DiscordMessage, signal?: AbortSignal): Promise<Done<MessageRef> | Failure>;
}

export interface HowToPost {
  /** Names a thread that has to be opened. */
  title: string;
  nonce: string;
  maybeSent?: boolean;
  /** The act that it answers. */
  actId?: string | undefined;
  /** In the channel: the message it answers. */
  replyTo?: string;
  signal?: AbortSignal | undefined;
}

export interface PostingParts {
  api: Api;
  channels: Channels;
  threads: Threads;
  refusals: Refusals;
  servers: Servers;
  standing: Standing;
  /** LogHunter's own id; undefined before it has connected. */
  me: () => string | undefined;
}

export function createPosting(parts: PostingParts): Posting {
  const { api, channels, threads, refusals, servers, standing, me } = parts;

  /** A channel of another server is as good as none: the server decides whose logs are shown. */
  async function check({ channel, thread, workspace }: Place): Promise<Failure | undefined> {
    if (servers.isOutside(workspace)) return NOT_IN_SERVER;
    const why =
      refusals.whyNot(workspace, channel) ??
      (thread === undefined ? undefined : refusals.whyNot(workspace, thread));
    if (why !== undefined) return { kind: "refused", reason: "not permitted", why, code: undefined };
    const found = await channels.find(channel);
    if (found.kind !== "done") return forbidden(found, { workspace, channel });
    const { guild } = found.value;
    if (guild === undefined || guild === workspace) return undefined;
    return {
      kind: "refused",
      reason: "channel gone",
      why: "this server has no such channel",
      code: undefined,
    };
  }

  /** What Discord refuses for want of a permission is not asked for again at once, and the permission is named. */
  function forbidden(
    failure: Failure,
    { workspace, channel, thread }: Pick<Place, "workspace" | "channel" | "thread">,
  ): Failure {
    if (failure.kind !== "refused" || failure.reason !== "not permitted") return failure;
    // In its threads a channel's permissions hold.
    const lacking = NAMEABLE.has(failure.code ?? 0) ? (servers.lacks(workspace, channel) ?? []) : [];
    const why = lacking.length === 0 ? failure.why : `LogHunter lacks ${lacking.join(", ")} in this channel`;
    refusals.note(workspace, thread ?? channel, why);
    return { ...failure, why };
  }

  /** An alert without its chart is better than none. */
  function attachable({ workspace, channel }: Place, message: DiscordMessage): DiscordMessage {
    if (message.files.length === 0) return message;
    return servers.lacks(workspace, channel)?.includes(ATTACHING) ? withoutFiles(message) : message;
  }

  async function send(place: Place, message: DiscordMessage, how: HowToPost) {
    const target = place.thread ?? place.channel;
    const { nonce, replyTo, signal } = how;
    const reference = {
      message_reference: {
        type: MessageReferenceType.Default,
        message_id: replyTo,
        fail_if_not_exists: false,
      },
    };
    const body = { ...message.body, nonce, enforce_nonce: true, ...(replyTo !== undefined && reference) };
    const ask = { body, files: message.files, signal };
    const sent = await woken(place.thread, signal, () =>
      tried(() => api.call<APIMessage>("POST", Routes.channelMessages(target), ask)),
    );
    if (sent.kind !== "done") return forbidden(sent, place);
    standing.note(sent.value.id, nonce);
    return { kind: "done" as const, value: { place, id: sent.value.id } };
  }

  /** A thread that sleeps is woken, once. */
  async function woken<T>(
    thread: string | undefined,
    signal: AbortSignal | undefined,
    attempt: () => Promise<Done<T> | Failure>,
  ): Promise<Done<T> | Failure> {
    const first = await attempt();
    if (first.kind !== "archived" || thread === undefined) return first;
    const wakes = await threads.wake(thread, signal);
    return wakes.kind === "done" ? await attempt() : first;
  }

  async function postUnder(place: ThreadPlace, message: DiscordMessage, how: HowToPost) {
    const opened = await threads.ensure(place, how.title, how.signal);
    if (opened.kind !== "done") return opened;
    const { place: at, replyTo } = opened.value;
    return await postAt(at, message, replyTo === undefined ? how : { ...how, replyTo });
  }

  async function postAt(place: Place, message: DiscordMessage, how: HowToPost) {
    const { maybeSent, nonce, actId, signal } = how;
    const self = me();
    if (maybeSent && self !== undefined) {
      const channel = place.thread ?? place.channel;
      const found = await standing.find({ channel, message, nonce, interaction: actId, me: self, signal });
      if (found.kind === "done" && found.value !== undefined) {
        return await edit({ place, id: found.value }, message, signal);
      }
      // Where it may not look it sends again, with the nonce that Discord knows it by. Where it cannot look, later.
      if (found.kind !== "done" && found.kind !== "refused") return found;
    }
    return await send(place, message, how);
  }

  async function edit(
    ref: MessageRef,
    whole: DiscordMessage,
    signal?: AbortSignal,
  ): Promise<Done<MessageRef> | Failure> {
    const { place, id } = ref;
    const wrong = await check(place);
    if (wrong !== undefined) return wrong;
    const message = attachable(place, whole);
    const target = place.thread ?? place.channel;
    const edited = await woken(place.thread, signal, () =>
      tried(() =>
        api.call("PATCH", Routes.channelMessage(target, id), {
          body: message.body,
          files: message.files,
          signal,
        }),
      ),
    );
    if (edited.kind !== "done") return forbidden(edited, place);
    return { kind: "done", value: ref };
  }

  return {
    async post(place, whole, how) {
      const wrong = await check(place);
      if (wrong !== undefined) return wrong;
      const message = attachable(place, whole);
      const { thread } = place;
      if (thread === undefined) return await postAt(place, message, how);
      const under = { ...place, thread };
      const sent = await postUnder(under, message, how);
      if (sent.kind !== "refused" || sent.reason !== "channel gone") return sent;
      // The thread was known and is gone: one more is opened, if the message still stands.
      threads.forget(thread);
      return await postUnder(under, message, how);
    },

    edit,
  };
}

/** Missing Access and Missing Permissions: what is missing may be known. */
const NAMEABLE: ReadonlySet<number> = new Set([50001, 50013]);
