import type { HttpConnection, SocketConnection } from "../../adapters/slack/index.ts";
import type { Environment } from "../config.ts";
import { UserError } from "../errors.ts";

/** How the environment says to reach Slack: what is kept of installations, and by whom, is added where it is opened. */
export type SlackConnection = SocketConnection | Omit<HttpConnection, "installations" | "authorizeUrl">;

/**
 * Slack as the environment has it; undefined where it says nothing of it.
 * @throws UserError naming what is missing beside what is there.
 */
export function slackConnection(env: Environment): SlackConnection | undefined {
  const { slackBotToken: botToken, slackAppToken: appToken } = env;
  const { slackSigningSecret: signingSecret, slackClientId: clientId, slackClientSecret: clientSecret } = env;
  const { slackStateSecret: stateSecret, httpPublicUrl: publicUrl, encryptionKeys } = env;
  const isSocket = botToken !== undefined || appToken !== undefined;
  const isHttp = [signingSecret, clientId, clientSecret, stateSecret].some((value) => value !== undefined);
  if (isSocket && isHttp) {
    throw new UserError(
      "Slack is set up twice: SLACK_BOT_TOKEN and SLACK_APP_TOKEN are for Socket Mode, SLACK_SIGNING_SECRET and SLACK_CLIENT_… for HTTP. Unset one of the two.",
    );
  }
  if (botToken !== undefined && appToken !== undefined) return { mode: "socket", botToken, appToken };
  if (isSocket)
    throw missing("Slack's Socket Mode", { SLACK_BOT_TOKEN: botToken, SLACK_APP_TOKEN: appToken });
  if (!isHttp) return undefined;
  if (
    signingSecret !== undefined &&
    clientId !== undefined &&
    clientSecret !== undefined &&
    stateSecret !== undefined &&
    publicUrl !== undefined &&
    encryptionKeys !== undefined
  ) {
    return { mode: "http", signingSecret, clientId, clientSecret, stateSecret, publicUrl };
  }
  throw missing("Slack over HTTP", {
    SLACK_SIGNING_SECRET: signingSecret,
    SLACK_CLIENT_ID: clientId,
    SLACK_CLIENT_SECRET: clientSecret,
    SLACK_STATE_SECRET: stateSecret,
    HTTP_PUBLIC_URL: publicUrl,
    ENCRYPTION_KEYS: encryptionKeys,
  });
}

function missing(what: string, settings: Record<string, unknown>): UserError {
  const names = Object.entries(settings).flatMap(([name, value]) => (value === undefined ? [name] : []));
  return new UserError(`${what} also needs ${names.join(" and ")}. docs/slack.md says where each is found.`);
}
