import type { OptionDefinition } from "../chat/command.ts";
import { UserError } from "../errors.ts";
import type { LogSource } from "../logs/source.ts";
import type { TenantDirectory } from "../tenancy/directory.ts";
import { type Command, defineCommand, message } from "./command.ts";

/** Loki's own rule for a tenant id: at most 150 of these characters. https://grafana.com/docs/loki/latest/operations/multi-tenancy/ */
const ORG_ID = /^[a-zA-Z0-9!\-_.*'()]{1,150}$/;

const org = {
  name: "org",
  kind: "text",
  description: "The Loki organisation (X-Scope-OrgID) whose logs this workspace may see",
  required: true,
  parse(raw: string) {
    if (!ORG_ID.test(raw) || raw === "." || raw === "..") {
      throw new UserError(
        `"${raw.slice(0, 40)}" cannot be a Loki org id: letters, digits and !-_.*'() only, at most 150.`,
      );
    }
    return raw;
  },
} as const satisfies OptionDefinition<string>;

export interface ConnectParts {
  directory: TenantDirectory;
  logs: LogSource;
  /** The organisations the operator lets workspaces connect to. */
  allowedOrgs: readonly string[];
}

export function connectCommand({ directory, logs, allowedOrgs }: ConnectParts): Command {
  return defineCommand({
    name: "connect",
    summary: "Say whose logs this workspace sees: its Loki organisation",
    examples: ["connect acme"],
    role: "admin",
    visibility: "caller",
    options: [org],
    async run(call) {
      const { org } = call.options;
      if (!allowedOrgs.includes(org)) {
        throw new UserError(
          `This LogHunter may not connect to "${org}". Its operator allows organisations with CONNECT_ORGS.`,
        );
      }
      const health = await logs.health(org);
      if (!health.ok) throw new UserError(`Not connected: ${health.summary}`);
      const { platform, workspace } = call.place;
      await directory.connect({ platform, externalId: workspace, workspaceName: workspace, lokiOrgId: org });
      return message(
        {
          title: `Connected to ${org}`,
          tone: "good",
          badge: "CONNECTED",
          body: [
            { kind: "text", text: health.summary },
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
}
