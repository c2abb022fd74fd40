import type { KeptMessage, MessageHistory, MessageList } from "../../src/chat/history.ts";
import { type SentMessage, sendable, YOU } from "./message.ts";

/** How many messages of one list a page gets at once. */
export const PAGE_MESSAGES = 200;
/**
 * How many replies come with the message they answer: enough to see what came of it. Who opens the thread
 * gets the rest.
 */
const NEWEST_REPLIES = 5;

/** Some messages of a channel, and what a page cannot know of their threads by itself. */
export interface ChannelPage {
  kept: KeptMessage[];
  /** By the message answered: all its replies, however many of them are here. */
  threads: Record<string, ThreadSize>;
  /** The oldest message of the list that is here; absent where nothing was said before it. */
  earlier?: string;
}

interface ThreadSize {
  replies: number;
  lastAtMs: number;
}

/** The newest of a list, or the newest before one of its messages. Replies are counted in their own thread only. */
export async function readPage(
  history: MessageHistory,
  list: MessageList,
  { before, limit = PAGE_MESSAGES }: { before?: string | undefined; limit?: number } = {},
): Promise<ChannelPage> {
  const asked = { limit: limit + 1, reader: YOU, ...(before !== undefined && { before }) };
  const found = await history.latest(list, asked);
  const kept = found.slice(-limit);
  const [oldest] = kept;
  const earlier = found.length > limit && oldest !== undefined ? { earlier: oldest.id } : {};
  if (list.thread !== undefined) return { kept, threads: {}, ...earlier };
  const roots = kept.map(({ id }) => id);
  const threads = await history.threads(roots, { limit: NEWEST_REPLIES, reader: YOU });
  const replies = [...threads.values()].flatMap(({ newest }) => newest);
  replies.sort((a, b) => a.createdAtMs - b.createdAtMs);
  return { kept: [...kept, ...replies], threads: sizes(threads), ...earlier };
}

/** The sizes of the threads in which something changed. */
export async function threadSizes(
  history: MessageHistory,
  changed: readonly KeptMessage[],
): Promise<Record<string, ThreadSize>> {
  const roots = new Set(changed.flatMap(({ thread }) => (thread === undefined ? [] : [thread])));
  return roots.size === 0 ? {} : sizes(await history.threads([...roots], { limit: 0, reader: YOU }));
}

function sizes(threads: ReadonlyMap<string, ThreadSize>): Record<string, ThreadSize> {
  return Object.fromEntries(
    [...threads].map(([root, { replies, lastAtMs }]) => [root, { replies, lastAtMs }]),
  );
}

/** As it goes over the wire. */
export function sendablePage(
  { kept, ...rest }: ChannelPage,
  zone: string | undefined,
): Omit<ChannelPage, "kept"> & { messages: SentMessage[] } {
  return { ...rest, messages: kept.map((message) => sendable(message, zone)) };
}
