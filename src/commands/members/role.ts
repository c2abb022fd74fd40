import type { OptionDefinition } from "../../chat/command.ts";
import { ROLES, type Role } from "../../chat/command.ts";
import type { ChatPlatform, Place } from "../../chat/platform.ts";
import { UserError } from "../../errors.ts";
import { roleToChangeRoles, setRole } from "../../tenancy/members.ts";
import { audited } from "../audited.ts";
import { type Command, defineCommand, message } from "../command.ts";

const user = {
  name: "user",
  kind: "person",
  description: "Whom: a mention, or the platform's id of the person",
  required: true,
  parse: readPerson,
} as const satisfies OptionDefinition<string>;

const role = {
  name: "role",
  kind: "state",
  description: "viewer (looks), responder (asks, acknowledges, mutes) or admin (everything)",
  required: true,
  choices: ROLES,
  parse(raw: string): Role {
    const found = ROLES.find((candidate) => candidate === raw.toLowerCase());
    if (found !== undefined) return found;
    throw new UserError(`"${raw.slice(0, 40)}" is not a role. Use ${ROLES.join(", ")}.`);
  },
} as const satisfies OptionDefinition<Role>;

export function memberRoleCommand({ platforms }: { platforms: readonly ChatPlatform[] }): Command {
  return defineCommand({
    name: "members role",
    summary: "Say who may do what in this workspace",
    examples: ["members role @ann admin", "members role @bob viewer"],
    role: "admin",
    visibility: "caller",
    options: [user, role],
    async run(call) {
      const { user, role } = call.options;
      // Nobody locks themselves out by mistake, and whoever was made an admin cannot be the last one to go.
      if (user === call.person.id)
        throw new UserError(
          "Your own role is changed by another admin, so that nobody locks themselves out.",
        );
      const workspace = call.workspace();
      const name = await nameOf(platforms, call.place, user);
      const entry = { action: "role.changed", subject: name, detail: { role, person: user } } as const;
      await audited(call, entry, async (db) => {
        // Of two admins who take the role from each other in one moment one stays, or nobody could give it back.
        if ((await roleToChangeRoles(workspace, db, call.person)) !== "admin")
          throw new UserError("You were an admin until just now. Nothing was changed; ask an admin.");
        await setRole(workspace, db, user, role);
      });
      return message(
        {
          title: "Role changed",
          tone: "good",
          badge: role.toUpperCase(),
          body: [
            { kind: "text", text: [{ strong: name }, ` is ${role === "admin" ? "an" : "a"} ${role} now.`] },
          ],
          footnote: "It holds at once, for every command and every button.",
        },
        "caller",
      );
    },
  });
}

/** @throws UserError where nobody has that id, or nobody says: a role that nobody holds would look like a change. */
async function nameOf(platforms: readonly ChatPlatform[], place: Place, user: string): Promise<string> {
  const platform = platforms.find(({ name }) => name === place.platform);
  const named = (await platform?.whoIs(place.workspace, user)) ?? "not told";
  if (typeof named === "object") return named.name;
  throw new UserError(
    named === "nobody"
      ? `Nobody here has the id "${user}". Mention the person with @, and choose them from the list.`
      : "The platform does not say who that is just now. Nothing was changed; try again in a minute.",
  );
}

/** `<@U123>`, `<@!123>`, `<@U123|ann>` as platforms write a mention, or the id itself. */
function readPerson(raw: string): string {
  const id = /^<@!?([A-Za-z0-9_-]{1,40})(?:\|[^>]*)?>$/.exec(raw)?.[1] ?? raw;
  if (/^[A-Za-z0-9_-]{1,40}$/.test(id)) return id;
  throw new UserError(
    `"${raw.slice(0, 40)}" is nobody I know. Mention the person with @, or use the platform's id of theirs.`,
  );
}
