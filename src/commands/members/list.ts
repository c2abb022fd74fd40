import type { ChatPlatform, Named } from "../../chat/platform.ts";
import { listMembers } from "../../tenancy/members.ts";
import { type Command, defineCommand, message } from "../command.ts";

const LISTED = 100;
/** Platforms are asked for the names of so many. */
const NAMED = 30;

export function listMembersCommand({ platforms }: { platforms: readonly ChatPlatform[] }): Command {
  return defineCommand({
    name: "members list",
    summary: "Who was given which role in this workspace",
    examples: ["members list"],
    role: "viewer",
    visibility: "caller",
    options: [],
    async run(call) {
      const members = await listMembers(call.workspace(), LISTED);
      const { platform, workspace } = call.place;
      const chat = platforms.find(({ name }) => name === platform);
      const names = await Promise.all(
        members.slice(0, NAMED).map(async ({ externalId }) => chat?.whoIs(workspace, externalId)),
      );
      const personOf = (id: string, named: Named | undefined) =>
        typeof named === "object" ? `${named.name} (${id})` : id;
      return message(
        {
          title: members.length === 0 ? "Nobody was given a role" : `Roles: ${members.length}`,
          tone: "neutral",
          body: [
            ...(members.length === 0
              ? []
              : [
                  {
                    kind: "table" as const,
                    columns: ["Person", "Role"],
                    rows: members.map(({ externalId, role }, at) => [personOf(externalId, names[at]), role]),
                  },
                ]),
            {
              kind: "text",
              text: [
                "All others: admins of the platform's workspace are admins, its guests see no logs, and everybody else is a responder. Change it with ",
                { code: "members role <user> <role>" },
                ".",
              ],
            },
          ],
        },
        "caller",
      );
    },
  });
}
