import { platformTitle } from "../../chat/platformTitle.ts";
import type { TenantDirectory } from "../../tenancy/directory.ts";
import { type Command, defineCommand, message } from "../command.ts";

export function tenantCommand({ directory }: { directory: TenantDirectory }): Command {
  return defineCommand({
    name: "tenant",
    summary: "Whose logs this workspace sees, and which other workspaces see them",
    examples: ["tenant"],
    role: "viewer",
    visibility: "caller",
    options: [],
    async run(call) {
      const { scope, id } = call.workspace();
      const workspaces = await directory.workspacesOf(scope);
      return message(
        {
          title: `Organisation ${scope.lokiOrgId}`,
          tone: "neutral",
          body: [
            {
              kind: "table",
              columns: ["Platform", "Workspace", ""],
              rows: workspaces.map((workspace) => [
                platformTitle(workspace.platform),
                workspace.name === workspace.externalId ? [{ code: workspace.name }] : workspace.name,
                workspace.id === id ? "this one" : "",
              ]),
            },
            {
              kind: "text",
              text: ["An admin lets another workspace in with ", { code: "tenant invite" }, "."],
            },
          ],
        },
        "caller",
      );
    },
  });
}
