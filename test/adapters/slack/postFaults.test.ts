import { describe, expect, test } from "@jest/globals";
import type { Card } from "../../../src/chat/card.ts";
import type { Delivery } from "../../../src/chat/platform.ts";
import type { Log } from "../../../src/log.ts";
import { sentOf } from "../../contract/chatHarness.ts";
import { eventually } from "../../support/eventually.ts";
import type { Fault } from "../../support/slack/faults.ts";
import { card, giveSlack, place } from "./faulty.ts";
import { openSocketSlack } from "./harness.ts";

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

describe("a post on Slack when something fails", () => {
  const { given, bots, holding, called, post } = giveSlack();

  describe("a post of the outbox", () => {
    test("is tried once, and told of as it was", async () => {
      const cases: [Fault, Partial<Delivery>][] = [
        [
          { kind: "rate limited", retryAfterSeconds: 9 },
          { outcome: "later", afterMs: 9_000 },
        ],
        [{ kind: "status", status: 502 }, { outcome: "unknown" }],
        [{ kind: "dropped" }, { outcome: "unknown" }],
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
        [{ kind: "error", code: "constructor" }, { outcome: "unknown" }],
        [{ kind: "error", code: "__proto__" }, { outcome: "unknown" }],
      ];
      for (const [fault, expected] of cases) {
        const before = called("chat.postMessage");
        given.on.server.faults.next("chat.postMessage", fault);
        expect(await post(`once ${JSON.stringify(fault)}`)).toMatchObject(expected);
        expect(called("chat.postMessage")).toBe(before + 1);
      }
    });

    const HANGS: Record<string, Fault> = {
      "does not answer": { kind: "hang" },
      "does not end its answer": { kind: "begun", end: "hangs" },
    };
    for (const [what, fault] of Object.entries(HANGS)) {
      test(`is tried once where Slack ${what}`, async () => {
        await given.waitFor(500);
        given.on.server.faults.next("chat.postMessage", fault);
        expect(await post("once")).toMatchObject({ outcome: "unknown" });
        expect(called("chat.postMessage")).toBe(1);
      });
    }

    test("whose answer was lost is found, and stands once", async () => {
      given.on.server.faults.next("chat.postMessage", { kind: "answer lost" });
      expect((await post("alert")).outcome).toBe("unknown");
      const again = sentOf(await post("alert", true));
      expect(holding("alert").map(({ ts }) => ts)).toEqual([again.id]);
    });

    test("that was lost before it was done is posted", async () => {
      given.on.server.faults.next("chat.postMessage", { kind: "dropped" });
      expect((await post("alert")).outcome).toBe("unknown");
      sentOf(await post("alert", true));
      expect(holding("alert")).toHaveLength(1);
    });

    test("is found behind hundreds of newer messages, and in a thread", async () => {
      const root = sentOf(await post("the root"));
      given.on.server.faults.next("chat.postMessage", { kind: "answer lost" }, { kind: "answer lost" });
      await post("in the channel");
      const thread = { ...place, thread: root.id };
      await given.on.slack.post(thread, card("in the thread"), { deliveryId: "threaded" });
      for (let at = 0; at < 450; at++) given.on.anna.say(`chatter ${at}`);
      for (let at = 0; at < 250; at++) given.on.anna.say(`reply ${at}`, root.id);
      sentOf(await post("in the channel", true));
      sentOf(
        await given.on.slack.post(thread, card("in the thread"), { deliveryId: "threaded", maybeSent: true }),
      );
      expect(holding("in the channel")).toHaveLength(1);
      expect(holding("in the thread")).toHaveLength(1);
    });

    test("is not posted twice while nobody can look whether it stands", async () => {
      given.on.server.faults.next("chat.postMessage", { kind: "answer lost" });
      await post("alert");
      given.on.server.faults.next("conversations.history", { kind: "status", status: 503 });
      expect((await post("alert", true)).outcome).toBe("unknown");
      expect(holding("alert")).toHaveLength(1);
    });

    test("is posted again where the scope to look is missing: better twice than never", async () => {
      given.on.server.faults.next("conversations.history", {
        kind: "error",
        code: "missing_scope",
        extra: { needed: "channels:history" },
      });
      expect((await post("alert", true)).outcome).toBe("sent");
    });

    test("is not posted again there where the operator would rather miss it, which says why", async () => {
      const other = await openSocketSlack(given.core, { resendsUnsure: false });
      try {
        const missing = { needed: "channels:history" };
        other.server.faults.next("chat.postMessage", { kind: "answer lost" });
        const posting = (maybeSent: boolean) =>
          other.slack.post(place, card("unsure"), { deliveryId: "unsure", maybeSent });
        expect((await posting(false)).outcome).toBe("unknown");
        other.server.faults.next("conversations.history", {
          kind: "error",
          code: "missing_scope",
          extra: missing,
        });
        expect(await posting(true)).toMatchObject({
          outcome: "refused",
          reason: "not acceptable",
          why: expect.stringContaining("SLACK_RESEND_UNSURE says not to send it again"),
        });
      } finally {
        await other.close();
      }
    });

    test("names the scope that is missing", async () => {
      given.on.server.faults.next("chat.postMessage", {
        kind: "error",
        code: "missing_scope",
        extra: { needed: "chat:write" },
      });
      const refused = await post("alert");
      expect(refused).toMatchObject({ outcome: "refused", reason: "not permitted" });
      expect(refused.outcome === "refused" && refused.why).toContain("chat:write");
    });

    test("with a token that was revoked is refused, and Slack is not asked again for a while", async () => {
      const [team] = given.on.server.world.teams;
      if (team !== undefined) team.isRevoked = true;
      for (let at = 0; at < 5; at++) {
        expect(await post(`alert ${at}`)).toMatchObject({ outcome: "refused", reason: "not installed" });
      }
      expect(called("chat.postMessage")).toBe(1);
      if (team !== undefined) team.isRevoked = false;
      given.clock.goOn(6 * 60_000);
      expect((await post("at last")).outcome).toBe("sent");
    });

    test("that is given up while it is sent is not sent afterwards", async () => {
      const giveUp = new AbortController();
      given.on.server.faults.next("files.getUploadURLExternal", { kind: "hang" });
      const posting = given.on.slack.post(place, CHART, { deliveryId: "late", signal: giveUp.signal });
      await eventually(async () => (called("files.getUploadURLExternal") > 0 ? true : undefined));
      giveUp.abort();
      expect((await posting).outcome).toBe("later");
      expect(bots()).toEqual([]);
    });

    test("whose edit is not answered is to be edited again, which does no harm", async () => {
      const message = sentOf(await post("before"));
      given.on.server.faults.next("chat.update", { kind: "answer lost" });
      expect((await given.on.slack.edit(message, card("after"))).outcome).toBe("later");
      expect((await given.on.slack.edit(message, card("after"))).outcome).toBe("sent");
    });
  });

  describe("a picture", () => {
    test("that Slack goes on processing is waited for", async () => {
      sentOf(await given.on.slack.post(place, CHART, { deliveryId: "charted" }));
      expect(JSON.stringify(bots()[0]?.blocks)).toContain("slack_file");
    });

    for (const method of ["files.getUploadURLExternal", "upload", "files.completeUploadExternal"]) {
      test(`is told in words where ${method} fails`, async () => {
        given.on.server.faults.always(method, { kind: "status", status: 500 });
        sentOf(await given.on.slack.post(place, CHART, { deliveryId: "charted" }));
        expect(holding("It rose")).toHaveLength(1);
        expect(JSON.stringify(bots()[0]?.blocks)).not.toContain("slack_file");
      });
    }

    test("that is not processed yet is nothing that a log of production tells of", async () => {
      const loud: string[] = [];
      const note = (data: unknown, message: unknown) => void loud.push(`${message} ${JSON.stringify(data)}`);
      const log = { debug() {}, info: note, warn: note, error: note } as unknown as Log;
      const other = await openSocketSlack(given.core, {
        pause: given.clock.pause,
        now: given.clock.now,
        log,
      });
      loud.length = 0;
      sentOf(await other.slack.post(place, CHART, { deliveryId: "charted" }));
      expect(other.server.calls.filter(({ method }) => method === "chat.postMessage").length).toBeGreaterThan(
        1,
      );
      expect(loud).toEqual([]);
      await other.close();
    });

    test("is left out where Slack never takes it, and the card is shown", async () => {
      given.on.server.faults.next(
        "chat.postMessage",
        ...Array<Fault>(5).fill({ kind: "error", code: "invalid_blocks" }),
      );
      sentOf(await given.on.slack.post(place, CHART, { deliveryId: "charted" }));
      expect(holding("It rose")).toHaveLength(1);
      expect(given.clock.waits).toEqual([300, 700, 1_500, 3_000]);
    });

    test("is uploaded once, however often its card is edited", async () => {
      const message = sentOf(await given.on.slack.post(place, CHART, { deliveryId: "charted" }));
      for (const title of ["one", "two", "three"])
        sentOf(await given.on.slack.edit(message, { ...CHART, title }));
      expect(called("files.completeUploadExternal")).toBe(1);
    });
  });

  test("a card that Slack finds wrong is sent as text, with its file", async () => {
    given.on.server.faults.next("chat.postMessage", { kind: "error", code: "msg_blocks_too_long" });
    sentOf(await given.on.slack.post(place, card("not lost"), { deliveryId: "odd" }));
    const [message] = bots();
    expect(message?.text).toContain("not lost");
    const files = [...given.on.server.world.files.values()];
    expect(files.map(({ name }) => name)).toEqual(["details.txt"]);
  });
});
