import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { SCOPES } from "../../../adapters/slack/scopes.ts";

const manifest = readFileSync(new URL("../../../adapters/slack/manifest.yml", import.meta.url), "utf8");
const docs = readFileSync(new URL("../../../docs/slack.md", import.meta.url), "utf8");

/** The items of a list under a key, with or without those that are commented out. */
function listed(key: string): string[] {
  const [, list = ""] = new RegExp(`^ *${key}:\\n((?: *- .*\\n)+)`, "m").exec(manifest) ?? [];
  return [...list.matchAll(/- (\S+)/g)].map(([, item = ""]) => item);
}

describe("the manifest of the Slack app", () => {
  test("asks for the scopes that are used, and docs/slack.md tells of each", () => {
    const scopes = SCOPES.map(({ scope }) => scope);
    expect(listed("bot")).toEqual(scopes);
    const table = docs.slice(docs.indexOf("| scope |"), docs.indexOf("## What is kept"));
    for (const scope of scopes) expect(table).toContain(`| \`${scope}\` |`);
  });

  test("subscribes to the events that are heard", () => {
    expect(listed("bot_events")).toEqual([
      "app_home_opened",
      "app_mention",
      "app_uninstalled",
      "message.channels",
      "message.groups",
      "message.im",
      "tokens_revoked",
    ]);
  });

  test("has the command and the shortcut that are answered", () => {
    expect(manifest).toContain("command: /loghunter");
    expect(manifest).toContain("callback_id: explain_log");
  });
});
