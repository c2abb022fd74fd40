import { describe, expect, test } from "@jest/globals";
import { answerIdOf } from "../../../src/chat/platform.ts";
import { quiet } from "../../contract/chatHarness.ts";
import { eventually, until } from "../../support/eventually.ts";
import { createScriptedCore } from "../../support/scriptedCore.ts";
import { overSocket } from "../../support/slack/person.ts";
import { ACME, ANNA, LOGS } from "../../support/slack/world.ts";
import { createClock } from "./clock.ts";
import { card, giveSlack, place, some, toAll } from "./faulty.ts";
import { openSocketSlack } from "./harness.ts";

describe("an act on Slack when something fails", () => {
  const { given, holding, called } = giveSlack();

  test("that Slack delivers again at once and later is done once", async () => {
    given.core.answer(toAll("once"));
    const delivered = await given.on.anna.mention("status");
    await delivered.again();
    await eventually(async () => some(holding("once")));
    given.clock.goOn(5 * 60_000);
    await delivered.again();
    await quiet();
    expect(given.core.inbounds).toHaveLength(1);
    expect(holding("once")).toHaveLength(1);
  });

  test("whose first delivery did not arrive is done at its repetition", async () => {
    given.core.answer(toAll("at the second"));
    const payload = { type: "event_callback", event_id: "Ev0LOST001", team_id: ACME.id };
    const event = {
      type: "app_mention",
      user: ANNA.id,
      team: ACME.id,
      channel: LOGS.id,
      ts: "1764000001.000200",
      text: "<@U0BOT0001> status",
    };
    await overSocket(given.on.server)("event", { ...payload, event }, 2);
    await eventually(async () => some(holding("at the second")));
    // The first may have been answered after all.
    expect(called("conversations.history")).toBe(1);
  });

  test("that was delivered before, and whose answer stands, is answered no second time", async () => {
    const id = "Ev0TWICE01";
    await given.on.slack.post(place, card("stands"), { deliveryId: answerIdOf(id) });
    given.core.answer(toAll("stands"));
    const event = {
      type: "app_mention",
      user: ANNA.id,
      team: ACME.id,
      channel: LOGS.id,
      ts: "1764000001.000300",
      text: "<@U0BOT0001> status",
    };
    await overSocket(given.on.server)(
      "event",
      { type: "event_callback", event_id: id, team_id: ACME.id, event },
      1,
    );
    await eventually(async () => (given.acts.ended.length > 0 ? true : undefined));
    expect(holding("stands")).toHaveLength(1);
  });

  test("that another process has in hand is left to it", async () => {
    given.acts.begin = async () => false;
    await given.on.anna.command("status");
    await quiet();
    expect(given.core.inbounds).toEqual([]);
  });

  test("is done although it cannot be noted, once in this process", async () => {
    given.acts.begin = async () => {
      throw new Error("no database");
    };
    given.acts.end = given.acts.begin as never;
    given.core.answer(toAll("noted nowhere"));
    const delivered = await given.on.anna.command("status");
    await eventually(async () => some(holding("noted nowhere")));
    await delivered.again();
    await quiet();
    expect(holding("noted nowhere")).toHaveLength(1);
  });

  test("in hand when Slack renews the connection is answered, and the next one is heard", async () => {
    let release = () => {};
    given.core.answerWith(async () => {
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      return toAll("in spite of it");
    });
    await given.on.anna.command("status");
    await eventually(async () => given.core.inbounds[0]);
    const before = given.on.server.socket.opened();
    given.on.server.socket.refresh("refresh_requested");
    await eventually(async () => (given.on.server.socket.opened() > before ? true : undefined));
    release();
    await eventually(async () => some(holding("in spite of it")));
    given.core.answer(toAll("the next"));
    await until(async () => (await given.on.slack.health(ACME.id)).ok);
    await given.on.anna.command("status");
    await eventually(async () => some(holding("the next")));
    expect(holding("in spite of it")).toHaveLength(1);
  });

  test("whose acknowledgement Slack did not hear is done once", async () => {
    given.core.answer(toAll("late"));
    const payload = {
      command: "/loghunter",
      text: "status",
      team_id: ACME.id,
      channel_id: LOGS.id,
      user_id: ANNA.id,
      trigger_id: "late-trigger",
    };
    given.on.server.socket.deliverUnheard({ type: "slash_commands", payload });
    await eventually(async () => given.core.inbounds[0]);
    await given.on.server.socket.deliver({ type: "slash_commands", payload });
    await eventually(async () => some(holding("late")));
    await quiet();
    expect(holding("late")).toHaveLength(1);
  });
});

describe("Slack's connection", () => {
  test("is opened again when it breaks, also when that fails at first, and nothing ends the process", async () => {
    const core = createScriptedCore();
    const clock = createClock();
    const on = await openSocketSlack(core, { pause: clock.pause, now: clock.now });
    on.server.faults.next(
      "apps.connections.open",
      { kind: "status", status: 500 },
      { kind: "dropped" },
      { kind: "error", code: "invalid_auth" },
      { kind: "rate limited", retryAfterSeconds: 3 },
    );
    on.server.socket.drop();
    await eventually(async () => (on.server.socket.opened() === 2 ? true : undefined));
    await until(async () => (await on.slack.health(ACME.id)).ok);
    // At once, then later and later, and as late as Slack asks.
    expect(clock.waits).toEqual([1_000, 2_000, 4_000, 3_000, 8_000]);
    core.answer(toAll("back again"));
    await on.anna.command("status");
    await eventually(async () => core.inbounds[0]);
    await on.close();
  });

  test("that is not there is told by health, with what to check", async () => {
    const on = await openSocketSlack(createScriptedCore());
    on.server.faults.always("apps.connections.open", { kind: "dropped" });
    on.server.socket.drop();
    const health = await eventually(async () => {
      const now = await on.slack.health(ACME.id);
      return now.ok || now.summary.includes("opened again") ? undefined : now;
    });
    expect(health.summary).toContain("slack.com");
    await on.close();
  });
});
