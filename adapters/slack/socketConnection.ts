import { App, SocketModeReceiver, type webApi } from "@slack/bolt";
import { UserError } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import type { Account } from "./accounts.ts";
import type { Calls } from "./calls.ts";
import type { Connection } from "./connection.ts";
import { isTokenRefused } from "./errors.ts";
import type { OwnWorkspace, SocketConnection } from "./options.ts";
import type { Pause } from "./pause.ts";
import { sdkLog } from "./sdkLog.ts";
import { createSocket } from "./socket.ts";

export interface SocketParts {
  options: SocketConnection;
  calls: Calls;
  clientOptions: webApi.WebClientOptions;
  log: Log;
  pause: Pause;
  /** Slack has taken the token. */
  onConnected: (workspace: string) => void;
}

/** Socket Mode: the workspace is the one of the bot token. */
export function createSocketConnection({
  options,
  calls,
  clientOptions,
  log,
  pause,
  onConnected,
}: SocketParts): Connection {
  const { botToken, appToken, opened } = options;
  const logger = sdkLog(log);
  const receiver = new SocketModeReceiver({
    appToken,
    logger,
    // Ours reconnects at once, and survives a failure while it does: see socket.ts.
    autoReconnectEnabled: false,
    installerOptions: { clientOptions },
    processEventErrorHandler: async ({ error: err }) => {
      log.warn({ err }, "slack: a delivery could not be handled");
      return false;
    },
  });
  const app = new App({
    receiver,
    logger,
    clientOptions,
    // Nothing is looked up before Slack was told that its delivery has arrived: accounts are found afterwards.
    authorize: async () => ({}),
    ignoreSelf: false,
    convoStore: false,
  });
  const socket = createSocket(receiver.client, { log, pause });
  let account: Account | undefined;
  const stopping = new AbortController();
  /** What was found by who only looks, of which the connection's own state says nothing. */
  let looked: { trouble: string | undefined } | undefined;

  /** @returns whether the workspace is known now. */
  async function identify(tell: typeof opened = opened): Promise<boolean> {
    const asked = await calls.make({ ...NOBODY, token: botToken }, (client) => client.auth.test({}));
    if (!asked.ok) {
      if (isTokenRefused(asked) || asked.code === "not_allowed_token_type")
        throw new UserError(BOT_TOKEN_REFUSED);
      log.warn({ why: asked.why }, "slack: cannot be reached yet");
      return false;
    }
    const { team_id: id, team, user_id, bot_id, enterprise_id, is_enterprise_install } = asked.value;
    if (id === undefined) throw new UserError(BOT_TOKEN_REFUSED);
    account = {
      workspace: id,
      name: team ?? id,
      token: botToken,
      botUserId: user_id,
      botId: bot_id,
      enterpriseId: enterprise_id,
      isOrgWide: is_enterprise_install === true,
    };
    await tell?.(ownOf(account)).catch((err) =>
      log.error({ err }, "slack: its workspace could not be connected"),
    );
    onConnected(id);
    return true;
  }

  /** Goes on trying where the network was away at the start. */
  async function startLater(): Promise<void> {
    for (let attempt = 0; account === undefined && !stopping.signal.aborted; attempt++) {
      await pause(Math.min(60_000, 1_000 * 2 ** attempt), stopping.signal);
      if (stopping.signal.aborted) return;
      try {
        await identify();
      } catch (err) {
        log.error({ err }, "slack: the bot token is not accepted");
        return;
      }
    }
    if (!stopping.signal.aborted)
      await socket.open().catch((err) => log.error({ err }, "slack: not connected"));
  }

  return {
    app,
    listener: undefined,
    get ownWorkspace() {
      return account && ownOf(account);
    },
    accounts: {
      async find(workspace, enterpriseId) {
        if (account === undefined) return undefined;
        if (workspace === account.workspace) return account;
        const isOurs =
          account.isOrgWide && enterpriseId !== undefined && enterpriseId === account.enterpriseId;
        return isOurs ? { ...account, workspace } : undefined;
      },
      async removed(workspace) {
        log.error({ workspace }, "slack: the app was removed from the workspace, or its token revoked");
      },
    },
    async start() {
      if (!botToken.startsWith("xoxb-") && !botToken.startsWith("xoxe.xoxb-"))
        throw new UserError(BOT_TOKEN_REFUSED);
      if (!appToken.startsWith("xapp-")) throw new UserError(APP_TOKEN_REFUSED);
      if (!(await identify())) {
        void startLater();
        return;
      }
      try {
        await socket.open();
      } catch (error) {
        if (error instanceof UserError) throw new UserError(APP_TOKEN_REFUSED);
        throw error;
      }
    },
    async look() {
      try {
        await identify(async () => undefined);
        const link = await calls.make({ ...NOBODY, token: appToken }, (client) =>
          client.apps.connections.open({}),
        );
        looked = { trouble: !link.ok && isTokenRefused(link) ? APP_TOKEN_REFUSED : undefined };
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        looked = { trouble: error.message };
      }
    },
    async stop() {
      stopping.abort();
      await socket.close();
    },
    isConnected: () => socket.isConnected(),
    trouble() {
      if (looked?.trouble !== undefined) return looked.trouble;
      if (account === undefined)
        return "Slack has not answered yet: check that this machine reaches slack.com.";
      return looked === undefined ? socket.trouble() : undefined;
    },
  };
}

function ownOf({ workspace, name, enterpriseId }: Account): OwnWorkspace {
  return { id: workspace, name, ...(enterpriseId !== undefined && { enterpriseId }) };
}

const NOBODY: Omit<Account, "token"> = {
  workspace: "",
  name: "",
  botUserId: undefined,
  botId: undefined,
  enterpriseId: undefined,
  isOrgWide: false,
};

const BOT_TOKEN_REFUSED =
  "Slack does not accept SLACK_BOT_TOKEN. Copy the Bot User OAuth Token (xoxb-…) from OAuth & Permissions of the app at https://api.slack.com/apps; install the app there first.";
const APP_TOKEN_REFUSED =
  "Slack does not accept SLACK_APP_TOKEN. Make an app-level token (xapp-…) with the scope connections:write under Basic Information of the app at https://api.slack.com/apps, and switch Socket Mode on.";
