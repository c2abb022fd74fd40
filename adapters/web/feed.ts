import type { KeptMessage, MessageHistory } from "../../src/chat/history.ts";
import type { Log } from "../../src/log.ts";
import { mayRead, sendable } from "./message.ts";

/** Messages on their way to the pages of a channel. Pages that stand at the same revision share one. */
export interface Batch {
  /** The revision a page has after it. */
  upTo: number;
  /** The event as it goes over the wire, rendered once for all readers of a zone. */
  eventIn(zone: string | undefined): Uint8Array;
}

export interface Feed {
  /** What a page begins with. */
  first(channel: string): Promise<Batch>;
  /** What changed after the revision; undefined where nothing did. */
  after(channel: string, revision: number): Promise<Batch | undefined>;
}

/** How many messages a page begins with. */
export const FIRST_MESSAGES = 200;
const BATCH = 200;

/** Reads the history once for all pages that ask the same at the same time, as all do when a message comes. */
export function createFeed(history: MessageHistory, log: Log, now: () => number): Feed {
  const underWay = new Map<string, Promise<Batch | undefined>>();

  function shared<T extends Batch | undefined>(key: string, read: () => Promise<T>): Promise<T> {
    const known = underWay.get(key);
    // A key is always of the same kind of read.
    if (known !== undefined) return known as Promise<T>;
    const reading = read().finally(() => underWay.delete(key));
    underWay.set(key, reading);
    reading.catch((err: unknown) =>
      log.warn({ err }, "web: the history could not be read, pages were sent away to come back"),
    );
    return reading;
  }

  return {
    first: (channel) =>
      shared(`first ${channel}`, async () => {
        const { kept, revision } = await firstMessages(history, channel);
        return batchOf(kept, revision, { first: true, nowMs: now() });
      }),
    after: (channel, revision) =>
      shared(`${revision} ${channel}`, async () => {
        const changed = await history.changedSince(channel, revision, BATCH);
        if (changed.length === 0) return undefined;
        const upTo = Math.max(revision, ...changed.map((message) => message.revision));
        return batchOf(changed, upTo, { nowMs: now() });
      }),
  };
}

/** The newest messages, and the roots of their threads even where those are older. */
async function firstMessages(
  history: MessageHistory,
  channel: string,
): Promise<{ kept: KeptMessage[]; revision: number }> {
  const latest = await history.latest(channel, FIRST_MESSAGES);
  const revision = Math.max(0, ...latest.map((message) => message.revision));
  const have = new Set(latest.map((message) => message.id));
  const missing = new Set(
    latest.flatMap(({ thread }) => (thread === undefined || have.has(thread) ? [] : [thread])),
  );
  const roots = await Promise.all([...missing].map((id) => history.get(id)));
  return { kept: [...roots.filter((root) => root !== undefined), ...latest], revision };
}

function batchOf(kept: readonly KeptMessage[], upTo: number, said: { first?: true; nowMs: number }): Batch {
  const readable = kept.filter(mayRead);
  const events = new Map<string | undefined, Uint8Array>();
  return {
    upTo,
    eventIn(zone) {
      let bytes = events.get(zone);
      if (bytes === undefined) {
        const messages = readable.map((message) => sendable(message, zone));
        bytes = eventOf("messages", { ...said, messages }, upTo);
        events.set(zone, bytes);
      }
      return bytes;
    },
  };
}

const encoder = new TextEncoder();

export function eventOf(name: string, data: unknown, id?: number): Uint8Array {
  const idLine = id === undefined ? "" : `id: ${id}\n`;
  return encoder.encode(`event: ${name}\n${idLine}data: ${JSON.stringify(data)}\n\n`);
}
