import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { createResponseUrl } from "../../../adapters/slack/responseUrl.ts";
import { button, type Card } from "../../../src/chat/card.ts";
import { answerIdOf, type Delivery, type Reply } from "../../../src/chat/platform.ts";
import type { Log } from "../../../src/log.ts";
import { eventually, quiet, sentOf } from "../../contract/chatHarness.ts";
import { createMemoryActs } from "../../support/memoryActs.ts";
import { createScriptedCore, type ScriptedCore } from "../../support/scriptedCore.ts";
import type { Fault } from "../../support/slack/faults.ts";
import { createPerson, overSocket } from "../../support/slack/person.ts";
import { ACME, ANNA, BEN, ELSEWHERE, LOGS, type StoredMessage } from "../../support/slack/world.ts";
import { createClock } from "./clock.ts";
import { type OpenSlack, openSocketSlack } from "./harness.ts";

const card = (text: string): Card => ({ title: "A card", tone: "neutral", body: [{ kind: "text", text }] });
const toAll = (text: string): Reply => ({ kind: "message", visibility: "channel", card: card(text) });
const toCaller = (text: string): Reply => ({ kind: "message", visibility: "caller", card: card(text) });
const CHART: Card = {
  ...card("charted"),
  body: [
    {
      kind: "chart",
      alt: "It rose",
      chart: { title: "t", unit: "lines / min", fromMs: 0, stepMs: 60_000, values: [1, 2] },
    },
  ],
};

describe("Slack when something fails", () => {
  let core: ScriptedCore;
  let clock: ReturnType<typeof createClock>;
  let acts: ReturnType<typeof createMemoryActs>;
  let on: OpenSlack;
  beforeEach(async () => {
    core = createScriptedCore();
    clock = createClock();
    acts = createMemoryActs();
    on = await openSocketSlack(core, { pause: clock.pause, now: clock.now, acts, callTimeoutMs: 300 });
  });
  afterEach(async () => {
    const { complaints } = on.server;
    await on.close();
    expect(complaints).toEqual([]);
  });

  const place = { platform: "slack", workspace: ACME.id, channel: LOGS.id };
  const bots = () => on.server.world.messages.filter(({ by }) => by === "bot");
  const holding = (text: string) => bots().filter((message) => JSON.stringify(message.blocks).includes(text));
  const called = (method: string) => on.server.calls.filter((call) => call.method === method).length;
  const some = (list: StoredMessage[]) => (list.length > 0 ? list : undefined);
  const post = (deliveryId: string, maybeSent = false): Promise<Delivery> =>
    on.slack.post(place, card(deliveryId), { deliveryId, maybeSent });

  describe("an answer", () => {
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
        on.server.faults.next("chat.postMessage", fault, fault);
        core.answer(toAll("the answer"));
        await on.anna.command("status");
        await eventually(async () => (acts.ended.length > 0 ? true : undefined));
        expect(holding("the answer")).toHaveLength(1);
      });
    }

    test("waits as long as Slack asks", async () => {
      on.server.faults.next("chat.postMessage", { kind: "rate limited", retryAfterSeconds: 42 });
      core.answer(toAll("patient"));
      await on.anna.command("status");
      await eventually(async () => some(holding("patient")));
      expect(clock.waits).toContain(42_000);
    });

    test("is given up after minutes, not tried for ever", async () => {
      on.server.faults.always("chat.postMessage", { kind: "status", status: 500 });
      core.answer(toAll("never"));
      await on.anna.command("status");
      await eventually(async () => (acts.ended.length > 0 ? true : undefined));
      expect(called("chat.postMessage")).toBeLessThan(25);
      on.server.faults.always("chat.postMessage", undefined);
      core.answer(toAll("the next"));
      await on.anna.command("status");
      await eventually(async () => some(holding("the next")));
    });

    test("for the caller comes through the channel where the response_url has expired", async () => {
      core.answerWith(async () => {
        on.server.responseUrls.expire();
        return toCaller("for you");
      });
      await on.anna.command("status");
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
        on.server.faults.always("response_url", fault);
        core.answer(toCaller("for you"));
        await on.anna.command("status");
        const [message] = await eventually(async () => some(holding("for you")));
        expect(message).toMatchObject({ channel: LOGS.id, onlyFor: ANNA.id });
        expect(clock.waits.reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(1_000);
      });
    }

    test("to a press comes all the same where the response_url that would replace the message is dead", async () => {
      core.answer({
        kind: "message",
        visibility: "caller",
        card: { ...card("press me"), actions: [button("Go", { name: "test.go", subject: "1" })] },
      });
      await on.anna.command("secret");
      const [message] = await eventually(async () => some(holding("press me")));
      on.server.faults.always("response_url", { kind: "status", status: 500 });
      core.answer({ kind: "replace", card: card("was pressed") });
      await on.anna.press(message as StoredMessage, "Go");
      const [answer] = await eventually(async () => some(holding("was pressed")));
      expect(answer).toMatchObject({ channel: LOGS.id, onlyFor: ANNA.id });
    });

    test("uses no response_url more than five times", async () => {
      const { server } = on;
      const url = createResponseUrl(server.responseUrls.make({ channel: LOGS.id, user: ANNA.id }), clock.now);
      const send = () => url.send({ text: "x", blocks: [] }, "new");
      for (let at = 0; at < 5; at++) expect((await send()).ok).toBe(true);
      server.faults.always("response_url", { kind: "status", status: 500 });
      expect(await send()).toMatchObject({ ok: false, outcome: "refused" });
      server.faults.always("response_url", undefined);
      const old = createResponseUrl(server.responseUrls.make({ channel: LOGS.id, user: ANNA.id }), clock.now);
      clock.goOn(31 * 60_000);
      expect(await old.send({ text: "x", blocks: [] }, "new")).toMatchObject({ ok: false });
      expect(bots()).toHaveLength(5);
    });

    test("for the caller comes as a direct message where nothing else is left", async () => {
      core.answerWith(async () => {
        on.server.responseUrls.expire();
        return toCaller("for you");
      });
      const anna = createPerson(on.server, overSocket(on.server), { channel: ELSEWHERE.id });
      await anna.command("status");
      const [message] = await eventually(async () => some(holding("for you")));
      const direct = on.server.world.channels.find((channel) => channel.of === ANNA.id);
      expect(message?.channel).toBe(direct?.id);
    });

    test("for a channel that the bot is not in comes as a direct message that says how to invite it", async () => {
      let shownAt: string | undefined;
      core.answer({
        ...toAll("the answer"),
        shown: async ({ place: at }: { place: { channel: string } }) => {
          shownAt = at.channel;
        },
      } as Reply);
      const anna = createPerson(on.server, overSocket(on.server), { channel: ELSEWHERE.id });
      await anna.command("status");
      const [message] = await eventually(async () => some(holding("the answer")));
      const direct = on.server.world.channels.find((channel) => channel.of === ANNA.id);
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
        core.answer(toAll("the answer"));
        await createPerson(on.server, overSocket(on.server), { channel }).command("status");
        const [message] = await eventually(async () => some(holding("the answer")));
        const [note] = await eventually(async () =>
          some(bots().filter(({ onlyFor }) => onlyFor === ANNA.id)),
        );
        for (const one of [message, note]) check(JSON.stringify(one?.blocks));
      });
    }

    test("that is edited later is a message that can be, also where only the caller may see it", async () => {
      let shown: { place: typeof place; id: string } | undefined;
      core.answer({
        ...toCaller("in progress"),
        shown: async (message: NonNullable<typeof shown>) => {
          shown = message;
        },
      } as Reply);
      await on.anna.command("secret");
      const message = await eventually(async () => shown);
      expect((await on.slack.edit(message, card("finished"))).outcome).toBe("sent");
      expect(holding("finished")).toHaveLength(1);
    });

    test("to a press on what only its reader sees replaces that", async () => {
      core.answer({
        kind: "message",
        visibility: "caller",
        card: { ...card("press me"), actions: [button("Go", { name: "test.go", subject: "1" })] },
      });
      await on.anna.command("secret");
      const [message] = await eventually(async () => some(holding("press me")));
      core.answer({ kind: "replace", card: card("was pressed") });
      await on.anna.press(message as StoredMessage, "Go");
      await eventually(async () => some(holding("was pressed")));
      expect(holding("press me")).toEqual([]);
      expect(bots()).toHaveLength(1);
    });
  });

  describe("a post of the outbox", () => {
    test("is tried once, and told of as it was", async () => {
      const cases: [Fault, Partial<Delivery>][] = [
        [
          { kind: "rate limited", retryAfterSeconds: 9 },
          { outcome: "later", afterMs: 9_000 },
        ],
        [{ kind: "status", status: 502 }, { outcome: "unknown" }],
        [{ kind: "dropped" }, { outcome: "unknown" }],
        [{ kind: "hang" }, { outcome: "unknown" }],
        [{ kind: "error", code: "internal_error" }, { outcome: "unknown" }],
        [
          { kind: "error", code: "is_archived" },
          // The core says what mends it: no more than Slack's word for it.
          { outcome: "refused", reason: "channel archived", why: "Slack says is_archived" },
        ],
        [
          { kind: "error", code: "not_in_channel" },
          { outcome: "refused", reason: "not in channel", why: "Slack says not_in_channel" },
        ],
        [
          { kind: "error", code: "channel_not_found" },
          { outcome: "refused", reason: "channel gone", why: "Slack says channel_not_found" },
        ],
        [
          { kind: "error", code: "restricted_action_read_only_channel" },
          { outcome: "refused", reason: "not in channel" },
        ],
        [
          { kind: "error", code: "ekm_access_denied" },
          { outcome: "refused", reason: "not permitted" },
        ],
        [
          { kind: "error", code: "thread_not_found" },
          { outcome: "refused", reason: "message gone" },
        ],
        [{ kind: "answer", body: '{"ok":false}' }, { outcome: "unknown" }],
        [{ kind: "answer", body: '{"ok":false,"error":7}' }, { outcome: "unknown" }],
        [{ kind: "answer", body: "null" }, { outcome: "unknown" }],
        [{ kind: "answer", body: "[]" }, { outcome: "unknown" }],
        [{ kind: "answer", body: "<html>" }, { outcome: "unknown" }],
        [{ kind: "begun", end: "breaks off" }, { outcome: "unknown" }],
        [{ kind: "begun", end: "hangs" }, { outcome: "unknown" }],
        [{ kind: "error", code: "constructor" }, { outcome: "unknown" }],
        [{ kind: "error", code: "__proto__" }, { outcome: "unknown" }],
      ];
      for (const [fault, expected] of cases) {
        const before = called("chat.postMessage");
        on.server.faults.next("chat.postMessage", fault);
        expect(await post(`once ${JSON.stringify(fault)}`)).toMatchObject(expected);
        expect(called("chat.postMessage")).toBe(before + 1);
      }
    });

    test("whose answer was lost is found, and stands once", async () => {
      on.server.faults.next("chat.postMessage", { kind: "answer lost" });
      expect((await post("alert")).outcome).toBe("unknown");
      const again = sentOf(await post("alert", true));
      expect(holding("alert").map(({ ts }) => ts)).toEqual([again.id]);
    });

    test("that was lost before it was done is posted", async () => {
      on.server.faults.next("chat.postMessage", { kind: "dropped" });
      expect((await post("alert")).outcome).toBe("unknown");
      sentOf(await post("alert", true));
      expect(holding("alert")).toHaveLength(1);
    });

    test("is found behind hundreds of newer messages, and in a thread", async () => {
      const root = sentOf(await post("the root"));
      on.server.faults.next("chat.postMessage", { kind: "answer lost" }, { kind: "answer lost" });
      await post("in the channel");
      const thread = { ...place, thread: root.id };
      await on.slack.post(thread, card("in the thread"), { deliveryId: "threaded" });
      for (let at = 0; at < 450; at++) on.anna.say(`chatter ${at}`);
      for (let at = 0; at < 250; at++) on.anna.say(`reply ${at}`, root.id);
      sentOf(await post("in the channel", true));
      sentOf(await on.slack.post(thread, card("in the thread"), { deliveryId: "threaded", maybeSent: true }));
      expect(holding("in the channel")).toHaveLength(1);
      expect(holding("in the thread")).toHaveLength(1);
    });

    test("is not posted twice while nobody can look whether it stands", async () => {
      on.server.faults.next("chat.postMessage", { kind: "answer lost" });
      await post("alert");
      on.server.faults.next("conversations.history", { kind: "status", status: 503 });
      expect((await post("alert", true)).outcome).toBe("unknown");
      expect(holding("alert")).toHaveLength(1);
    });

    test("is posted again where the scope to look is missing: better twice than never", async () => {
      on.server.faults.next("conversations.history", {
        kind: "error",
        code: "missing_scope",
        extra: { needed: "channels:history" },
      });
      expect((await post("alert", true)).outcome).toBe("sent");
    });

    test("names the scope that is missing", async () => {
      on.server.faults.next("chat.postMessage", {
        kind: "error",
        code: "missing_scope",
        extra: { needed: "chat:write" },
      });
      const refused = await post("alert");
      expect(refused).toMatchObject({ outcome: "refused", reason: "not permitted" });
      expect(refused.outcome === "refused" && refused.why).toContain("chat:write");
    });

    test("with a token that was revoked is refused, and Slack is not asked again for a while", async () => {
      const [team] = on.server.world.teams;
      if (team !== undefined) team.isRevoked = true;
      for (let at = 0; at < 5; at++) {
        expect(await post(`alert ${at}`)).toMatchObject({ outcome: "refused", reason: "not installed" });
      }
      expect(called("chat.postMessage")).toBe(1);
      if (team !== undefined) team.isRevoked = false;
      clock.goOn(6 * 60_000);
      expect((await post("at last")).outcome).toBe("sent");
    });

    test("that is given up while it is sent is not sent afterwards", async () => {
      const giveUp = new AbortController();
      on.server.faults.next("files.getUploadURLExternal", { kind: "hang" });
      const posting = on.slack.post(place, CHART, { deliveryId: "late", signal: giveUp.signal });
      await eventually(async () => (called("files.getUploadURLExternal") > 0 ? true : undefined));
      giveUp.abort();
      expect((await posting).outcome).toBe("later");
      expect(bots()).toEqual([]);
    });

    test("whose edit is not answered is to be edited again, which does no harm", async () => {
      const message = sentOf(await post("before"));
      on.server.faults.next("chat.update", { kind: "answer lost" });
      expect((await on.slack.edit(message, card("after"))).outcome).toBe("later");
      expect((await on.slack.edit(message, card("after"))).outcome).toBe("sent");
    });
  });

  describe("a picture", () => {
    test("that Slack goes on processing is waited for", async () => {
      sentOf(await on.slack.post(place, CHART, { deliveryId: "charted" }));
      expect(JSON.stringify(bots()[0]?.blocks)).toContain("slack_file");
    });

    for (const method of ["files.getUploadURLExternal", "upload", "files.completeUploadExternal"]) {
      test(`is told in words where ${method} fails`, async () => {
        on.server.faults.always(method, { kind: "status", status: 500 });
        sentOf(await on.slack.post(place, CHART, { deliveryId: "charted" }));
        expect(holding("It rose")).toHaveLength(1);
        expect(JSON.stringify(bots()[0]?.blocks)).not.toContain("slack_file");
      });
    }

    test("that is not processed yet is nothing that a log of production tells of", async () => {
      const loud: string[] = [];
      const note = (data: unknown, message: unknown) => void loud.push(`${message} ${JSON.stringify(data)}`);
      const log = { debug() {}, info: note, warn: note, error: note } as unknown as Log;
      const other = await openSocketSlack(core, { pause: clock.pause, now: clock.now, log });
      loud.length = 0;
      sentOf(await other.slack.post(place, CHART, { deliveryId: "charted" }));
      expect(other.server.calls.filter(({ method }) => method === "chat.postMessage").length).toBeGreaterThan(
        1,
      );
      expect(loud).toEqual([]);
      await other.close();
    });

    test("is left out where Slack never takes it, and the card is shown", async () => {
      on.server.faults.next(
        "chat.postMessage",
        ...Array<Fault>(5).fill({ kind: "error", code: "invalid_blocks" }),
      );
      sentOf(await on.slack.post(place, CHART, { deliveryId: "charted" }));
      expect(holding("It rose")).toHaveLength(1);
      expect(clock.waits).toEqual([300, 700, 1_500, 3_000]);
    });

    test("is uploaded once, however often its card is edited", async () => {
      const message = sentOf(await on.slack.post(place, CHART, { deliveryId: "charted" }));
      for (const title of ["one", "two", "three"]) sentOf(await on.slack.edit(message, { ...CHART, title }));
      expect(called("files.completeUploadExternal")).toBe(1);
    });
  });

  test("a card that Slack finds wrong is sent as text, with its file", async () => {
    on.server.faults.next("chat.postMessage", { kind: "error", code: "msg_blocks_too_long" });
    sentOf(await on.slack.post(place, card("not lost"), { deliveryId: "odd" }));
    const [message] = bots();
    expect(message?.text).toContain("not lost");
    const files = [...on.server.world.files.values()];
    expect(files.map(({ name }) => name)).toEqual(["details.txt"]);
  });

  describe("an act", () => {
    test("that Slack delivers again at once and later is done once", async () => {
      core.answer(toAll("once"));
      const delivered = await on.anna.mention("status");
      await delivered.again();
      await eventually(async () => some(holding("once")));
      clock.goOn(5 * 60_000);
      await delivered.again();
      await quiet();
      expect(core.inbounds).toHaveLength(1);
      expect(holding("once")).toHaveLength(1);
    });

    test("whose first delivery did not arrive is done at its repetition", async () => {
      core.answer(toAll("at the second"));
      const payload = { type: "event_callback", event_id: "Ev0LOST001", team_id: ACME.id };
      const event = {
        type: "app_mention",
        user: ANNA.id,
        team: ACME.id,
        channel: LOGS.id,
        ts: "1764000001.000200",
        text: "<@U0BOT0001> status",
      };
      await overSocket(on.server)("event", { ...payload, event }, 2);
      await eventually(async () => some(holding("at the second")));
      // The first may have been answered after all.
      expect(called("conversations.history")).toBe(1);
    });

    test("that was delivered before, and whose answer stands, is answered no second time", async () => {
      const id = "Ev0TWICE01";
      await on.slack.post(place, card("stands"), { deliveryId: answerIdOf(id) });
      core.answer(toAll("stands"));
      const event = {
        type: "app_mention",
        user: ANNA.id,
        team: ACME.id,
        channel: LOGS.id,
        ts: "1764000001.000300",
        text: "<@U0BOT0001> status",
      };
      await overSocket(on.server)(
        "event",
        { type: "event_callback", event_id: id, team_id: ACME.id, event },
        1,
      );
      await eventually(async () => (acts.ended.length > 0 ? true : undefined));
      expect(holding("stands")).toHaveLength(1);
    });

    test("that another process has in hand is left to it", async () => {
      acts.begin = async () => false;
      await on.anna.command("status");
      await quiet();
      expect(core.inbounds).toEqual([]);
    });

    test("is done although it cannot be noted, once in this process", async () => {
      acts.begin = async () => {
        throw new Error("no database");
      };
      acts.end = acts.begin as never;
      core.answer(toAll("noted nowhere"));
      const delivered = await on.anna.command("status");
      await eventually(async () => some(holding("noted nowhere")));
      await delivered.again();
      await quiet();
      expect(holding("noted nowhere")).toHaveLength(1);
    });

    test("in hand when Slack renews the connection is answered, and the next one is heard", async () => {
      let release = () => {};
      core.answerWith(async () => {
        await new Promise<void>((resolve) => {
          release = resolve;
        });
        return toAll("in spite of it");
      });
      await on.anna.command("status");
      await eventually(async () => core.inbounds[0]);
      const before = on.server.socket.opened();
      on.server.socket.refresh("refresh_requested");
      await eventually(async () => (on.server.socket.opened() > before ? true : undefined));
      release();
      await eventually(async () => some(holding("in spite of it")));
      core.answer(toAll("the next"));
      await eventually(async () => (await on.slack.health(ACME.id)).ok || undefined);
      await on.anna.command("status");
      await eventually(async () => some(holding("the next")));
      expect(holding("in spite of it")).toHaveLength(1);
    });

    test("whose acknowledgement Slack did not hear is done once", async () => {
      core.answer(toAll("late"));
      const payload = {
        command: "/loghunter",
        text: "status",
        team_id: ACME.id,
        channel_id: LOGS.id,
        user_id: ANNA.id,
        trigger_id: "late-trigger",
      };
      on.server.socket.deliverUnheard({ type: "slash_commands", payload });
      await eventually(async () => core.inbounds[0]);
      await on.server.socket.deliver({ type: "slash_commands", payload });
      await eventually(async () => some(holding("late")));
      await quiet();
      expect(holding("late")).toHaveLength(1);
    });
  });

  test("an answer that cannot be delivered harms no other", async () => {
    on.server.faults.always("chat.postMessage", { kind: "status", status: 500 });
    core.answer(toAll("stuck"));
    await on.anna.command("status");
    core.answer(toCaller("quick"));
    const ben = createPerson(on.server, overSocket(on.server), { user: BEN });
    await ben.command("status");
    await eventually(async () => some(holding("quick")));
    on.server.faults.always("chat.postMessage", undefined);
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
    await eventually(async () => (await on.slack.health(ACME.id)).ok || undefined);
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
