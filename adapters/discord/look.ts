import { type APIApplication, type APIUser, ApplicationFlags, Routes } from "discord.js";
import type { PlatformHealth } from "../../src/chat/platform.ts";
import { type Api, type Done, tried } from "./api.ts";
import type { Failure } from "./errors.ts";
import { lacksSentence, NOT_INVITED } from "./health.ts";
import { findLacking } from "./permissions.ts";
import { sameCommands } from "./register.ts";

/**
 * How it stands with a server, by Discord's REST interface alone: for whoever looks without connecting.
 * @param asked.workspace "": with the bot itself, where no server is known
 */
export async function lookAt(
  api: Api,
  { workspace, messageContent }: { workspace: string; messageContent: boolean },
): Promise<PlatformHealth> {
  const [me, application] = await Promise.all([
    tried(() => api.call<APIUser>("GET", Routes.user())),
    tried(() => api.call<APIApplication>("GET", Routes.currentApplication())),
  ]);
  if (me.kind !== "done") return notAnswered(me);
  if (application.kind !== "done") return notAnswered(application);
  const lacking: Done<string[]> | Failure =
    workspace === ""
      ? { kind: "done", value: [] }
      : await findLacking(api, { guild: workspace, me: me.value.id });
  if (lacking.kind === "refused") return { ok: false, summary: NOT_INVITED, warnings: [] };
  if (lacking.kind !== "done") return notAnswered(lacking);
  const unknown = await commandsTrouble(api, application.value.id);
  return {
    ok: true,
    summary: `Discord knows ${me.value.username}.`,
    warnings: [
      ...(messageContent && !mayReadContent(application.value) ? [NO_CONTENT] : []),
      ...(lacking.value.length === 0 ? [] : [lacksSentence(lacking.value)]),
      ...(unknown === undefined ? [] : [unknown]),
    ],
  };
}

/**
 * Whether Discord offers people the commands there are; nothing where it does not say.
 * @param wanted absent: any will do
 */
export async function commandsTrouble(
  api: Api,
  application: string,
  wanted?: readonly unknown[],
): Promise<string | undefined> {
  const had = await tried(() => api.call<unknown[]>("GET", Routes.applicationCommands(application)));
  if (had.kind !== "done") return undefined;
  if (had.value.length === 0)
    return "Discord has no commands of LogHunter's. Restart LogHunter: it registers them at its start.";
  return wanted === undefined || sameCommands(had.value, wanted) ? undefined : OTHER_COMMANDS;
}

const OTHER_COMMANDS =
  "Discord has other commands than this LogHunter. Restart it: it registers them at its start; and stop any other LogHunter with the same token.";
const NO_CONTENT =
  "DISCORD_MESSAGE_CONTENT is yes, and Discord does not give this bot what people write. Switch on Message Content Intent for it in Discord's developer portal, under Bot, or unset DISCORD_MESSAGE_CONTENT, and restart.";

function mayReadContent({ flags }: APIApplication): boolean {
  const granted = ApplicationFlags.GatewayMessageContent | ApplicationFlags.GatewayMessageContentLimited;
  return (flags & granted) !== 0;
}

function notAnswered({ kind, why }: Failure): PlatformHealth {
  return { ok: false, summary: kind === "no token" ? why : `Discord did not answer: ${why}.`, warnings: [] };
}
