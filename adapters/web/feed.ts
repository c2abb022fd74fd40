import type { MessageHistory } from "../../src/chat/history.ts";
import { UserError } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import { type ChannelPage, readPage, sendablePage, threadSizes } from "./channelPage.ts";
import { mayRead } from "./message.ts";

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
    reading.catch((err: unknown) => {
      if (!(err instanceof UserError))
        log.warn({ err }, "web: the history could not be read, pages were sent away to come back");
    });
    return reading;
  }

  return {
    first: (channel) =>
      shared(`first ${channel}`, async () => {
        // Asked for first: what changes while the rest is read comes again then, rather than never.
        const upTo = await history.revision(channel);
        return batchOf(await readPage(history, { channel }), upTo, { first: true, nowMs: now() });
      }),
    after: (channel, revision) =>
      shared(`${revision} ${channel}`, async () => {
        const changed = await history.changedSince(channel, revision, BATCH);
        if (changed.length === 0) return undefined;
        const upTo = Math.max(revision, ...changed.map((message) => message.revision));
        const kept = changed.filter(mayRead);
        return batchOf({ kept, threads: await threadSizes(history, kept) }, upTo, { nowMs: now() });
      }),
  };
}

function batchOf(page: ChannelPage, upTo: number, said: { first?: true; nowMs: number }): Batch {
  const events = new Map<string | undefined, Uint8Array>();
  return {
    upTo,
    eventIn(zone) {
      let bytes = events.get(zone);
      if (bytes === undefined) {
        bytes = eventOf("messages", { ...said, ...sendablePage(page, zone) }, upTo);
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
