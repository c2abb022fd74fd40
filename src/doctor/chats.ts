import { type Channel, listChannels } from "../alerting/channels.ts";
import { isGroup } from "../alerting/mentions.ts";
import { isPlaceTrouble, mendingOf } from "../alerting/troubles.ts";
import type { Inline, Text } from "../chat/card.ts";
import type { ChatPlatform, Reach } from "../chat/platform.ts";
import { platformTitle } from "../chat/platformTitle.ts";
import type { TenantDirectory, Workspace } from "../tenancy/directory.ts";
import type { TenantScope } from "../tenancy/scope.ts";
import type { Check } from "./check.ts";
import { type Found, foundIn, well } from "./found.ts";

/** Each is asked of its platform. */
const WORKSPACES = 10;
const CHANNELS = 20;

const FIX =
  "Check that this machine reaches the platform; docs/slack.md and docs/discord.md say what it needs.";

export interface ChatParts {
  directory: Pick<TenantDirectory, "workspacesOf">;
  platforms: readonly ChatPlatform[];
  /** Platforms that can be seen in the running LogHunter only. */
  unseen?: readonly string[];
}

/** The organisation's workspaces, with what the bot may do in each, and the channels that get alerts. */
export async function chatChecks(
  scope: TenantScope,
  { directory, platforms, unseen = [] }: ChatParts,
  own?: Workspace,
): Promise<Check[]> {
  const [workspaces, channels] = await Promise.all([
    directory.workspacesOf(scope),
    listChannels(scope, "alerts"),
  ]);
  const looked = workspaces.slice(0, WORKSPACES);
  return [
    ...looked.map((workspace) => workspaceCheck(workspace)),
    { name: "alert channels", fix: FIX, run: async (signal) => alertChannels(looked, channels, signal) },
  ];

  function platformOf(workspace: Workspace): ChatPlatform | undefined {
    return platforms.find(({ name }) => name === workspace.platform);
  }

  function workspaceCheck(workspace: Workspace): Check {
    return {
      name: workspace.platform,
      fix: FIX,
      async run() {
        if (unseen.includes(workspace.platform)) return [];
        const platform = platformOf(workspace);
        if (platform === undefined)
          return [
            {
              state: "failure",
              finding: `${workspace.name} is connected, and ${platformTitle(workspace.platform)} is not set up in this LogHunter.`,
              fix: `Set its tokens (docs/${workspace.platform}.md) and restart.`,
            },
          ];
        const health = await platform.health(workspace.externalId);
        return foundIn(
          health,
          `Install LogHunter in ${workspace.name} again; docs/${workspace.platform}.md says how.`,
        );
      },
    };
  }

  async function alertChannels(
    among: readonly Workspace[],
    all: readonly Channel[],
    signal: AbortSignal,
  ): Promise<Found[]> {
    if (all.length === 0)
      return [
        {
          state: "warning",
          finding: "No channel gets alerts.",
          fix: ["Type ", { code: "channel alerts" }, " in the channel that should."],
        },
      ];
    const looked = all.slice(0, CHANNELS);
    const [found, uncalled] = await Promise.all([
      Promise.all(looked.map((channel) => reachOf(channel, among, signal))),
      Promise.all(looked.map((channel) => uncalledIn(channel, among))),
    ]);
    const open = found.filter(({ state }) => state === "well").length;
    const others = found.filter(({ state }) => state !== "well");
    return [
      ...others,
      ...uncalled.flat(),
      ...(open === 0 ? [] : [well(`${open} of ${found.length} can be written to.`)]),
    ];
  }

  async function reachOf(
    { workspaceId, externalId }: Channel,
    among: readonly Workspace[],
    signal: AbortSignal,
  ): Promise<Found> {
    const workspace = among.find(({ id }) => id === workspaceId);
    const platform = workspace && platformOf(workspace);
    const shown = shownChannel(externalId, workspace, own);
    if (workspace === undefined || platform === undefined)
      return { state: "unseen", finding: ["Whether ", ...shown, " can be written to."] };
    const place = { platform: platform.name, workspace: workspace.externalId, channel: externalId };
    return reachFound(await platform.reach(place, signal), shown);
  }

  /** Groups that a channel's policy mentions and the platform does not call. */
  async function uncalledIn(
    { workspaceId, externalId, policy }: Channel,
    among: readonly Workspace[],
  ): Promise<Found[]> {
    const workspace = among.find(({ id }) => id === workspaceId);
    const platform = workspace && platformOf(workspace);
    if (workspace === undefined || platform === undefined) return [];
    const groups = policy.mention?.filter(isGroup) ?? [];
    const named = await Promise.all(groups.map((id) => platform.whoIs(workspace.externalId, id)));
    return named.flatMap((one): Found[] => {
      if (typeof one !== "object" || one.uncalled === undefined) return [];
      const shown = shownChannel(externalId, workspace, own);
      const finding = [`@${one.name} is mentioned in `, ...shown, " and not called."];
      return [{ state: "warning", finding, fix: one.uncalled }];
    });
  }
}

/** Names of another workspace's channels are known there only. */
function shownChannel(id: string, workspace: Workspace | undefined, own: Workspace | undefined): Inline[] {
  if (workspace !== undefined && workspace.id === own?.id) return [{ channel: id }];
  return workspace === undefined
    ? [{ code: id }]
    : [{ code: id }, ` on ${platformTitle(workspace.platform)}`];
}

function reachFound(reach: Reach, shown: readonly Inline[]): Found {
  switch (reach.outcome) {
    case "open":
      if (reach.without === undefined) return well(["It can be written to: ", ...shown]);
      return {
        state: "warning",
        finding: ["Channel ", ...shown, ` takes messages, and not all that is in them: ${reach.without}.`],
        fix: mendingOf("not permitted"),
      };
    case "not told":
      return {
        state: "warning",
        finding: ["Whether ", ...shown, ` takes messages is not known: ${reach.why}.`],
        fix: ["Type ", { code: "channel test" }, ": it posts a test alert."],
      };
    case "refused":
      return {
        state: "failure",
        finding: ["Channel ", ...shown, ` takes no messages (${reach.reason}: ${reach.why}).`],
        fix: mending(reach.reason),
      };
  }
}

function mending(reason: Extract<Reach, { outcome: "refused" }>["reason"]): Text {
  return isPlaceTrouble(reason) ? mendingOf(reason) : ["Type ", { code: "channel test" }, " to see more."];
}
