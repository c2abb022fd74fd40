import { UserError } from "../../errors.ts";
import { issueKey } from "../../keys/issue.ts";
import { renewalOf } from "../../keys/request.ts";
import { findKey } from "../../keys/store.ts";
import { type Command, defineCommand } from "../command.ts";
import type { KeyCommandParts } from "./create.ts";
import { formInKeyChannel, inKeyChannel } from "./keyChannel.ts";
import { DEFAULT_GRACE_MS, grace, keyName } from "./options.ts";
import { secretReply } from "./secretReply.ts";

export function rotateKeyCommand(parts: KeyCommandParts): Command {
  return defineCommand({
    name: "keys rotate",
    summary: "Get a new API key in the place of one, which still works for a while",
    examples: ["keys rotate ci-deploys", "keys rotate ci-deploys grace:7d"],
    role: "admin",
    visibility: "caller",
    options: [keyName, grace],
    form: { title: "Rotate an API key", submitLabel: "Rotate it", fields: ["name", "grace"] },
    prefill: formInKeyChannel("keys rotate"),
    async run(call) {
      const acting = await inKeyChannel(call, "keys rotate");
      const { name, grace } = call.options;
      const key = await findKey(acting.scope, name);
      if (key === undefined) throw new UserError(`There is no key ${name}. See them with: keys list`);
      const nowMs = parts.now();
      // It may have less time left, or none.
      const leftMs = Math.max(0, (key.expiresAtMs ?? Number.POSITIVE_INFINITY) - nowMs);
      const graceMs = Math.min(grace ?? DEFAULT_GRACE_MS, leftMs);
      const issued = await issueKey(acting, renewalOf(key, nowMs), parts.hashing, graceMs);
      return secretReply(acting, issued, parts);
    },
  });
}
