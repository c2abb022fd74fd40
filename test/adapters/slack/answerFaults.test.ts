import { describe, expect, test } from "@jest/globals";
import { createResponseUrl } from "../../../adapters/slack/responseUrl.ts";
import { button } from "../../../src/chat/card.ts";
import type { Reply } from "../../../src/chat/platform.ts";
import { eventually } from "../../support/eventually.ts";
import type { Fault } from "../../support/slack/faults.ts";
import { createPerson, overSocket } from "../../support/slack/person.ts";
import { ACME, ANNA, BEN, ELSEWHERE, LOGS, type StoredMessage } from "../../support/slack/world.ts";
import { card, giveSlack, place, some, toAll, toCaller } from "./faulty.ts";

describe("an answer on Slack when something fails", () => {
  const { given, bots, holding, called } = giveSlack();

  const FAULTS: Record<string, Fault> = {
    "429 with Retry-After": { kind: "rate limited", retryAfterSeconds: 7 },
    "429 without it": { kind: "rate limited", retryAfterSeconds: undefined },
    "HTTP 503": { kind: "status", status: 503 },
    "HTTP 408": { kind: "status", status: 408 },
    fatal_error: { kind: "error", code: "fatal_error" },
    "no answer at all": { kind: "hang" },
    "a lost connection": { kind: "dropped" },
    "a lost answer to what was done": { kind: "answer lost" },
  };
  for (const [what, fault] of Object.entries(FAULTS)) {
    test(`comes once in spite of ${what}, twice in a row`, async () => {
      if (fault.kind === "hang") await given.waitFor(1_000);
      given.on.server.faults.next("chat.postMessage", fault, fault);
      given.core.answer(toAll("the answer"));
      await given.on.anna.command("status");
      await eventually(async () => (given.acts.ended.length > 0 ? true : undefined));
      expect(holding("the answer")).toHaveLength(1);
    });
  }

  test("waits as long as Slack asks", async () => {
    given.on.server.faults.next("chat.postMessage", { kind: "rate limited", retryAfterSeconds: 42 });
    given.core.answer(toAll("patient"));
    await given.on.anna.command("status");
    await eventually(async () => some(holding("patient")));
    expect(given.clock.waits).toContain(42_000);
  });

  test("is given up after minutes, not tried for ever", async () => {
    given.on.server.faults.always("chat.postMessage", { kind: "status", status: 500 });
    given.core.answer(toAll("never"));
    await given.on.anna.command("status");
    await eventually(async () => (given.acts.ended.length > 0 ? true : undefined));
    expect(called("chat.postMessage")).toBeLessThan(25);
    given.on.server.faults.always("chat.postMessage", undefined);
    given.core.answer(toAll("the next"));
    await given.on.anna.command("status");
    await eventually(async () => some(holding("the next")));
  });

  test.each(["invalid_auth", "token_revoked"])(
    "that is owed reaches who asked in private where the token is dead: %s",
    async (code) => {
      given.core.answer(toAll("working"));
      await given.on.anna.command("status");
      await eventually(async () => some(holding("working")));
      for (const method of ["chat.postMessage", "chat.update", "chat.postEphemeral"])
        given.on.server.faults.always(method, { kind: "error", code });
      const owed = await given.on.slack.edit(
        { place, id: holding("working")[0]?.ts ?? "" },
        card("the cause"),
      );
      expect(owed).toMatchObject({ outcome: "refused", reason: "not installed" });
      const tell = (deliveryId: string, person: string = ANNA.id) =>
        given.on.slack.tell(ACME.id, person, card("the cause"), { deliveryId });
      expect(await tell("owed-asked")).toMatchObject({ outcome: "sent" });
      expect(holding("the cause")).toEqual([expect.objectContaining({ onlyFor: ANNA.id })]);
      expect(await tell("owed-mend", BEN.id)).toMatchObject({ outcome: "refused" });
      given.on.server.responseUrls.expire();
      expect(await tell("owed-later")).toMatchObject({ outcome: "refused", reason: "not installed" });
    },
  );

  test("for the caller comes through the channel where the response_url has expired", async () => {
    given.core.answerWith(async () => {
      given.on.server.responseUrls.expire();
      return toCaller("for you");
    });
    await given.on.anna.command("status");
    const [message] = await eventually(async () => some(holding("for you")));
    expect(message).toMatchObject({ channel: LOGS.id, onlyFor: ANNA.id });
    expect(called("chat.postEphemeral")).toBe(1);
  });

  const DEAD: Record<string, Fault> = {
    "answers with HTTP 500": { kind: "status", status: 500 },
    "asks to wait for a minute": { kind: "rate limited", retryAfterSeconds: 60 },
    "breaks its connection": { kind: "dropped" },
  };
  for (const [what, fault] of Object.entries(DEAD)) {
    test(`for the caller is not held up by a response_url that ${what}`, async () => {
      given.on.server.faults.always("response_url", fault);
      given.core.answer(toCaller("for you"));
      await given.on.anna.command("status");
      const [message] = await eventually(async () => some(holding("for you")));
      expect(message).toMatchObject({ channel: LOGS.id, onlyFor: ANNA.id });
      expect(given.clock.waits.reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(1_000);
    });
  }

  test("to a press comes all the same where the response_url that would replace the message is dead", async () => {
    given.core.answer({
      kind: "message",
      visibility: "caller",
      card: { ...card("press me"), actions: [button("Go", { name: "test.go", subject: "1" })] },
    });
    await given.on.anna.command("secret");
    const [message] = await eventually(async () => some(holding("press me")));
    given.on.server.faults.always("response_url", { kind: "status", status: 500 });
    given.core.answer({ kind: "replace", card: card("was pressed") });
    await given.on.anna.press(message as StoredMessage, "Go");
    const [answer] = await eventually(async () => some(holding("was pressed")));
    expect(answer).toMatchObject({ channel: LOGS.id, onlyFor: ANNA.id });
  });

  test("uses no response_url more than five times", async () => {
    const { server } = given.on;
    const url = createResponseUrl(
      server.responseUrls.make({ channel: LOGS.id, user: ANNA.id }),
      given.clock.now,
      () => true,
    );
    const send = () => url.send({ text: "x", blocks: [] }, "new");
    for (let at = 0; at < 5; at++) expect((await send()).ok).toBe(true);
    server.faults.always("response_url", { kind: "status", status: 500 });
    expect(await send()).toMatchObject({ ok: false, outcome: "refused" });
    server.faults.always("response_url", undefined);
    const old = createResponseUrl(
      server.responseUrls.make({ channel: LOGS.id, user: ANNA.id }),
      given.clock.now,
      () => true,
    );
    given.clock.goOn(31 * 60_000);
    expect(await old.send({ text: "x", blocks: [] }, "new")).toMatchObject({ ok: false });
    expect(bots()).toHaveLength(5);
  });

  test("for the caller comes as a direct message where nothing else is left", async () => {
    given.core.answerWith(async () => {
      given.on.server.responseUrls.expire();
      return toCaller("for you");
    });
    const anna = createPerson(given.on.server, overSocket(given.on.server), { channel: ELSEWHERE.id });
    await anna.command("status");
    const [message] = await eventually(async () => some(holding("for you")));
    const direct = given.on.server.world.channels.find((channel) => channel.of === ANNA.id);
    expect(message?.channel).toBe(direct?.id);
  });

  test("for a channel that the bot is not in comes as a direct message that says how to invite it", async () => {
    let shownAt: string | undefined;
    given.core.answer({
      ...toAll("the answer"),
      shown: async ({ place: at }: { place: { channel: string } }) => {
        shownAt = at.channel;
      },
    } as Reply);
    const anna = createPerson(given.on.server, overSocket(given.on.server), { channel: ELSEWHERE.id });
    await anna.command("status");
    const [message] = await eventually(async () => some(holding("the answer")));
    const direct = given.on.server.world.channels.find((channel) => channel.of === ANNA.id);
    expect(message?.channel).toBe(direct?.id);
    expect(JSON.stringify(message?.blocks)).toContain("/invite @LogHunter");
    const [note] = await eventually(async () => some(bots().filter(({ onlyFor }) => onlyFor === ANNA.id)));
    expect(note).toMatchObject({ channel: ELSEWHERE.id });
    await eventually(async () => shownAt);
    expect(shownAt).toBe(direct?.id);
  });

  const NOT_IN: Record<string, [string, (text: string) => void]> = {
    "a conversation of two, into which nobody can be invited": [
      "D0BETWEEN",
      (text) => expect(text).not.toContain("/invite"),
    ],
    "a conversation that it cannot see, and that may be a channel": [
      "G0BETWEEN",
      (text) => expect(text).toContain("If it is a channel, invite me with /invite"),
    ],
  };
  for (const [what, [channel, check]] of Object.entries(NOT_IN)) {
    test(`for ${what}, comes as a direct message that says only what can be done`, async () => {
      given.core.answer(toAll("the answer"));
      await createPerson(given.on.server, overSocket(given.on.server), { channel }).command("status");
      const [message] = await eventually(async () => some(holding("the answer")));
      const [note] = await eventually(async () => some(bots().filter(({ onlyFor }) => onlyFor === ANNA.id)));
      for (const one of [message, note]) check(JSON.stringify(one?.blocks));
    });
  }

  test("that is edited later is a message that can be, also where only the caller may see it", async () => {
    let shown: { place: typeof place; id: string } | undefined;
    given.core.answer({
      ...toCaller("in progress"),
      shown: async (message: NonNullable<typeof shown>) => {
        shown = message;
      },
    } as Reply);
    await given.on.anna.command("secret");
    const message = await eventually(async () => shown);
    expect((await given.on.slack.edit(message, card("finished"))).outcome).toBe("sent");
    expect(holding("finished")).toHaveLength(1);
  });

  test("to a press on what only its reader sees replaces that", async () => {
    given.core.answer({
      kind: "message",
      visibility: "caller",
      card: { ...card("press me"), actions: [button("Go", { name: "test.go", subject: "1" })] },
    });
    await given.on.anna.command("secret");
    const [message] = await eventually(async () => some(holding("press me")));
    given.core.answer({ kind: "replace", card: card("was pressed") });
    await given.on.anna.press(message as StoredMessage, "Go");
    await eventually(async () => some(holding("was pressed")));
    expect(holding("press me")).toEqual([]);
    expect(bots()).toHaveLength(1);
  });

  test("an answer that cannot be delivered harms no other", async () => {
    given.on.server.faults.always("chat.postMessage", { kind: "status", status: 500 });
    given.core.answer(toAll("stuck"));
    await given.on.anna.command("status");
    given.core.answer(toCaller("quick"));
    const ben = createPerson(given.on.server, overSocket(given.on.server), { user: BEN });
    await ben.command("status");
    await eventually(async () => some(holding("quick")));
    given.on.server.faults.always("chat.postMessage", undefined);
  });
});
