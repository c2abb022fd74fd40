import type { OptionDefinition } from "../chat/command.ts";
import { atStart } from "../chat/shownName.ts";
import { markDeploy } from "../deploys.ts";
import { findService } from "../logs/findService.ts";
import type { LogSource } from "../logs/source.ts";
import { redactionOf } from "../redactionRules/tenantRedaction.ts";
import { type Command, defineCommand, message } from "./command.ts";
import { namespace, service } from "./options.ts";

const VERSION_CHARS = 100;
const version = {
  name: "version",
  kind: "text",
  description: "What was deployed: 2.4.1, a tag, a commit",
  required: true,
  parse: (raw: string) => raw,
} as const satisfies OptionDefinition<string>;

export interface DeployParts {
  logs: LogSource;
  now: () => number;
}

export function deployCommand({ logs, now }: DeployParts): Command {
  return defineCommand({
    name: "deploy",
    summary: "Mark a deploy that happened just now: it becomes evidence and is drawn on charts",
    examples: ["deploy checkout 2.4.1"],
    role: "responder",
    visibility: "channel",
    options: [service, version, namespace],
    form: { title: "Mark a deploy", submitLabel: "Mark it", fields: ["service", "version", "namespace"] },
    async run(call) {
      const { scope } = call.workspace();
      const atMs = now();
      const ref = await findService(logs, scope.lokiOrgId, call.options, { fromMs: atMs, toMs: atMs });
      // It is kept, drawn on charts and quoted as evidence: a secret in it would stand in all of them.
      const version = (await redactionOf(scope)).redact(call.options.version).slice(0, VERSION_CHARS);
      await markDeploy(scope, { ...ref, version, atMs, markedBy: call.person.name, onceId: call.id });
      return message(
        {
          title: `${ref.service} ${version}: deploy marked`,
          tone: "good",
          badge: "DEPLOY",
          body: [
            {
              kind: "text",
              text: [
                `${atStart(call.person.name)} marked it at `,
                { atMs, show: "date and time" },
                ". Charts and root causes show it from now on.",
              ],
            },
          ],
        },
        "channel",
      );
    },
  });
}
