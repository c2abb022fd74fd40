import { UserError } from "../../errors.ts";
import type { Hashing } from "../../keys/hashing.ts";
import { issueKey } from "../../keys/issue.ts";
import { countKeys, findKey } from "../../keys/store.ts";
import { type Command, defineCommand } from "../command.ts";
import { formInKeyChannel, inKeyChannel } from "./keyChannel.ts";
import { DEFAULT_LIFE_MS, expires, keyName, scopes } from "./options.ts";
import { type SecretReplyParts, secretReply } from "./secretReply.ts";

export interface KeyCommandParts extends SecretReplyParts {
  hashing: Hashing;
}

/** More than anybody looks after. */
const MOST_KEYS = 200;

export function createKeyCommand(parts: KeyCommandParts): Command {
  return defineCommand({
    name: "keys create",
    summary: "Make an API key: shown once, to you alone",
    examples: ["keys create"],
    role: "admin",
    visibility: "caller",
    options: [keyName, scopes, expires],
    form: { title: "New API key", submitLabel: "Make it", fields: ["name", "scopes", "expires"] },
    formOnly: true,
    prefill: formInKeyChannel("keys create"),
    async run(call) {
      const acting = await inKeyChannel(call, "keys create");
      const { name, scopes, expires } = call.options;
      if ((await findKey(acting.scope, name)) !== undefined)
        throw new UserError(
          `There is a key ${name} already. Choose another name, or get a new one in its place with: keys rotate ${name}`,
        );
      if ((await countKeys(acting.scope)) >= MOST_KEYS)
        throw new UserError(`There are ${MOST_KEYS} keys already. Revoke some that nobody uses first.`);
      const life = expires ?? DEFAULT_LIFE_MS;
      const request = {
        ...{ name, scopes },
        ...(life !== "never" && { expiresAtMs: parts.now() + life }),
      };
      return secretReply(acting, await issueKey(acting, request, parts.hashing), parts);
    },
  });
}
