import { type SocketModeReceiver, webApi } from "@slack/bolt";
import { UserError } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import { pause as byTimer, type Pause } from "./pause.ts";

/** The connection that Slack delivers over. Slack ends it every few hours; it is opened again. */
export interface Socket {
  /**
   * Resolves when it stands, or when that is tried in the background.
   * @throws UserError where Slack does not accept the token.
   */
  open(): Promise<void>;
  close(): Promise<void>;
  isConnected(): boolean;
  trouble(): string | undefined;
}

/**
 * Keeps the SDK's client connected. By itself it waits five seconds before it connects again, in which a slash
 * command fails for whoever types it; and when Slack cannot be reached then, its rejection is handled by nobody
 * and ends the process (@slack/socket-mode 3.1.0, `delayReconnectAttempt`).
 */
export function createSocket(
  client: SocketModeReceiver["client"],
  { log, pause }: { log: Log; pause: Pause },
): Socket {
  const stopping = new AbortController();
  let isConnected = false;
  let why = "It is being opened.";
  client.on("disconnected", () => {
    isConnected = false;
  });

  /** @returns what ended it, once it has; undefined when it stands. */
  async function connect(): Promise<unknown> {
    const hello = new AbortController();
    // A connection on which Slack never says hello stands, and nothing comes over it.
    void byTimer(HELLO_WITHIN_MS, hello.signal).then(() => {
      if (!hello.signal.aborted) client.disconnect().catch(() => {});
    });
    try {
      await client.start();
      isConnected = true;
      return undefined;
    } catch (error) {
      return error ?? new Error("Slack closed the connection before it said hello");
    } finally {
      hello.abort();
    }
  }

  function ended(): Promise<void> {
    return new Promise((resolve) => {
      if (!isConnected) return resolve();
      client.once("disconnected", () => resolve());
    });
  }

  /** Until it is closed. The first new attempt is made at once: Slack's own endings are no failures. */
  async function keepOpen(failuresBefore: number): Promise<void> {
    for (let failures = failuresBefore; !stopping.signal.aborted; ) {
      await ended();
      if (stopping.signal.aborted) return;
      if (failures === 0) why = "The connection ended, and is being opened again.";
      else await pause(waitMs(failures), stopping.signal);
      if (stopping.signal.aborted) return;
      const error = await connect();
      if (error === undefined) {
        failures = 0;
        log.info({}, "slack: connected");
        continue;
      }
      failures++;
      const asked = error instanceof webApi.WebAPIRateLimitedError ? error.retryAfter * 1000 : 0;
      why = isRefused(error)
        ? "Slack does not accept SLACK_APP_TOKEN any longer: make a new app-level token, and start again with it."
        : "Slack cannot be reached: check that this machine reaches slack.com.";
      log.warn({ err: error, failures }, "slack: not connected, tried again soon");
      if (asked > 0) await pause(asked, stopping.signal);
    }
  }

  return {
    async open() {
      const error = await connect();
      if (error !== undefined && isRefused(error))
        throw new UserError("Slack does not accept the app token.");
      if (error === undefined) log.info({}, "slack: connected");
      else log.warn({ err: error }, "slack: not connected, tried again soon");
      void keepOpen(error === undefined ? 0 : 1).catch((err) =>
        log.error({ err }, "slack: no longer connected"),
      );
    },
    async close() {
      stopping.abort();
      const given = new AbortController();
      await Promise.race([client.disconnect().catch(() => {}), byTimer(CLOSE_WITHIN_MS, given.signal)]);
      given.abort();
    },
    isConnected: () => isConnected,
    trouble: () => (isConnected ? undefined : `Slack is not connected. ${why}`),
  };
}

const HELLO_WITHIN_MS = 30_000;
const CLOSE_WITHIN_MS = 2_000;

function waitMs(failures: number): number {
  return Math.min(60_000, 1_000 * 2 ** Math.min(failures - 1, 6));
}

/** https://docs.slack.dev/reference/methods/apps.connections.open#errors */
function isRefused(error: unknown): boolean {
  return error instanceof webApi.WebAPIPlatformError && REFUSED.has(error.data.error);
}
const REFUSED: ReadonlySet<string> = new Set([
  "invalid_auth",
  "not_authed",
  "account_inactive",
  "token_revoked",
  "token_expired",
  "not_allowed_token_type",
  "missing_scope",
  "no_permission",
  "forbidden_team",
]);
