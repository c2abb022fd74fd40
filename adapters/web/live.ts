import type { KeptMessage, MessageHistory } from "../../src/chat/history.ts";
import type { Log } from "../../src/log.ts";
import { mayRead, type SentMessage, sendable } from "./message.ts";

export interface Live {
  /** What a browser listens to: server-sent events, for as long as it wants. */
  stream(listener: Listener): ReadableStream<Uint8Array>;
  /** Something was just changed here: listeners need not wait for their next look. */
  poke(): void;
  /** Ends all streams. The pages come back by themselves. */
  stop(): void;
}

export interface Listener {
  channel: string;
  zone: string | undefined;
  /** The revision the page has; absent: it has nothing yet. */
  after: number | undefined;
}

export interface LiveParts {
  history: MessageHistory;
  log: Log;
  now: () => number;
  /** How often the history is asked for edits that another process made. */
  lookMs?: number;
}

/** How many messages a page begins with. */
export const FIRST_MESSAGES = 200;
const BATCH = 200;
/** Less than the minute after which proxies cut a silent connection. The page gives up after 45 s of silence. */
const HEARTBEAT_MS = 15_000;
/** A page that has not taken a batch for so long is asleep; it resumes from its revision when it wakes. */
const SLOW_MS = 30_000;

export function createLive({ history, log, now, lookMs = 400 }: LiveParts): Live {
  const wakers = new Set<() => void>();
  const enders = new Set<() => void>();

  /** Waits for the next look at the history, or less when something was changed here. */
  function pause(): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        wakers.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, lookMs);
      wakers.add(wake);
    });
  }

  return {
    stream(listener) {
      let cursor = listener.after;
      let silentSinceMs = now();
      let ended = false;
      let slow: NodeJS.Timeout | undefined;
      let end = () => {};

      async function nextEvent(): Promise<string | undefined> {
        if (cursor === undefined) {
          const first = await firstMessages(history, listener.channel);
          cursor = first.revision;
          return event(
            "messages",
            { first: true, nowMs: now(), messages: rendered(first.kept, listener) },
            cursor,
          );
        }
        while (!ended) {
          const changed = await history.changedSince(listener.channel, cursor, BATCH);
          if (changed.length > 0) {
            cursor = Math.max(cursor, ...changed.map((message) => message.revision));
            return event("messages", { nowMs: now(), messages: rendered(changed, listener) }, cursor);
          }
          if (now() - silentSinceMs >= HEARTBEAT_MS) return event("pulse", { nowMs: now() });
          await pause();
        }
        return undefined;
      }

      // Pulled, never pushed: a page that reads slowly costs a socket, and no memory grows behind it.
      return new ReadableStream<Uint8Array>({
        start(controller) {
          end = () => {
            if (ended) return;
            ended = true;
            clearTimeout(slow);
            enders.delete(end);
            try {
              controller.close();
            } catch {
              // Cancelled by the reader already.
            }
          };
          enders.add(end);
        },
        async pull(controller) {
          clearTimeout(slow);
          try {
            const next = await nextEvent();
            if (ended || next === undefined) return end();
            silentSinceMs = now();
            controller.enqueue(encoder.encode(next));
            slow = setTimeout(end, SLOW_MS);
            slow.unref();
          } catch (err) {
            log.warn({ err }, "web: the history could not be read, a page was sent away to come back");
            end();
          }
        },
        cancel: () => end(),
      });
    },
    poke() {
      for (const wake of [...wakers]) wake();
    },
    stop() {
      for (const end of [...enders]) end();
      for (const wake of [...wakers]) wake();
    },
  };
}

const encoder = new TextEncoder();

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

function rendered(messages: readonly KeptMessage[], { zone }: Listener): SentMessage[] {
  return messages.filter(mayRead).map((message) => sendable(message, zone));
}

function event(name: string, data: unknown, id?: number): string {
  const idLine = id === undefined ? "" : `id: ${id}\n`;
  return `event: ${name}\n${idLine}data: ${JSON.stringify(data)}\n\n`;
}
