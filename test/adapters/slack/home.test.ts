import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { types } from "@slack/bolt";
import { button, type Card } from "../../../src/chat/card.ts";
import type { Reply } from "../../../src/chat/platform.ts";
import { quiet } from "../../contract/chatHarness.ts";
import { eventually } from "../../support/eventually.ts";
import { createScriptedCore, type ScriptedCore } from "../../support/scriptedCore.ts";
import { readBlocks } from "../../support/slack/shown.ts";
import { ACME, ANNA } from "../../support/slack/world.ts";
import { type OpenSlack, openSocketSlack } from "./harness.ts";

const card = (title: string, own: Partial<Card> = {}): Card => ({ title, tone: "good", body: [], ...own });

describe("Slack's Home tab", () => {
  let core: ScriptedCore;
  let on: OpenSlack;
  let visits = 0;
  let onPress: Reply;
  beforeEach(async () => {
    core = createScriptedCore();
    visits = 0;
    onPress = { kind: "silence" };
    const go = button("Go", { name: "test.go", subject: "7" });
    const form = button("Save as filter", { name: "test.form", subject: "" });
    const table: Card["body"][number] = { kind: "table", columns: ["a", "b"], rows: [["1", "2"]] };
    core.answerWith(async (inbound) => {
      if (inbound.kind !== "home") return onPress;
      visits++;
      const home = card(`Home ${visits}`, { actions: [go, form], body: [table] });
      return { kind: "message", visibility: "caller", card: home };
    });
    on = await openSocketSlack(core);
  });
  afterEach(async () => {
    const { complaints } = on.server;
    await on.close();
    expect(complaints).toEqual([]);
  });

  const home = () =>
    readBlocks((on.server.world.homes.get(ANNA.id)?.blocks ?? []) as types.KnownBlock[]).text;
  const homeShows = (text: string) => eventually(async () => (home().includes(text) ? true : undefined));
  const opened = async () => {
    await on.anna.openHome();
    await homeShows("Home 1");
  };
  const bots = () => on.server.world.messages.filter(({ by }) => by === "bot");

  test("shows who looks at it the core's own page", async () => {
    await opened();
    expect(core.inbounds[0]).toMatchObject({
      kind: "home",
      place: { platform: "slack", workspace: ACME.id, channel: "" },
      person: { id: ANNA.id, name: "anna", platformAdmin: true, zone: "Europe/Berlin" },
    });
    expect(bots()).toEqual([]);
  });

  test("is shown although Slack fails at first", async () => {
    on.server.faults.next("views.publish", { kind: "status", status: 503 }, { kind: "dropped" });
    await opened();
    expect(visits).toBe(1);
  });

  test("is not made for the tab of messages beside it", async () => {
    await on.anna.event({ type: "app_home_opened", user: ANNA.id, channel: "D1", tab: "messages" });
    await quiet();
    expect(core.inbounds).toEqual([]);
  });

  test("takes presses, answers them in the person's own messages, and is made anew", async () => {
    await opened();
    onPress = { kind: "message", visibility: "channel", card: card("Done it") };
    await on.anna.pressAtHome("Go");
    await homeShows("Home 2");
    expect(core.inbounds[1]).toMatchObject({
      kind: "press",
      action: { name: "test.go", subject: "7" },
      place: { channel: "" },
    });
    const direct = on.server.world.channels.find((channel) => channel.of === ANNA.id);
    expect(bots().map(({ channel, text }) => [channel, text.includes("Done it")])).toEqual([
      [direct?.id, true],
    ]);
  });

  test("answers the same where only the caller is to see it", async () => {
    await opened();
    onPress = { kind: "message", visibility: "caller", card: card("For you") };
    await on.anna.pressAtHome("Go");
    await homeShows("Home 2");
    expect(bots()).toHaveLength(1);
  });

  test("shows the card that a press replaces it with", async () => {
    await opened();
    onPress = { kind: "replace", card: card("Settings") };
    await on.anna.pressAtHome("Go");
    await homeShows("Settings");
    expect(bots()).toEqual([]);
  });

  test("opens a form from a button, whose answer comes as a direct message, and is made anew", async () => {
    await opened();
    await on.anna.pressAtHome("Save as filter");
    const form = await eventually(async () => on.server.world.views.at(-1));
    onPress = { kind: "message", visibility: "channel", card: card("Saved") };
    await on.anna.submit(form, { name: "slow" });
    await eventually(async () => bots()[0]);
    expect(bots()[0]?.channel).toMatch(/^D/);
    await homeShows("Home 2");
  });

  test("shows the card that replaces it after a form", async () => {
    await opened();
    await on.anna.pressAtHome("Save as filter");
    const form = await eventually(async () => on.server.world.views.at(-1));
    onPress = { kind: "replace", card: card("Settings") };
    await on.anna.submit(form, { name: "slow" });
    await homeShows("Settings");
    expect(bots()).toEqual([]);
  });
});
