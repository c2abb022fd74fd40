import type { RequestListener } from "node:http";
import { createOnce } from "../../src/chat/once.ts";
import type { ChatCore, ChatPlatform, Delivery, Place } from "../../src/chat/platform.ts";
import type { Account } from "./accounts.ts";
import { slackAddresses } from "./addresses.ts";
import { createAnswers } from "./answers.ts";
import { clientOptions, createCalls } from "./calls.ts";
import { deliveryOf } from "./errors.ts";
import { createForms } from "./formActs.ts";
import { readHealth } from "./health.ts";
import { createHome } from "./home.ts";
import { createHttpConnection } from "./httpConnection.ts";
import { hear } from "./inbound.ts";
import { createLastWays } from "./lastWays.ts";
import { LIMITS } from "./limits.ts";
import type { OwnWorkspace, SlackOptions } from "./options.ts";
import { pause as pauseByTimer, within } from "./pause.ts";
import { createPeople } from "./people.ts";
import { createPictures } from "./pictures.ts";
import { createPosting } from "./posting.ts";
import { reachOf } from "./reach.ts";
import { createReception, PLATFORM } from "./reception.ts";
import { sdkLog } from "./sdkLog.ts";
import { createSharing } from "./sharing.ts";
import { createSocketConnection } from "./socketConnection.ts";
import { whoIs } from "./whoIs.ts";

export type { HttpConnection, OwnWorkspace, SlackOptions, SocketConnection } from "./options.ts";

export interface Slack extends ChatPlatform {
  /** The workspace of the bot token; known once started; undefined where many workspaces install it. */
  readonly ownWorkspace: OwnWorkspace | undefined;
  /** Serves every request whose path begins with /slack/, on a server of somebody else's; undefined in Socket Mode. */
  readonly listener: RequestListener | undefined;
  /**
   * In place of a start: finds its workspace, and receives nothing. Of several that receive, each event goes to one, so that
   * whoever only looks would take them away from whoever works.
   */
  look(): Promise<void>;
}

/** LogHunter on Slack, through Slack's own SDK. @throws UserError where a setting cannot be right. */
export function createSlack(options: SlackOptions): Slack {
  const { log, now, acts, draw, pause = pauseByTimer } = options;
  const sdk = clientOptions(options, sdkLog(log));
  const isSlacks = slackAddresses(options.apiUrl);
  const calls = createCalls(sdk, isSlacks, now);
  let reachAgain: ChatCore["reachAgain"] | undefined;
  /** Nobody waits for it. */
  const onConnected = (workspace: string): void => {
    if (reachAgain !== undefined) void once.inHand(reachAgain({ platform: PLATFORM, workspace }));
  };
  const connection =
    options.connection.mode === "socket"
      ? createSocketConnection({
          ...{ options: options.connection, calls, clientOptions: sdk, log, pause },
          onConnected,
        })
      : createHttpConnection({
          ...{ options: options.connection, calls, clientOptions: sdk, log, now },
          onConnected,
        });
  const { accounts } = connection;
  const pictures = createPictures(calls, draw, log);
  const { resendsUnsure = true } = options;
  const sharing = createSharing(calls, log);
  const posting = createPosting({ calls, pictures, sharing, pause, log, resendsUnsure });
  const lastWays = createLastWays();
  const ending = new AbortController();
  const once = createOnce({ platform: PLATFORM, acts, log });

  /** Runs it for the workspace's account; says why not where there is none. */
  async function asAccount(
    workspace: string,
    send: (account: Account) => Promise<Delivery>,
  ): Promise<Delivery> {
    let account: Account | undefined;
    try {
      account = await accounts.find(workspace);
    } catch (err) {
      log.warn({ err, workspace }, "slack: an installation cannot be read");
      return { outcome: "later", afterMs: AGAIN_MS, why: "what is kept of the installation cannot be read" };
    }
    if (account !== undefined) return send(account);
    if (options.connection.mode === "socket" && connection.ownWorkspace === undefined) {
      return { outcome: "later", afterMs: AGAIN_MS, why: "Slack has not answered yet" };
    }
    return {
      outcome: "refused",
      reason: "not installed",
      why: "LogHunter is not installed in this workspace",
    };
  }

  return {
    name: PLATFORM,
    limits: LIMITS,
    listener: connection.listener,
    get ownWorkspace() {
      return connection.ownWorkspace;
    },

    async start(core: ChatCore) {
      ({ reachAgain } = core);
      const answers = createAnswers({
        ...{ calls, posting, log, now, pause, reachAgain },
        ending: ending.signal,
      });
      const people = createPeople(calls, now);
      const home = createHome(core, calls, { log, pause });
      const forms = createForms(core, calls, answers);
      const reception = createReception({ accounts, people, once, answers, lastWays, isSlacks, log, now });
      hear(connection.app, { core, reception, answers, forms, home, people, accounts, log });
      await connection.start();
    },

    look: () => connection.look(),

    async stop() {
      await connection.stop();
      await within(FINISH_WITHIN_MS, once.settled(), undefined);
      ending.abort();
      // What was told to end has this long to say so.
      await within(ENDED_WITHIN_MS, once.settled(), undefined);
    },

    post: (place: Place, card, sending) =>
      asAccount(place.workspace, (account) => posting.post(account, place, card, sending)),

    edit: (message, card, signal) =>
      asAccount(message.place.workspace, (account) => posting.edit(account, message, card, signal)),

    async tell(workspace, personId, card, sending) {
      const told = await asAccount(workspace, async (account) => {
        const direct = await posting.directChannel(account, personId, sending.signal);
        if (!direct.ok) return deliveryOf(direct);
        return posting.post(account, { platform: PLATFORM, workspace, channel: direct.value }, card, sending);
      });
      const isLost = told.outcome === "refused" && sending.signal?.aborted !== true;
      if (!isLost || !(await lastWays.tell(workspace, personId, card))) return told;
      // What vanishes at a reload has no name, and nothing edits it.
      return { outcome: "sent", message: { place: { platform: PLATFORM, workspace, channel: "" }, id: "" } };
    },

    async addressOf({ place, id }) {
      const account = await accounts.find(place.workspace).catch(() => undefined);
      if (account === undefined) return undefined;
      const asked = await calls.make(account, (client) =>
        client.chat.getPermalink({ channel: place.channel, message_ts: id }),
      );
      return asked.ok ? asked.value.permalink : undefined;
    },

    async whoIs(workspace, personId) {
      const account = await accounts.find(workspace).catch(() => undefined);
      return account === undefined ? "not told" : whoIs(calls, account, personId);
    },

    isConnected: () => connection.isConnected(),

    async health(workspace) {
      const trouble = connection.trouble();
      const account = await accounts.find(workspace).catch(() => undefined);
      if (account !== undefined) return readHealth(calls, account, trouble);
      const summary =
        trouble ?? "LogHunter is not installed in this workspace: an admin installs it at /slack/install.";
      return { ok: false, summary, warnings: [] };
    },

    async reach({ workspace, channel }, signal) {
      const account = await accounts.find(workspace).catch(() => undefined);
      if (account === undefined)
        return { outcome: "not told", why: "the workspace has no account that can be used" };
      return reachOf(calls, account, { channel, nowMs: now(), signal });
    },
  };
}

/** What is still answered then is given up: Slack's redelivery, or whoever asked, takes it up. */
const FINISH_WITHIN_MS = 5_000;
const ENDED_WITHIN_MS = 500;
const AGAIN_MS = 5_000;
