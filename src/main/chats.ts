import type { Discord } from "../../adapters/discord/index.ts";
import type { Slack } from "../../adapters/slack/index.ts";
import type { PlatformParts } from "../appParts.ts";
import type { DrawChart } from "../charts/chart.ts";
import type { Installations } from "../chat/installations.ts";
import type { ChatPlatform } from "../chat/platform.ts";
import type { Environment } from "../config.ts";
import type { Log } from "../log.ts";
import type { Chosen } from "../startReport.ts";
import type { Connect, TenantDirectory, Workspace } from "../tenancy/directory.ts";
import { slackConnection } from "./slackConnection.ts";

/** A workspace that the operator's own settings name joins ORG at its first start; later its admins decide. */
export async function connectOnce(
  directory: TenantDirectory,
  lokiOrgId: string,
  workspace: Omit<Connect, "lokiOrgId">,
): Promise<Workspace> {
  const known = await directory.findWorkspace(workspace.platform, workspace.externalId);
  return known ?? directory.connect({ ...workspace, lokiOrgId });
}

/** Slack and Discord, where the environment has tokens for them. Each SDK is loaded only then: half a second of the start. */
export async function openChats(env: Environment, org: string, draw: DrawChart, log: Log) {
  const connection = slackConnection(env);
  const { discordToken: token, slackApiUrl, slackAuthorizeUrl, discordApiUrl } = env;
  const slackAdapter = connection && (await import("../../adapters/slack/index.ts"));
  const discordAdapter = token === undefined ? undefined : await import("../../adapters/discord/index.ts");
  let slack: Slack | undefined;
  let discord: Discord | undefined;
  let installed: Installations | undefined;
  return {
    slack: () => slack,
    /** In place of a start: nothing is received, and what was opened can say how it stands. */
    async look(): Promise<void> {
      discord?.look();
      await slack?.look();
    },
    /** What became of them, once they were started. */
    async report(): Promise<Chosen[]> {
      const own = slack?.ownWorkspace;
      const found: Chosen[] = [];
      if (connection?.mode === "http") found.push(["Slack", "over HTTP, for who installs it"]);
      else if (own !== undefined) found.push(["Slack", (await (slack as Slack).health(own.id)).summary]);
      else if (connection !== undefined)
        found.push(["Slack", "not reached yet; it is tried again by itself"]);
      if (token !== undefined)
        found.push([
          "Discord",
          discord?.isConnected()
            ? "the servers its bot was invited to"
            : "not reached yet; it is tried again by itself",
        ]);
      const sealed = await installed?.countClosed();
      if (sealed !== undefined && sealed.closed > 0)
        found.push([
          "Attention",
          `${sealed.closed} of ${sealed.all} workspaces are not served: the key that sealed their tokens is not in ENCRYPTION_KEYS`,
        ]);
      return found;
    },
    open({ acts, directory, installations }: PlatformParts): ChatPlatform[] {
      const common = { draw, log, now: Date.now, acts };
      if (connection !== undefined && slackAdapter !== undefined) {
        if (connection.mode === "http") installed = installations();
        slack = slackAdapter.createSlack({
          ...common,
          ...(slackApiUrl !== undefined && { apiUrl: slackApiUrl }),
          ...(env.slackResendUnsure !== undefined && { resendsUnsure: env.slackResendUnsure }),
          connection:
            connection.mode === "socket"
              ? {
                  ...connection,
                  opened: async ({ id, name }) => {
                    const own = { platform: "slack", externalId: id, workspaceName: name };
                    await connectOnce(directory, org, own);
                  },
                }
              : {
                  ...connection,
                  installations: installed as Installations,
                  ...(slackAuthorizeUrl !== undefined && { authorizeUrl: slackAuthorizeUrl }),
                },
        });
      }
      if (token !== undefined && discordAdapter !== undefined) {
        discord = discordAdapter.createDiscord({
          ...common,
          token,
          messageContent: env.discordMessageContent ?? false,
          ...(discordApiUrl !== undefined && { apiUrl: discordApiUrl }),
        });
      }
      return [slack, discord].filter((one) => one !== undefined);
    },
  };
}
