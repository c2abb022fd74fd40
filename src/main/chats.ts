import { createDiscord } from "../../adapters/discord/index.ts";
import { createSlack, type Slack } from "../../adapters/slack/index.ts";
import type { PlatformParts } from "../app.ts";
import type { DrawChart } from "../charts/chart.ts";
import type { ChatPlatform } from "../chat/platform.ts";
import { slackConnection } from "../chatOptions.ts";
import type { Environment } from "../config.ts";
import type { Log } from "../log.ts";
import type { Chosen } from "../startReport.ts";
import type { Connect, TenantDirectory, Workspace } from "../tenancy/directory.ts";

/** A workspace that the operator's own settings name joins ORG at its first start; later its admins decide. */
export async function connectOnce(
  directory: TenantDirectory,
  lokiOrgId: string,
  workspace: Omit<Connect, "lokiOrgId">,
): Promise<Workspace> {
  const known = await directory.findWorkspace(workspace.platform, workspace.externalId);
  return known ?? directory.connect({ ...workspace, lokiOrgId });
}

/** Slack and Discord, where the environment has tokens for them. */
export function openChats(env: Environment, org: string, draw: DrawChart, log: Log, chosen: Chosen[]) {
  const connection = slackConnection(env);
  const { discordToken: token, slackApiUrl, slackAuthorizeUrl, discordApiUrl } = env;
  let slack: Slack | undefined;
  if (connection !== undefined)
    chosen.push([
      "Slack",
      connection.mode === "socket" ? "Socket Mode, one workspace" : "over HTTP, installed by OAuth",
    ]);
  if (token !== undefined) chosen.push(["Discord", "the servers its bot was invited to"]);
  return {
    slack: () => slack,
    open({ acts, directory, installations }: PlatformParts): ChatPlatform[] {
      const common = { draw, log, now: Date.now, acts };
      if (connection !== undefined) {
        slack = createSlack({
          ...common,
          ...(slackApiUrl !== undefined && { apiUrl: slackApiUrl }),
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
                  installations: installations(),
                  ...(slackAuthorizeUrl !== undefined && { authorizeUrl: slackAuthorizeUrl }),
                },
        });
      }
      const discord =
        token === undefined
          ? []
          : [
              createDiscord({
                ...common,
                token,
                messageContent: env.discordMessageContent ?? false,
                ...(discordApiUrl !== undefined && { apiUrl: discordApiUrl }),
              }),
            ];
      return [...(slack === undefined ? [] : [slack]), ...discord];
    },
  };
}
