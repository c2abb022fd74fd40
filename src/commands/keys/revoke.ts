import { UserError } from "../../errors.ts";
import { endKeys } from "../../keys/issue.ts";
import { type Command, defineCommand, message } from "../command.ts";
import type { KeyCommandParts } from "./create.ts";
import { formInKeyChannel, inKeyChannel } from "./keyChannel.ts";
import { keyName } from "./options.ts";

export function revokeKeyCommand({
  deliverer,
  verifier,
  now,
}: Pick<KeyCommandParts, "deliverer" | "verifier" | "now">): Command {
  return defineCommand({
    name: "keys revoke",
    summary: "End an API key at once, and any it took the place of",
    examples: ["keys revoke ci-deploys"],
    role: "admin",
    visibility: "caller",
    options: [keyName],
    form: { title: "Revoke an API key", submitLabel: "Revoke it", fields: ["name"] },
    prefill: formInKeyChannel("keys revoke"),
    async run(call) {
      const acting = await inKeyChannel(call, "keys revoke");
      const { name } = call.options;
      const all = await endKeys(acting, name, now());
      for (const { id } of all) verifier.forget(id);
      const [revoked] = all;
      if (revoked === undefined) throw new UserError(`There is no key ${name}. See them with: keys list`);
      deliverer.wake();
      return message(
        {
          title: `API key ${revoked.name} revoked`,
          tone: "good",
          badge: "REVOKED",
          body: [{ kind: "text", text: "It opens nothing any more, from a second after this." }],
        },
        "caller",
      );
    },
  });
}
