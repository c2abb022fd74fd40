import { forgetChannels } from "../alerting/channels.ts";
import { leaveConversations } from "../analysis/leave.ts";
import { addEntry } from "../audit/entries.ts";
import type { OptionDefinition } from "../chat/command.ts";
import type { ChatPlatform } from "../chat/platform.ts";
import { UserError } from "../errors.ts";
import type { LogSource } from "../logs/source.ts";
import type { Connect, TenantDirectory, Workspace } from "../tenancy/directory.ts";
import { listMembers, setRole } from "../tenancy/members.ts";
import { type Call, type Command, defineCommand, message } from "./command.ts";

/** Loki's own rule for a tenant id: at most 150 of these characters. https://grafana.com/docs/loki/latest/operations/multi-tenancy/ */
const ORG_ID = /^[a-zA-Z0-9!\-_.*'()]{1,150}$/;

/** @throws UserError that says what an org id is made of. */
export function readOrg(raw: string): string {
  if (!ORG_ID.test(raw) || raw === "." || raw === "..") {
    throw new UserError(
      `"${raw.slice(0, 40)}" cannot be a Loki org id: letters, digits and !-_.*'() only, at most 150.`,
    );
  }
  return raw;
}

const org = {
  name: "org",
  kind: "text",
  description: "The Loki organisation (X-Scope-OrgID) whose logs this workspace may see",
  required: true,
  parse: readOrg,
} as const satisfies OptionDefinition<string>;

const code = {
  name: "code",
  kind: "text",
  description: "From tenant invite, where the organisation's logs are seen already or in the web console",
  required: false,
  parse: (raw: string) => raw,
} as const satisfies OptionDefinition<string>;

export interface ConnectParts {
  directory: TenantDirectory;
  platforms: readonly ChatPlatform[];
  logs: LogSource;
  /** The organisations the operator lets workspaces connect to. */
  allowedOrgs: readonly string[];
  now: () => number;
}

export function connectCommand(parts: ConnectParts): Command {
  const { directory, platforms, logs, allowedOrgs, now } = parts;
  return defineCommand({
    name: "connect",
    summary: "Say whose logs this workspace sees: its Loki organisation",
    examples: ["connect acme code:KXQ2-9MPD-7RTW"],
    role: "admin",
    visibility: "caller",
    options: [org, code],
    async run(call) {
      const { org, code } = call.options;
      const { platform, workspace } = call.place;
      const before = await directory.findWorkspace(platform, workspace);
      const isMoving = before?.scope.lokiOrgId !== org;
      // Whoever has no code is told no more: neither which organisations there are, nor how their Loki does.
      if (isMoving) await checkCode(call, org, code);
      if (!allowedOrgs.includes(org)) {
        throw new UserError(
          `This LogHunter may not connect to "${org}". Its operator allows organisations with CONNECT_ORGS.`,
        );
      }
      // Before anything is changed, and the code used up, which is good for once.
      const health = await logs.health(org);
      if (!health.ok) throw new UserError(`Not connected: ${health.summary}`);
      const which = { platform, externalId: workspace, workspaceName: before?.name ?? workspace };
      const request = { ...which, lokiOrgId: org, connectedBy: call.person.id };
      const connect = isMoving ? () => letIn(call, request, code) : () => directory.connect(request);
      const connected =
        before === undefined || !isMoving ? await connect() : await move(before, org, connect);
      await noteConnected(call, connected, before?.scope.lokiOrgId);
      return message(
        {
          title: `Connected to ${org}`,
          tone: "good",
          badge: "CONNECTED",
          body: [
            { kind: "text", text: health.summary },
            ...(isMoving || code === undefined
              ? []
              : [
                  {
                    kind: "text" as const,
                    text: "It was connected already, so the code was neither looked at nor used up.",
                  },
                ]),
            ...(before !== undefined && isMoving
              ? [
                  {
                    kind: "text" as const,
                    text: `Roles stay as they are. What was kept for ${before.scope.lokiOrgId} stays there: filters, root causes, and which channels get alerts.`,
                  },
                ]
              : []),
            {
              kind: "text",
              text: ["Try ", { code: "status" }, " or ", { code: "analyze <service>" }, " next."],
            },
          ],
        },
        "caller",
      );
    },
  });

  /**
   * Anybody can install a bot and name an organisation: it is those who see its logs already, or who run
   * LogHunter, that let a workspace in.
   */
  async function checkCode({ person }: Call, org: string, code: string | undefined): Promise<void> {
    if (person.operator === true) return;
    if (code === undefined) {
      throw new UserError(
        `Joining ${org} needs a code. Whoever sees its logs already, or has the web console, gets one with: tenant invite`,
      );
    }
    if (!(await directory.isInvitation(code, org, now()))) throw new UserError(WRONG_CODE);
  }

  async function letIn({ person }: Call, request: Connect, code: string | undefined): Promise<Workspace> {
    if (person.operator === true) return directory.connect(request);
    // Of several who come with one code at once the first is let in.
    const joined = await directory.join(request, { word: code ?? "", nowMs: now() });
    if (joined === undefined) throw new UserError(WRONG_CODE);
    return joined;
  }

  /**
   * Takes a workspace from one organisation to another: nothing of the one goes on in it, and nobody gains a right. Where it breaks off,
   * the workspace is where it was, with its channels, and the code is good: asking again finishes it.
   */
  async function move(before: Workspace, org: string, connect: () => Promise<Workspace>): Promise<Workspace> {
    await leaveConversations(before, platforms);
    const there = { ...before, scope: await directory.tenantOf(org) };
    const members = await listMembers(before, MOST_MEMBERS);
    await there.scope.transaction(async (db) => {
      for (const { externalId, role } of members) await setRole(there, db, externalId, role);
    });
    const after = await before.scope.transaction(async (db) => {
      await forgetChannels(before, db);
      return connect();
    });
    // What was asked meanwhile.
    await leaveConversations(before, platforms);
    return after;
  }
}

/** In the organisation that the workspace sees from now on. */
async function noteConnected(
  { person, place }: Pick<Call, "person" | "place">,
  { id, scope, name }: Workspace,
  before: string | undefined,
): Promise<void> {
  const { channel } = place;
  const actor = { kind: "person", id: person.id, name: person.name, workspaceId: id, channel } as const;
  const detail = before === undefined || before === scope.lokiOrgId ? {} : { before };
  await scope.transaction((db) =>
    addEntry(scope, db, { actor, action: "tenant.connected", subject: name, detail }),
  );
}

const MOST_MEMBERS = 10_000;
const WRONG_CODE =
  "That code is not one for this organisation, was used before, or is over an hour old. Ask for a new one: tenant invite";
