import type { Card, Inline, Text } from "../../chat/card.ts";
import type { ApiKey } from "../../keys/keyRow.ts";
import { listKeys } from "../../keys/store.ts";
import { UNUSED_MS } from "../../keys/unused.ts";
import { type Command, defineCommand, message } from "../command.ts";
import { inKeyChannel } from "./keyChannel.ts";

export function listKeysCommand({ now }: { now: () => number }): Command {
  return defineCommand({
    name: "keys list",
    summary: "API keys: what each may do, when it ends and when it was last used",
    examples: ["keys list"],
    role: "admin",
    visibility: "caller",
    options: [],
    async run(call) {
      const { scope } = await inKeyChannel(call, "keys list");
      const nowMs = now();
      return message(listCard(await listKeys(scope, nowMs), nowMs), "caller");
    },
  });
}

function listCard(keys: readonly ApiKey[], nowMs: number): Card {
  if (keys.length === 0)
    return {
      title: "No API keys",
      tone: "neutral",
      body: [{ kind: "text", text: ["Make one with ", { code: "keys create" }, "."] }],
    };
  return {
    title: `${keys.length} API ${keys.length === 1 ? "key" : "keys"}`,
    tone: "neutral",
    body: [
      {
        kind: "items",
        items: keys.map((key) => ({
          heading: [{ strong: key.name }, "  ", { code: `…${key.lastFour}` }, ...stateOf(key, nowMs)],
          detail: [
            `${key.scopes.join(", ")}. Ends `,
            ...(key.expiresAtMs === undefined ? ["never"] : [at(key.expiresAtMs)]),
            ", ",
            ...usedOf(key, nowMs),
            ".",
          ],
        })),
      },
    ],
    footnote: "A key itself is shown once, when it is made: what is kept cannot be turned back into it.",
  };
}

function stateOf({ expiresAtMs, replacedAtMs }: ApiKey, nowMs: number): Inline[] {
  if (expiresAtMs !== undefined && expiresAtMs <= nowMs) return ["  has ended"];
  return replacedAtMs === undefined ? [] : ["  rotated, works a while yet"];
}

function usedOf({ lastUsedAtMs, createdAtMs }: ApiKey, nowMs: number): Exclude<Text, string> {
  if (lastUsedAtMs !== undefined) {
    const unused = nowMs - lastUsedAtMs > UNUSED_MS ? " (90 days ago or more: still needed?)" : "";
    return ["last used ", { atMs: lastUsedAtMs, show: "relative" }, unused];
  }
  return [nowMs - createdAtMs > UNUSED_MS ? "never used: still needed?" : "not used yet"];
}

function at(atMs: number): Inline {
  return { atMs, show: "date and time" };
}
