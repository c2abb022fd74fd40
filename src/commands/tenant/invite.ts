import { type Actor, addEntry } from "../../audit/entries.ts";
import type { OptionDefinition } from "../../chat/command.ts";
import { UserError } from "../../errors.ts";
import type { TenantDirectory } from "../../tenancy/directory.ts";
import { INVITATION_MS, invite } from "../../tenancy/invitations.ts";
import type { TenantScope } from "../../tenancy/scope.ts";
import { actorOf } from "../audited.ts";
import { type Call, type Command, defineCommand, message } from "../command.ts";
import { readOrg } from "../connect.ts";

const org = {
  name: "org",
  kind: "text",
  description: "The Loki organisation to join; your own unless said",
  required: false,
  parse: readOrg,
} as const satisfies OptionDefinition<string>;

export interface InviteParts {
  directory: TenantDirectory;
  allowedOrgs: readonly string[];
  now: () => number;
}

/** Whoever is in lets others in; the operator lets the first one in. */
export function inviteCommand({ directory, allowedOrgs, now }: InviteParts): Command {
  return defineCommand({
    name: "tenant invite",
    summary: "Get a code that lets one more Slack or Discord workspace in: it sees the same logs",
    examples: ["tenant invite"],
    role: "admin",
    visibility: "caller",
    options: [org],
    async run(call) {
      const scope = await scopeFor(call, call.options.org);
      const code = await scope.transaction(async (db) => {
        const subject = scope.lokiOrgId;
        // Who is let into another organisation than their own is let in by who runs this one.
        const actor: Actor = isOwn(call, scope) ? actorOf(call) : { kind: "operator" };
        await addEntry(scope, db, { actor, action: "tenant.invited", subject });
        return invite(scope, db, call.person.id, now());
      });
      return message(
        {
          title: `Invitation to ${scope.lokiOrgId}`,
          tone: "good",
          badge: "SHOWN ONCE",
          body: [
            { kind: "text", text: "An admin of the other workspace types there:" },
            { kind: "log", lines: [`/loghunter connect org:${scope.lokiOrgId} code:${code}`] },
          ],
          footnote: [
            "It lets one workspace join, until ",
            { atMs: now() + INVITATION_MS, show: "time" },
            ". Whoever joins sees all logs of this organisation.",
          ],
        },
        "caller",
      );
    },
  });

  function isOwn(call: Call, { tenantId }: TenantScope): boolean {
    // The operator may not be in any.
    return call.options.org === undefined || call.workspace().scope.tenantId === tenantId;
  }

  async function scopeFor(call: Call, wanted: string | undefined): Promise<TenantScope> {
    if (wanted === undefined) return call.workspace().scope;
    if (call.person.operator !== true) {
      const own = call.workspace().scope;
      if (own.lokiOrgId === wanted) return own;
      throw new UserError("You can only invite to your own organisation: leave org out.");
    }
    if (!allowedOrgs.includes(wanted)) {
      throw new UserError(
        `This LogHunter may not connect to "${wanted}". Its operator allows organisations with CONNECT_ORGS.`,
      );
    }
    return directory.tenantOf(wanted);
  }
}
