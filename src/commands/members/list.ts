import { listMembers } from "../../tenancy/members.ts";
import { type Command, defineCommand, message } from "../command.ts";

const LISTED = 100;

export function listMembersCommand(): Command {
  return defineCommand({
    name: "members list",
    summary: "Who was given which role in this workspace",
    examples: ["members list"],
    role: "viewer",
    visibility: "caller",
    options: [],
    async run(call) {
      const members = await listMembers(call.workspace(), LISTED);
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
                    rows: members.map(({ externalId, role }) => [[{ code: externalId }], role]),
                  },
                ]),
            {
              kind: "text",
              text: [
                "All others: admins of the platform's workspace are admins, everybody else is a responder. Change it with ",
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
