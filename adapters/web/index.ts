import type { AddressInfo } from "node:net";
import { isDeepStrictEqual } from "node:util";
import type { DrawChart } from "../../src/charts/chart.ts";
import type { Card } from "../../src/chat/card.ts";
import type { KeptMessage, MessageHistory } from "../../src/chat/history.ts";
import type {
  ChatCore,
  ChatPlatform,
  Delivery,
  MessageRef,
  Place,
  Sending,
} from "../../src/chat/platform.ts";
import { UserError } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import type { Acts } from "./acts.ts";
import { createActs } from "./inbound.ts";
import { LIMITS } from "./limits.ts";
import { createLive } from "./live.ts";
import { YOU, YOUR_NAME } from "./message.ts";
import { pause } from "./pause.ts";
import { createPictures } from "./pictures.ts";
import { createServer, type ServerLimits } from "./server.ts";
import { createWaiting } from "./waiting.ts";

export interface WebConsoleOptions {
  history: MessageHistory;
  draw: DrawChart;
  log: Log;
  host: string;
  /** 0: any free one. */
  port: number;
  /** The key in the printed address. Whoever has it is an admin. */
  token: string;
  workspace: string;
  channels: string[];
  now: () => number;
  /** A further address of this console, such as that of a reverse proxy before it. */
  publicUrl?: string;
  /** What clients may hold of its server; its own where they are left out. */
  serverLimits?: ServerLimits;
}

/** A chat platform of one's own in a browser: the same cards and commands as on Slack and Discord. */
export function createWebConsole(options: WebConsoleOptions): ChatPlatform & {
  /** The address to open, with the token; known once it has started. */
  readonly url: string;
} {
  const { history, log, now, workspace, channels } = options;
  const live = createLive({ history, log, now, isProxied: options.publicUrl !== undefined });
  let running: { close: () => Promise<void>; acts: Acts; port: number; stop: () => void } | undefined;

  /** The kept message where it can be reached from here. */
  async function find(place: Place, id: string): Promise<KeptMessage | undefined> {
    if (place.workspace !== workspace) return undefined;
    const kept = await history.get(id);
    return kept?.channel === place.channel ? kept : undefined;
  }

  async function keep(
    place: Place,
    card: Card,
    { deliveryId, signal }: Sending,
    onlyFor?: string,
  ): Promise<Delivery> {
    if (place.workspace !== workspace || !channels.includes(place.channel)) {
      return { outcome: "refused", reason: "channel gone", why: NO_CHANNEL };
    }
    if (signal?.aborted)
      return { outcome: "later", afterMs: EDIT_AGAIN_MS, why: "nobody waits for it any longer" };
    try {
      if (place.thread !== undefined && (await find(place, place.thread)) === undefined) {
        return { outcome: "refused", reason: "message gone", why: "the message of this thread is gone" };
      }
      const kept = await history.append({
        channel: place.channel,
        ...(place.thread !== undefined && { thread: place.thread }),
        author: { kind: "bot" },
        body: { card },
        ...(onlyFor !== undefined && { onlyFor }),
        onceId: deliveryId,
      });
      // Kept by an earlier attempt, it may show an earlier state.
      if ("card" in kept.body && !isDeepStrictEqual(kept.body.card, card)) await history.edit(kept.id, card);
      live.poke();
      return { outcome: "sent", message: { place, id: kept.id } };
    } catch (err) {
      log.warn({ err }, "web: a message may not have been kept");
      return { outcome: "unknown", why: "the history did not say whether it kept the message" };
    }
  }

  return {
    name: NAME,
    limits: LIMITS,

    get url() {
      if (running === undefined) throw new Error("the web console has no address before it has started");
      return addressOf(options, running.port);
    },

    async start(core: ChatCore) {
      const waiting = createWaiting();
      const stopping = new AbortController();
      const acts = createActs({
        ...{ core, history, log, workspace, platform: NAME, changed: live.poke },
        ...{ waiting, stopping: stopping.signal },
      });
      const rules = { ...options, publicUrl: options.publicUrl };
      const pictures = createPictures(options.draw);
      const server = await createServer(
        rules,
        { core, acts, waiting, history, live, pictures, platform: NAME, workspace, channels },
        log,
        options.serverLimits,
      );
      const port = await new Promise<number>((resolve, reject) => {
        server.on("error", (err) => {
          if (server.listening) log.error({ err }, "web: the server reports an error");
          else reject(explain(err, options));
        });
        server.listen(options.port, options.host, () => {
          rules.port = (server.address() as AddressInfo).port;
          resolve(rules.port);
        });
      });
      const close = () =>
        new Promise<void>((resolve) => {
          server.close(() => resolve());
          server.closeAllConnections();
        });
      running = { close, acts, port, stop: () => stopping.abort() };
    },

    async stop() {
      if (running === undefined) return;
      const { close, acts, stop } = running;
      running = undefined;
      live.stop();
      // What is still worked on then is repeated by its page, with the same id, once this runs again.
      await Promise.race([acts.settled(), pause(STOP_WAIT_MS)]);
      stop();
      await close();
      // What was told to end has this long to say so.
      await Promise.race([acts.settled(), pause(ENDED_MS)]);
    },

    post: (place, card, sending) => keep(place, card, sending),

    async tell(from, personId, card, sending) {
      const [channel] = channels;
      if (channel === undefined || personId !== YOU)
        return { outcome: "refused", reason: "not permitted", why: "the web console has no such person" };
      return keep({ platform: NAME, workspace: from, channel }, card, sending, YOU);
    },

    async edit(message: MessageRef, card: Card): Promise<Delivery> {
      try {
        const known = await find(message.place, message.id);
        if (known === undefined || (await history.edit(message.id, card)) === undefined) {
          return { outcome: "refused", reason: "message gone", why: "the message is gone" };
        }
        live.poke();
        return { outcome: "sent", message };
      } catch (err) {
        log.warn({ err }, "web: a message could not be edited");
        return { outcome: "later", afterMs: EDIT_AGAIN_MS, why: "the history could not be reached" };
      }
    },

    // Its address holds the token, which stands in no message.
    addressOf: async () => undefined,

    whoIs: async (_, personId) => (personId === YOU ? { name: YOUR_NAME } : "nobody"),

    isConnected: () => undefined,

    health: async () => ({
      ok: true,
      summary: "The web console, for whoever has its address.",
      warnings: [],
    }),

    reach: async ({ workspace: asked, channel }) =>
      asked === workspace && channels.includes(channel)
        ? { outcome: "open" }
        : { outcome: "refused", reason: "channel gone", why: NO_CHANNEL },
  };
}

const NAME = "web";
const NO_CHANNEL = "the web console has no such channel";
const EDIT_AGAIN_MS = 2_000;
const STOP_WAIT_MS = 2_000;
const ENDED_MS = 500;

function addressOf({ host, publicUrl, token }: WebConsoleOptions, port: number): string {
  const everywhere = host === "0.0.0.0" || host === "::";
  const name = everywhere ? "localhost" : host.includes(":") ? `[${host}]` : host;
  const address = new URL(publicUrl ?? `http://${name}:${port}/`);
  address.searchParams.set("token", token);
  return address.href;
}

function explain(err: NodeJS.ErrnoException, { host, port }: WebConsoleOptions): Error {
  switch (err.code) {
    case "EADDRINUSE":
      return new UserError(
        `Port ${port} is already in use, perhaps by another LogHunter. Stop that program, or set WEB_PORT to another port.`,
      );
    case "EACCES":
      return new UserError(`Port ${port} may not be opened by this user. Set WEB_PORT to one above 1023.`);
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return new UserError(
        `This machine has no address "${host}". Set WEB_HOST to one it has, such as 127.0.0.1.`,
      );
    default:
      return new Error("the web console could not listen", { cause: err });
  }
}
