import type { MessageHistory } from "../../src/chat/history.ts";
import type { Log } from "../../src/log.ts";
import { createFeed, eventOf } from "./feed.ts";
import { createSeats } from "./seats.ts";

export interface Live {
  /** What a browser listens to: server-sent events, for as long as it wants; or why there is no room for it. */
  stream(listener: Listener): ReadableStream<Uint8Array> | { refused: string };
  /** Why a stream of this address would be refused; undefined where there is room. */
  whyFull(address: string): string | undefined;
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
  /** Where it comes from. */
  address: string;
  /** Ends the connection at once, whatever is still unsent. */
  cut(): void;
}

export interface LiveParts {
  history: MessageHistory;
  log: Log;
  now: () => number;
  /** All pages come through one proxy. */
  isProxied: boolean;
  /** How often the history is asked for edits that another process made. */
  lookMs?: number;
}

/** Less than the minute after which proxies cut a silent connection. The page gives up after 45 s of silence. */
const HEARTBEAT_MS = 15_000;
/**
 * A page that has not taken a batch for so long is asleep or does not read. Its connection is cut, since only
 * that frees what the socket still holds; the page resumes from its revision when it wakes.
 */
const SLOW_MS = 30_000;
const SWEEP_MS = 1_000;

interface Open {
  /** Since when a batch waits to be taken. */
  waitingSinceMs: number | undefined;
  end(): void;
  cut(): void;
}

export function createLive({ history, log, now, isProxied, lookMs = 400 }: LiveParts): Live {
  const feed = createFeed(history, log, now);
  const seats = createSeats(isProxied);
  const streams = new Set<Open>();
  let sweeping: NodeJS.Timeout | undefined;
  let nextLook: { comes: Promise<void>; come: () => void } | undefined;

  /** Waits for the next look at the history, or less when something was changed here. All look together. */
  function pause(): Promise<void> {
    nextLook ??= lookIn(lookMs, () => {
      nextLook = undefined;
    });
    return nextLook.comes;
  }

  function sweep(): void {
    for (const stream of [...streams]) {
      const { waitingSinceMs } = stream;
      if (waitingSinceMs !== undefined && now() - waitingSinceMs >= SLOW_MS) {
        stream.cut();
        stream.end();
      }
    }
  }

  function opened(stream: Open): void {
    streams.add(stream);
    sweeping ??= setInterval(sweep, SWEEP_MS).unref();
  }

  function closed(stream: Open): void {
    streams.delete(stream);
    if (streams.size > 0) return;
    clearInterval(sweeping);
    sweeping = undefined;
  }

  function streamTo({ channel, zone, after, cut }: Listener, leave: () => void): ReadableStream<Uint8Array> {
    let cursor = after;
    let silentSinceMs = now();
    let ended = false;
    const stream: Open = { waitingSinceMs: undefined, end: () => {}, cut };

    async function nextEvent(): Promise<Uint8Array | undefined> {
      while (!ended) {
        const batch = cursor === undefined ? await feed.first(channel) : await feed.after(channel, cursor);
        if (batch !== undefined) {
          cursor = batch.upTo;
          return batch.eventIn(zone);
        }
        if (now() - silentSinceMs >= HEARTBEAT_MS) return eventOf("pulse", { nowMs: now() });
        await pause();
      }
      return undefined;
    }

    // Pulled, never pushed: a page that reads slowly costs a socket and what it holds, one batch.
    return new ReadableStream<Uint8Array>(
      {
        start(controller) {
          stream.end = () => {
            if (ended) return;
            ended = true;
            closed(stream);
            leave();
            try {
              controller.close();
            } catch {
              // Cancelled by the reader already.
            }
          };
          opened(stream);
        },
        async pull(controller) {
          stream.waitingSinceMs = undefined;
          try {
            const next = await nextEvent();
            if (ended || next === undefined) return stream.end();
            silentSinceMs = now();
            stream.waitingSinceMs = silentSinceMs;
            controller.enqueue(next);
          } catch {
            // The feed has logged it, once for all.
            stream.end();
          }
        },
        cancel: () => stream.end(),
      },
      { highWaterMark: 0 },
    );
  }

  return {
    stream(listener) {
      const leave = seats.take(listener.address);
      return typeof leave === "string" ? { refused: leave } : streamTo(listener, leave);
    },
    whyFull: seats.whyFull,
    poke: () => nextLook?.come(),
    stop() {
      for (const stream of [...streams]) stream.end();
      nextLook?.come();
    },
  };
}

function lookIn(ms: number, then: () => void): { comes: Promise<void>; come: () => void } {
  let come = () => {};
  const comes = new Promise<void>((resolve) => {
    const timer = setTimeout(() => come(), ms);
    come = () => {
      clearTimeout(timer);
      then();
      resolve();
    };
  });
  return { comes, come };
}
