import {
  type APIThreadChannel,
  ChannelType,
  RESTJSONErrorCodes,
  Routes,
  ThreadAutoArchiveDuration,
} from "discord.js";
import type { MessageRef, Place } from "../../src/chat/platform.ts";
import { createRecent } from "../../src/chat/recent.ts";
import type { Log } from "../../src/log.ts";
import { type Api, type Done, tried } from "./api.ts";
import type { Channels } from "./channels.ts";
import type { Failure } from "./errors.ts";
import { THREAD_NAME_CHARS } from "./limits.ts";
import { oneLine, plain } from "./markup.ts";
import type { Refusals } from "./refusals.ts";

export interface ThreadPlace extends Place {
  thread: string;
}

/** Where a message that belongs into a thread is sent. */
export interface Opened {
  place: Place;
  /** In the channel itself, since no thread can be opened there: the message that it answers. */
  replyTo?: string;
}

/** Threads under messages: on Discord they are channels, and one made from a message has that message's id. */
export interface Threads {
  /** The thread under a message, opened where there is none yet. */
  ensure(place: ThreadPlace, title: string, signal?: AbortSignal): Promise<Done<Opened> | Failure>;
  /** Opens the thread under a message of LogHunter's, so that people can write there. Never fails. */
  openUnder(message: MessageRef, title: string): Promise<void>;
  /** Takes a thread out of the archive. */
  wake(thread: string, signal?: AbortSignal): Promise<Done<unknown> | Failure>;
  /** It is not there after all. */
  forget(thread: string): void;
}

export interface ThreadParts {
  api: Api;
  channels: Channels;
  refusals: Refusals;
  log: Log;
}

export function createThreads({ api, channels, refusals, log }: ThreadParts): Threads {
  const open = createRecent<true>(MOST_KNOWN);

  async function openFrom({ channel, thread, workspace }: ThreadPlace, title: string, signal?: AbortSignal) {
    const made = await tried(() =>
      api.call<APIThreadChannel>("POST", Routes.threads(channel, thread), {
        body: { name: nameOf(title), auto_archive_duration: ThreadAutoArchiveDuration.OneDay },
        signal,
      }),
    );
    if (made.kind !== "done" && made.kind !== "thread exists") return made;
    open.set(thread, true);
    channels.note({ id: thread, type: ChannelType.PublicThread, guild: workspace, parent: channel });
    return { kind: "done" as const, value: thread };
  }

  /** A thread outlives the message that it was opened under. */
  async function stands(thread: string, channel: string): Promise<boolean> {
    const found = await channels.find(thread);
    return found.kind === "done" && found.value.parent === channel;
  }

  async function ensure(place: ThreadPlace, title: string, signal?: AbortSignal) {
    const { thread, workspace, channel } = place;
    if (open.get(thread)) return { kind: "done" as const, value: { place } };
    if (refusals.whyNot(workspace, marked(channel)) !== undefined) return instead(place);
    const made = await openFrom(place, title, signal);
    if (made.kind === "done") return { kind: "done" as const, value: { place } };
    if (made.kind === "refused" && made.reason === "message gone" && (await stands(thread, channel))) {
      open.set(thread, true);
      return { kind: "done" as const, value: { place } };
    }
    if (made.kind !== "refused" || made.reason === "message gone" || made.code === UNKNOWN_CHANNEL)
      return made;
    // No permission, too many threads, or no channel for them: what is said is said in the channel.
    if (isOfChannel(made)) refusals.note(workspace, marked(channel), made.why);
    log.info(
      { channel, why: made.why },
      "discord: no thread can be opened, the channel is used in its place",
    );
    return instead(place);
  }

  return {
    ensure,
    async openUnder({ place, id }, title) {
      if (place.thread !== undefined || open.get(id)) return;
      const made = await ensure({ ...place, thread: id }, title);
      if (made.kind !== "done") log.warn({ why: made.why }, "discord: a thread could not be opened");
    },
    wake: (thread, signal) =>
      tried(() => api.call("PATCH", Routes.channel(thread), { body: { archived: false }, signal })),
    forget(thread) {
      open.delete(thread);
      channels.forget(thread);
    },
  };
}

const MOST_KNOWN = 5_000;
const UNKNOWN_CHANNEL = 10003;

/** Whether no thread at all can be opened there now; otherwise it is this message that can have none. */
function isOfChannel({ reason, code }: Extract<Failure, { kind: "refused" }>): boolean {
  return reason === "not permitted" || OF_CHANNEL.has(code ?? 0);
}

/** https://discord.com/developers/docs/topics/opcodes-and-status-codes#json */
const OF_CHANNEL: ReadonlySet<number> = new Set([
  RESTJSONErrorCodes.CannotExecuteActionOnThisChannelType,
  RESTJSONErrorCodes.MaximumActiveThreads,
  RESTJSONErrorCodes.MaximumActiveAnnouncementThreads,
]);

/** That threads cannot be opened says nothing of messages. */
const marked = (channel: string) => `${channel} threads`;

function instead({ thread, ...channel }: ThreadPlace): Done<Opened> {
  return { kind: "done", value: { place: channel, replyTo: thread } };
}

function nameOf(title: string): string {
  const name = oneLine(plain(title))
    .trim()
    .slice(0, THREAD_NAME_CHARS)
    .replace(/[\ud800-\udbff]$/, "");
  return name === "" ? "LogHunter" : name;
}
