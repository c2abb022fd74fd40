import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { createScriptedCore } from "../../support/scriptedCore.ts";
import { ACME, ELSEWHERE, LOGS } from "../../support/slack/world.ts";
import { type OpenSlack, openSocketSlack } from "./harness.ts";

let on: OpenSlack;
beforeEach(async () => {
  on = await openSocketSlack(createScriptedCore());
});
afterEach(async () => {
  expect([on.server.complaints, on.server.world.messages, on.server.world.planned.size]).toEqual([[], [], 0]);
  await on.close();
});

const reach = (channel: string, workspace = ACME.id, signal = new AbortController().signal) =>
  on.slack.reach({ platform: "slack", workspace, channel }, signal);

test("a channel is open where a planned message is taken, and it is taken back, also at the second attempt", async () => {
  on.server.faults.next("chat.deleteScheduledMessage", { kind: "error", code: "internal_error" });
  expect(await reach(LOGS.id)).toEqual({ outcome: "open" });
  expect(on.server.calls.filter(({ method }) => method === "chat.deleteScheduledMessage")).toHaveLength(2);
});

test("a channel takes none where the bot is not, where it is archived, and without the scope", async () => {
  expect(await reach(ELSEWHERE.id)).toMatchObject({ outcome: "refused", reason: "not in channel" });
  const channel = on.server.world.channels.find(({ id }) => id === LOGS.id);
  if (channel !== undefined) channel.isArchived = true;
  expect(await reach(LOGS.id)).toMatchObject({ outcome: "refused", reason: "channel archived" });
  const [team] = on.server.world.teams;
  if (team !== undefined) team.scopes = team.scopes.filter((scope) => scope !== "chat:write");
  expect(await reach(LOGS.id)).toMatchObject({ outcome: "refused", reason: "not permitted" });
});

test("what Slack does not say is not known, and neither is what nobody waits for", async () => {
  on.server.faults.next("chat.scheduleMessage", { kind: "rate limited", retryAfterSeconds: 9 });
  expect(await reach(LOGS.id)).toEqual({ outcome: "not told", why: "Slack asks to wait" });
  expect(await reach(LOGS.id, "T0OTHER01")).toMatchObject({ outcome: "not told" });
  expect(await reach(LOGS.id, ACME.id, AbortSignal.abort())).toMatchObject({ outcome: "not told" });
});
