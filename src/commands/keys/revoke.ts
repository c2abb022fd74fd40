import { oweNotice } from "../../alerting/deliveries.ts";
import { addEntry } from "../../audit/entries.ts";
import { UserError } from "../../errors.ts";
import { keysRevokedCard } from "../../keys/auditCards.ts";
import { nameOf } from "../../keys/issue.ts";
import { revokeKeys } from "../../keys/store.ts";
import { type Command, defineCommand, message } from "../command.ts";
import type { KeyCommandParts } from "./create.ts";
import { inKeyChannel } from "./keyChannel.ts";
import { keyName } from "./options.ts";

export function revokeKeyCommand({ deliverer, now }: Pick<KeyCommandParts, "deliverer" | "now">): Command {
  return defineCommand({
    name: "keys revoke",
    summary: "End an API key at once, and any it took the place of",
    examples: ["keys revoke ci-deploys"],
    role: "admin",
    visibility: "caller",
    options: [keyName],
    form: { title: "Revoke an API key", submitLabel: "Revoke it", fields: ["name"] },
    async run(call) {
      const { scope, actor, tell } = await inKeyChannel(call, "keys revoke");
      const { name } = call.options;
      const revoked = await scope.transaction(async (db) => {
        const keys = await revokeKeys(scope, db, name, now());
        const [first] = keys;
        if (first === undefined) return keys;
        const lastFour = keys.map((key) => key.lastFour).join(" ");
        await addEntry(scope, db, {
          actor,
          action: "key.revoked",
          subject: first.name,
          detail: { lastFour },
        });
        const card = keysRevokedCard(nameOf(actor), keys);
        if (tell !== undefined)
          await oweNotice(scope, db, { ...tell, notice: `key revoked ${first.id}`, card });
        return keys;
      });
      if (revoked.length === 0) throw new UserError(`There is no key ${name}. See them with: keys list`);
      deliverer.wake();
      return message(
        {
          title: `API key ${revoked[0]?.name} revoked`,
          tone: "good",
          badge: "REVOKED",
          body: [{ kind: "text", text: "It opens nothing any more, from a second after this." }],
        },
        "caller",
      );
    },
  });
}
