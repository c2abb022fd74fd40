import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { forgetChannels, setPurpose } from "../../src/alerting/channels.ts";
import { claimDeliveries, settleDelivery } from "../../src/alerting/claims.ts";
import { type Deliverer, startDeliverer } from "../../src/alerting/deliver.ts";
import { deliveryBacklog, type NewDelivery, oweDelivery } from "../../src/alerting/deliveries.ts";
import { listTroubles } from "../../src/alerting/troubles.ts";
import { beginConversation } from "../../src/analysis/beginConversation.ts";
import { findConversation, rememberMessage } from "../../src/analysis/conversations.ts";
import type { Card } from "../../src/chat/card.ts";
import type { ChatPlatform, Delivery, MessageRef, Place } from "../../src/chat/platform.ts";
import { openDatabase } from "../../src/database.ts";
import { createLog } from "../../src/log.ts";
import { createDirectory, type TenantDirectory, type Workspace } from "../../src/tenancy/directory.ts";
import { messageAt, openTestTenants, type TestTenants } from "../support/tenants.ts";

const CARD: Card = { title: "checkout: likely cause found", tone: "good", body: [] };

let t: TestTenants;
/** What every part of these tests takes for the time. */
let nowMs: number;

beforeAll(async () => {
  t = await openTestTenants();
});
afterAll(() => t.close());
beforeEach(async () => {
  await t.admin.query("truncate deliveries, conversations, channel_paces cascade");
  nowMs = Date.now();
});

async function ask({ workspace = t.a, channel = "C1" } = {}): Promise<string> {
  const conversation = await beginConversation(workspace, {
    place: { platform: "web", workspace: workspace.externalId, channel },
    askedBy: "U1",
    onceId: randomUUID(),
    service: "checkout",
    namespace: "",
    window: { fromMs: nowMs - 60_000, toMs: nowMs },
  });
  await t.admin.query("update conversations set created_at = to_timestamp($2 / 1000.0) where id = $1", [
    conversation.id,
    nowMs,
  ]);
  return conversation.id;
}

async function owe(conversationId: string, more: Partial<NewDelivery> = {}, workspace = t.a): Promise<void> {
  const owed: NewDelivery = {
    workspaceId: workspace.id,
    channel: "C1",
    conversationId,
    kind: "answer",
    sequence: 1,
    card: CARD,
    ...more,
  };
  await workspace.scope.transaction((db) => oweDelivery(workspace.scope, db, owed));
  await t.admin.query(
    "update deliveries set next_attempt_at = to_timestamp($2 / 1000.0) where conversation_id = $1 and attempts = 0",
    [conversationId, nowMs],
  );
}

interface Row {
  id: string;
  state: string;
  message_id: string | null;
  attempts: number;
  last_error: string | null;
  lease_owner: string | null;
  /** From now on, by the tests' clock. */
  waits_ms: number;
}

async function rows(): Promise<Row[]> {
  const found = await t.admin.query<Row>(
    `select id, state, message_id, attempts, last_error, lease_owner,
       round(extract(epoch from next_attempt_at) * 1000 - $1)::int as waits_ms
     from deliveries order by created_at, sequence`,
    [nowMs],
  );
  return found.rows;
}

async function row(): Promise<Row> {
  return (await rows())[0] as Row;
}

const lease = (owner: string) => ({ owner, nowMs, forMs: 30_000, channelApartMs: 0, editsApartMs: 0 });

describe("the outbox", () => {
  test("owes the same message once, however often it is said", async () => {
    const id = await ask();
    await Promise.all([owe(id), owe(id), owe(id, { card: { ...CARD, title: "other" } })]);
    await owe(id);
    expect(await rows()).toHaveLength(1);
    await owe(id, { sequence: 2 });
    await owe(id, { kind: "reply" });
    expect(await rows()).toHaveLength(3);
  });

  test("owes nothing when what it reports did not come true", async () => {
    const id = await ask();
    const failed = t.a.scope.transaction(async (db) => {
      const owed = { workspaceId: t.a.id, channel: "C1", conversationId: id, card: CARD } as const;
      await oweDelivery(t.a.scope, db, { ...owed, kind: "answer", sequence: 1 });
      throw new Error("changed its mind");
    });
    await expect(failed).rejects.toThrow("changed its mind");
    expect(await rows()).toEqual([]);
  });

  test("keeps no transient log line", async () => {
    const lines = ["canary-4711 password"];
    const card: Card = { ...CARD, body: [{ kind: "log", lines, caption: "Newest", transient: true }] };
    await owe(await ask(), { card });
    const kept = await t.admin.query("select card from deliveries");
    expect(JSON.stringify(kept.rows)).not.toContain("canary-4711");
    expect(kept.rows[0].card.body).toEqual([
      { kind: "text", text: ["Newest", ". The lines themselves are not kept: ask again to see them."] },
    ]);
  });

  test("keeps text that PostgreSQL cannot hold in a form that it can", async () => {
    await owe(await ask(), { card: { ...CARD, title: "a\0b\ud800" } });
    expect(await claimDeliveries(t.a.scope, lease(randomUUID()), 1)).toMatchObject([
      { card: { title: "a\uFFFDb\uFFFD" } },
    ]);
  });

  test("gives each message to one of many who claim at once", async () => {
    for (let n = 0; n < 25; n++) await owe(await ask({ channel: `C${n}` }), { channel: `C${n}` });
    const claims = await Promise.all(
      Array.from({ length: 10 }, () => claimDeliveries(t.a.scope, lease(randomUUID()), 4)),
    );
    for (const claimed of claims) expect(claimed.length).toBeLessThanOrEqual(4);
    const ids = claims.flat().map((owed) => owed.id);
    expect(new Set(ids).size).toBe(ids.length);
    const rest = await claimDeliveries(t.a.scope, lease(randomUUID()), 100);
    expect(ids.length + rest.length).toBe(25);
  });

  test("gives the longest due first, and of one conversation the older state first", async () => {
    const [late, early] = [await ask(), await ask()];
    await owe(late, { sequence: 2 });
    await owe(late, { sequence: 1 });
    nowMs -= 5_000;
    await owe(early, { sequence: 7 });
    nowMs += 5_000;
    const claimed = [];
    for (let n = 0; n < 3; n++) claimed.push(...(await claimDeliveries(t.a.scope, lease(randomUUID()), 10)));
    expect(claimed.map((owed) => owed.conversationId)).toEqual([early, late, late]);
    const sequences = await t.admin.query<{ sequence: number }>(
      "select sequence from unnest($1::uuid[]) with ordinality i (id, at) join deliveries using (id) order by at",
      [claimed.map((owed) => owed.id)],
    );
    expect(sequences.rows.map((found) => found.sequence)).toEqual([7, 1, 2]);
  });

  test("gives a message again when its lease is over, and not before", async () => {
    await owe(await ask());
    const [first] = await claimDeliveries(t.a.scope, lease(randomUUID()), 1);
    nowMs += 29_999;
    expect(await claimDeliveries(t.a.scope, lease(randomUUID()), 1)).toEqual([]);
    nowMs += 1;
    const [again] = await claimDeliveries(t.a.scope, lease(randomUUID()), 1);
    expect(again).toMatchObject({ id: first?.id, attempts: 2 });
  });

  test("takes no settlement from a former owner", async () => {
    await owe(await ask());
    const [former, current] = [randomUUID(), randomUUID()];
    const [owed] = await claimDeliveries(t.a.scope, lease(former), 1);
    nowMs += 30_000;
    await claimDeliveries(t.a.scope, lease(current), 1);
    const before = await rows();
    const settle = (owner: string) =>
      t.a.scope.transaction((db) =>
        settleDelivery(
          t.a.scope,
          db,
          owed?.id as string,
          { owner, nowMs },
          { state: "sent", messageId: `by ${owner}` },
        ),
      );
    await settle(former);
    expect(await rows()).toEqual(before);
    await settle(current);
    expect(await row()).toMatchObject({ state: "sent", message_id: `by ${current}`, lease_owner: null });
    await settle(current);
    expect(await claimDeliveries(t.a.scope, lease(current), 1)).toEqual([]);
  });

  test("counts what is unsent and refused, and knows the oldest unsent", async () => {
    expect(await deliveryBacklog(t.a.scope)).toEqual({ unsent: 0, refused: 0 });
    for (let n = 0; n < 3; n++) await owe(await ask());
    await t.admin.query(
      `update deliveries set state = 'refused' where id = (select id from deliveries order by created_at limit 1)`,
    );
    const backlog = await deliveryBacklog(t.a.scope);
    expect(backlog).toMatchObject({ unsent: 2, refused: 1 });
    expect(Math.abs((backlog.oldestMs as number) - Date.now())).toBeLessThan(60_000);
    expect(await deliveryBacklog(t.b.scope)).toEqual({ unsent: 0, refused: 0 });
  });
});

type Call =
  | { kind: "post"; place: Place; card: Card; deliveryId: string; maybeSent: boolean | undefined }
  | { kind: "edit"; message: MessageRef; card: Card }
  | { kind: "tell"; personId: string; card: Card; deliveryId: string };

/** A platform that does what the test says: by default it posts and edits. */
function scriptedPlatform(name: string, answer: (call: Call) => Promise<Delivery> | Delivery = sent) {
  const calls: Call[] = [];
  const say = async (call: Call) => {
    calls.push(call);
    return answer(call);
  };
  const platform: ChatPlatform = {
    name,
    limits: {} as ChatPlatform["limits"],
    start: async () => undefined,
    stop: async () => undefined,
    post: (place, card, { deliveryId, maybeSent }) =>
      say({ kind: "post", place, card, deliveryId, maybeSent }),
    edit: (message, card) => say({ kind: "edit", message, card }),
    tell: (_workspace, personId, card, { deliveryId }) => say({ kind: "tell", personId, card, deliveryId }),
    addressOf: async () => undefined,
    isConnected: () => undefined,
    whoIs: async () => "not told",
    health: async () => ({ ok: true, summary: "", warnings: [] }),
    reach: async () => ({ outcome: "open" }),
  };
  return { platform, calls };
}

function sent(call: Call): Delivery {
  if (call.kind === "edit") return { outcome: "sent", message: call.message };
  const place = call.kind === "post" ? call.place : messageAt("").place;
  return { outcome: "sent", message: { place, id: `M-${call.deliveryId.slice(0, 8)}` } };
}

describe("the deliverer", () => {
  const running: Deliverer[] = [];
  afterEach(async () => {
    await Promise.all(running.splice(0).map((deliverer) => deliverer.stop()));
  });

  /** @param platforms by default one that is called web, as the tests' workspaces are. */
  function start(
    platforms: readonly ChatPlatform[],
    parts: { sendTimeoutMs?: number; channelApartMs?: number; directory?: TenantDirectory } = {},
  ) {
    let answered = 0;
    let due = 0;
    const directory: TenantDirectory = {
      ...(parts.directory ?? t.directory),
      async tenantsWithDueDeliveries(at, limit) {
        const scopes = await (parts.directory ?? t.directory).tenantsWithDueDeliveries(at, limit);
        due = scopes.length;
        answered++;
        return scopes;
      },
    };
    const owner = randomUUID();
    const log = createLog("silent");
    const clock = () => nowMs;
    const apart = { editsApartMs: 0, channelApartMs: 0 };
    const deliverer = startDeliverer({
      ...apart,
      ...parts,
      directory,
      platforms,
      log,
      clock,
      owner,
    });
    running.push(deliverer);
    const looked = async () => {
      const seen = answered;
      deliverer.wake();
      await until(() => answered > seen);
    };
    const leased = "select from deliveries where lease_owner = coalesce($1, lease_owner)";
    /** Until it has looked and found nothing that is due, and nothing is being sent by that owner. */
    const quiet = async (by: string | null) => {
      for (;;) {
        await looked(); // Perhaps one that had begun already.
        await looked();
        if ((await t.admin.query(leased, [by])).rows.length === 0 && due === 0) return;
      }
    };
    return {
      ...deliverer,
      owner,
      /** Until nothing is due and nothing is being sent. */
      idle: () => quiet(null),
      /** The same, whatever others are sending. */
      done: () => quiet(owner),
    };
  }

  /** A turn of the event loop after the other: what is waited for comes by itself. */
  async function until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise((resolve) => setImmediate(resolve));
  }

  /** Asked, shown, and answered: what is owed is an edit of what stands there. */
  async function oweShown(messageId = "M1"): Promise<string> {
    const id = await ask();
    await rememberMessage(t.a.scope, id, messageAt(messageId));
    await owe(id);
    return id;
  }

  test("shows an answer on the message that asked for it, once", async () => {
    await oweShown("M1");
    const web = scriptedPlatform("web");
    const deliverer = start([web.platform]);
    await deliverer.idle();
    await deliverer.idle();
    const place = { platform: "web", workspace: "team-a", channel: "C1" };
    expect(web.calls).toEqual([{ kind: "edit", message: { place, id: "M1" }, card: CARD }]);
    expect(await row()).toMatchObject({ state: "sent", message_id: "M1", attempts: 1, last_error: null });
  });

  test("posts a reply under its own id, whatever message shows the conversation", async () => {
    const id = await ask();
    await rememberMessage(t.a.scope, id, messageAt("M1"));
    await owe(id, { kind: "reply" });
    const web = scriptedPlatform("web");
    await start([web.platform]).idle();
    expect(web.calls).toMatchObject([{ kind: "post", deliveryId: (await row()).id }]);
    expect((await findConversation(t.a.scope, id))?.shownAt?.messageId).toBe("M1");
  });

  test("waits for the message to be shown, and then edits it", async () => {
    const id = await ask();
    await owe(id);
    const web = scriptedPlatform("web");
    const deliverer = start([web.platform]);
    for (let wait = 0; wait < 5; wait++) {
      await deliverer.idle();
      expect(web.calls).toEqual([]);
      nowMs += 1_000;
    }
    await rememberMessage(t.a.scope, id, messageAt("M1"));
    await deliverer.idle();
    expect(web.calls).toMatchObject([{ kind: "edit", message: { id: "M1" } }]);
    // What came of waiting is no failure of the platform's.
    expect(await row()).toMatchObject({ state: "sent", attempts: 1 });
  });

  test("takes nobody's turn in the channel for what only waits", async () => {
    for (let n = 0; n < 5; n++) await owe(await ask());
    nowMs += 1;
    await owe(await ask(), { kind: "reply" });
    const web = scriptedPlatform("web");
    start([web.platform], { channelApartMs: 60_000 });
    // By the tests' clock no time passes.
    await until(() => web.calls.length > 0);
    expect(web.calls.map((call) => call.kind)).toEqual(["post"]);
  });

  test("posts the answer when its message is not shown in time, and keeps that one as the conversation's", async () => {
    const id = await ask();
    await owe(id);
    const web = scriptedPlatform("web");
    const deliverer = start([web.platform]);
    await deliverer.idle();
    nowMs += 10_500;
    await deliverer.idle();
    // As the answer to the act that asked: what its process may have shown before it died is looked for.
    const onceId = (await findConversation(t.a.scope, id))?.onceId;
    expect(web.calls).toMatchObject([{ kind: "post", deliveryId: `answer:${onceId}`, maybeSent: true }]);
    const posted = (await findConversation(t.a.scope, id))?.shownAt?.messageId;
    expect(posted).toMatch(/^M-/);
    await rememberMessage(t.a.scope, id, messageAt("M-too-late"));
    expect((await findConversation(t.a.scope, id))?.shownAt?.messageId).toBe(posted);
  });

  test("posts anew when the message to edit is gone, and the conversation goes on under the new one", async () => {
    const id = await oweShown("M-deleted");
    const web = scriptedPlatform("web", (call) =>
      call.kind === "edit"
        ? { outcome: "refused", reason: "message gone", why: "message_not_found" }
        : sent(call),
    );
    await start([web.platform]).idle();
    expect(web.calls.map((call) => call.kind)).toEqual(["edit", "post"]);
    const { id: deliveryId, message_id } = await row();
    expect(web.calls[1]).toMatchObject({ deliveryId });
    expect((await findConversation(t.a.scope, id))?.shownAt?.messageId).toBe(message_id);
  });

  test("keeps a refusal with its reason, does not try again, and gives the answer to who asked", async () => {
    await oweShown();
    const web = scriptedPlatform("web", (call) =>
      call.kind === "tell"
        ? sent(call)
        : { outcome: "refused", reason: "channel archived", why: "is_archived" },
    );
    const deliverer = start([web.platform]);
    await deliverer.idle();
    nowMs += 3_600_000;
    await deliverer.idle();
    expect(web.calls.map((call) => call.kind)).toEqual(["edit", "tell"]);
    expect(web.calls[1]).toMatchObject({ personId: "U1" });
    expect(JSON.stringify(web.calls[1]?.card)).toContain("The channel is archived: unarchive it");
    expect(await row()).toMatchObject({
      state: "refused",
      last_error: "channel archived: is_archived",
      attempts: 1,
    });
    expect(await deliveryBacklog(t.a.scope)).toMatchObject({ unsent: 0, refused: 1 });
    expect(await listTroubles(t.a.scope, 10)).toMatchObject([{ channel: "C1", reason: "channel archived" }]);
  });

  test("tells who set a channel up that it takes no messages, once, and forgets it when one arrives", async () => {
    const { a } = t;
    await t.directory.connect({
      platform: a.platform,
      externalId: a.externalId,
      workspaceName: a.name,
      lokiOrgId: "a",
      connectedBy: "ADMIN",
    });
    let archived = true;
    const web = scriptedPlatform("web", (call) =>
      archived && call.kind !== "tell"
        ? { outcome: "refused", reason: "not in channel", why: "not_in_channel" }
        : sent(call),
    );
    const deliverer = start([web.platform]);
    for (const message of ["M1", "M2"]) {
      await oweShown(message);
      await deliverer.idle();
    }
    const told = () => web.calls.filter((call) => call.kind === "tell" && call.personId === "ADMIN");
    expect(told()).toHaveLength(1);
    expect(JSON.stringify(told()[0]?.card)).toContain("LogHunter is not in the channel: invite it.");
    archived = false;
    await oweShown("M3");
    await deliverer.idle();
    expect(await listTroubles(t.a.scope, 10)).toEqual([]);
  });

  test("tells who made the channel what it is, where that is somebody else", async () => {
    await t.a.scope.transaction((db) => setPurpose(t.a, db, "C1", "alerts", "SETTER"));
    await oweShown();
    const web = scriptedPlatform("web", (call) =>
      call.kind === "tell" ? sent(call) : { outcome: "refused", reason: "channel gone", why: "gone" },
    );
    await start([web.platform]).idle();
    expect(web.calls.flatMap((call) => (call.kind === "tell" ? [call.personId] : []))).toEqual([
      "U1",
      "SETTER",
    ]);
    await t.a.scope.transaction((db) => forgetChannels(t.a, db));
  });

  test("gives up telling before anybody else may send, where the platform does not answer that", async () => {
    await t.a.scope.transaction((db) => setPurpose(t.a, db, "C1", "alerts", "SETTER"));
    await oweShown();
    const web = scriptedPlatform("web", (call) =>
      call.kind === "tell"
        ? new Promise(() => undefined)
        : { outcome: "refused", reason: "channel gone", why: "gone" },
    );
    const deliverer = start([web.platform], { sendTimeoutMs: 29_800 });
    await until(() => web.calls.length > 0);
    const startedMs = performance.now();
    await deliverer.idle();
    expect(performance.now() - startedMs).toBeLessThan(15_000);
    expect(await row()).toMatchObject({ state: "refused", attempts: 1 });
    expect(web.calls.map((call) => call.kind)).toEqual(["edit", "tell", "tell"]);
    await t.a.scope.transaction((db) => forgetChannels(t.a, db));
  });

  test("says of a second attempt that the first may have arrived", async () => {
    await oweShown("M-deleted");
    const web = scriptedPlatform("web", (call) => {
      if (call.kind === "edit")
        return { outcome: "refused", reason: "message gone", why: "message_not_found" };
      return web.calls.length === 2 ? { outcome: "unknown", why: "no answer" } : sent(call);
    });
    const deliverer = start([web.platform]);
    await deliverer.idle();
    nowMs += 60_000;
    await deliverer.idle();
    expect(web.calls.filter(({ kind }) => kind === "post")).toMatchObject([
      { kind: "post", maybeSent: false },
      { kind: "post", maybeSent: true },
    ]);
  });

  test("waits as long as a platform says, and a moment where it says nothing", async () => {
    await oweShown();
    const waits = [7_000, 0, -5];
    const web = scriptedPlatform("web", (call) => {
      const afterMs = waits.shift();
      return afterMs === undefined ? sent(call) : { outcome: "later", afterMs, why: "rate limited" };
    });
    const deliverer = start([web.platform]);
    for (const expected of [7_000, 250, 250]) {
      await deliverer.idle();
      expect(await row()).toMatchObject({
        state: "pending",
        waits_ms: expected,
        last_error: "rate limited",
      });
      nowMs += expected - 1;
      const before = web.calls.length;
      await deliverer.idle();
      expect(web.calls).toHaveLength(before);
      nowMs += 1;
    }
    await deliverer.idle();
    expect(await row()).toMatchObject({ state: "sent", last_error: null });
  });

  test("tries an unknown outcome again under the same id, backing off to five minutes", async () => {
    const id = await ask();
    await owe(id, { kind: "reply" });
    const web = scriptedPlatform("web", () => ({ outcome: "unknown", why: "socket hang up" }));
    const deliverer = start([web.platform]);
    const waits: number[] = [];
    for (let attempt = 0; attempt < 11; attempt++) {
      await deliverer.idle();
      const { waits_ms } = await row();
      waits.push(waits_ms);
      nowMs += waits_ms;
    }
    expect(waits).toEqual([2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300].map((seconds) => seconds * 1_000));
    const ids = web.calls.map((call) => call.kind === "post" && call.deliveryId);
    expect(new Set(ids)).toEqual(new Set([(await row()).id]));
  });

  test("does not back off for the time before it could try", async () => {
    const id = await ask();
    await owe(id);
    const web = scriptedPlatform("web", () => ({ outcome: "unknown", why: "socket hang up" }));
    const deliverer = start([web.platform]);
    for (let wait = 0; wait < 11; wait++) {
      await deliverer.idle();
      nowMs += 1_000;
    }
    await deliverer.idle();
    expect(web.calls).toHaveLength(1);
    expect((await row()).waits_ms).toBeLessThanOrEqual(2_000);
  });

  test.each([
    ["rejects", () => Promise.reject(new Error("no route to host"))],
    [
      "throws",
      () => {
        throw new Error("no route to host");
      },
    ],
  ])("takes a platform that %s for an unknown outcome", async (_, fail: () => Promise<never>) => {
    await oweShown();
    const { platform } = scriptedPlatform("web");
    let asked = 0;
    const failing = () => {
      asked++;
      return fail();
    };
    const deliverer = start([{ ...platform, edit: failing, post: failing }]);
    // Idle is also who has not begun.
    await until(() => asked > 0);
    await deliverer.idle();
    expect(await row()).toMatchObject({ state: "pending", waits_ms: 2_000, last_error: "no route to host" });
  });

  test("takes a platform that never answers for an unknown outcome", async () => {
    await oweShown();
    const web = scriptedPlatform("web", () => new Promise(() => undefined));
    const deliverer = start([web.platform], { sendTimeoutMs: 50 });
    await until(() => web.calls.length > 0);
    await deliverer.idle();
    expect(await row()).toMatchObject({
      state: "pending",
      waits_ms: 2_000,
      last_error: "no answer in time",
    });
  });

  test("lets no other tenant wait for a platform that does not answer", async () => {
    await oweShown();
    const theirs = await ask({ workspace: t.b });
    await rememberMessage(t.b.scope, theirs, messageAt("M2"));
    let answer: (delivery: Delivery) => void = () => undefined;
    const web = scriptedPlatform("web", (call) =>
      call.kind === "edit" && call.message.id === "M1"
        ? new Promise((resolve) => {
            answer = resolve;
          })
        : sent(call),
    );
    const deliverer = start([web.platform]);
    await until(() => web.calls.length === 1);
    await owe(theirs, {}, t.b);
    deliverer.wake();
    await until(() => web.calls.length === 2);
    answer(sent(web.calls[0] as Call));
    await deliverer.idle();
    expect((await rows()).map(({ state }) => state)).toEqual(["sent", "sent"]);
  });

  test("goes on with other tenants when one's deliveries cannot be read", async () => {
    await oweShown();
    const theirs = await ask({ workspace: t.b });
    await rememberMessage(t.b.scope, theirs, messageAt("M2"));
    await owe(theirs, {}, t.b);
    const web = scriptedPlatform("web");
    const directory: TenantDirectory = {
      ...t.directory,
      workspaceById: (tenantId, id) =>
        tenantId === t.a.scope.tenantId
          ? Promise.reject(new Error("broken"))
          : t.directory.workspaceById(tenantId, id),
    };
    start([web.platform], { directory });
    await until(() => web.calls.length > 0);
    expect(web.calls).toMatchObject([{ message: { id: "M2" } }]);
  });

  test("leaves a message alone whose platform is not running, until it is", async () => {
    await oweShown();
    const deliverer = start([scriptedPlatform("slack").platform]);
    await deliverer.idle();
    expect(await row()).toMatchObject({ state: "pending", attempts: 0, last_error: "Web is not running" });
    // Of two processes the one without the platform might be the quicker, and put it off once more.
    await deliverer.stop();
    nowMs += 60_000;
    const web = scriptedPlatform("web");
    await start([web.platform]).idle();
    expect(web.calls).toHaveLength(1);
  });

  test("tells a workspace that moved to another tenant nothing of the former one's", async () => {
    const at = { platform: "web", externalId: "moving", workspaceName: "moving" };
    const before = await t.directory.connect({ ...at, lokiOrgId: "a" });
    const id = await ask({ workspace: before });
    await owe(id, {}, before);
    await t.directory.connect({ ...at, lokiOrgId: "b" });
    const web = scriptedPlatform("web");
    await start([web.platform]).idle();
    expect(web.calls).toEqual([]);
    expect(await row()).toMatchObject({ state: "refused" });
  });

  test("sends once when two processes send at once", async () => {
    for (let n = 0; n < 30; n++) await oweShown(`M${n}`);
    const web = scriptedPlatform("web", async (call) => {
      await new Promise((resolve) => setImmediate(resolve));
      return sent(call);
    });
    // Two processes have two pools.
    const other = openDatabase({ url: t.url, log: createLog("silent") });
    const deliverers = [
      start([web.platform]),
      start([web.platform], { directory: createDirectory(other) }),
      start([web.platform]),
    ];
    await Promise.all(deliverers.map((deliverer) => deliverer.idle()));
    await Promise.all(running.splice(0).map((deliverer) => deliverer.stop()));
    await other.close();
    const edited = web.calls.map((call) => call.kind === "edit" && call.message.id);
    expect(edited).toHaveLength(30);
    expect(new Set(edited).size).toBe(30);
    expect((await rows()).every(({ state, attempts }) => state === "sent" && attempts === 1)).toBe(true);
  });

  test("never sends one while another may still be sending it, however slow the platform is", async () => {
    for (let n = 0; n < 4; n++) await oweShown(`M${n}`);
    // Each message takes 12 s by the clock: three of them take longer than a lease.
    const quick = scriptedPlatform("web");
    let hasty: ReturnType<typeof start> | undefined;
    const slow = scriptedPlatform("web", async (call) => {
      nowMs += 12_000;
      hasty ??= start([quick.platform]);
      await hasty.done();
      return sent(call);
    });
    await start([slow.platform], { channelApartMs: 1_000 }).idle();
    const edited = [...slow.calls, ...quick.calls].map((call) => call.kind === "edit" && call.message.id);
    expect(edited.sort()).toEqual(["M0", "M1", "M2", "M3"]);
  });

  test("finishes what is being sent when it stops, and begins nothing more", async () => {
    await oweShown("M1");
    await oweShown("M2");
    let answer: () => void = () => undefined;
    const web = scriptedPlatform("web", async (call) => {
      await new Promise<void>((resolve) => {
        answer = resolve;
      });
      return sent(call);
    });
    const deliverer = start([web.platform], { channelApartMs: 1_000 });
    await until(() => web.calls.length === 1);
    const stopped = deliverer.stop();
    nowMs += 2_000;
    answer();
    await stopped;
    expect(web.calls).toHaveLength(1);
    expect((await rows()).map(({ state, lease_owner }) => [state, lease_owner]).sort()).toEqual([
      ["pending", null],
      ["sent", null],
    ]);
  });

  test("sends what a process that died was sending, after its lease and under the same id", async () => {
    const id = await ask();
    await owe(id, { kind: "reply" });
    const dead = randomUUID();
    const [claimed] = await claimDeliveries(t.a.scope, lease(dead), 1);
    const web = scriptedPlatform("web");
    const deliverer = start([web.platform]);
    await deliverer.done();
    expect(web.calls).toEqual([]);
    expect((await rows())[0]).toMatchObject({ state: "pending", lease_owner: dead });
    nowMs += 30_000;
    await deliverer.idle();
    expect(web.calls.at(-1)).toMatchObject({ kind: "post", deliveryId: claimed?.id });
    expect((await rows())[0]).toMatchObject({ state: "sent", attempts: 2 });
  });

  test("sends what was posted but not settled again under the same id, which the platform knows", async () => {
    const id = await ask();
    await owe(id, { kind: "reply" });
    const known = new Map<string, Delivery>();
    const web = scriptedPlatform("web", (call) => {
      const { deliveryId } = call as Extract<Call, { kind: "post" }>;
      const delivery = known.get(deliveryId) ?? sent(call);
      known.set(deliveryId, delivery);
      // The connection to the database is lost in between: it stands there, and nobody knows.
      if (web.calls.length === 1) throw new Error("lost");
      return delivery;
    });
    const deliverer = start([web.platform]);
    await deliverer.idle();
    nowMs += 2_000;
    await deliverer.idle();
    expect(web.calls).toHaveLength(2);
    expect(known.size).toBe(1);
    expect(await row()).toMatchObject({ state: "sent", attempts: 2 });
  });

  test("waits out a database that goes away, and then sends", async () => {
    await oweShown();
    let down = true;
    const directory: TenantDirectory = {
      ...t.directory,
      workspaceById: t.directory.workspaceById,
      async tenantsWithDueDeliveries(at, limit) {
        if (down) throw Object.assign(new Error("Connection terminated unexpectedly"), { code: "57P01" });
        return t.directory.tenantsWithDueDeliveries(at, limit);
      },
    };
    const web = scriptedPlatform("web");
    const deliverer = start([web.platform], { directory });
    deliverer.wake();
    down = false;
    await deliverer.idle();
    expect(web.calls).toHaveLength(1);
  });

  test("leaves a message to its lease when the database goes away before it is settled", async () => {
    await oweShown();
    const web = scriptedPlatform("web", async (call) => {
      if (web.calls.length === 1) {
        // Gone after the post, before the row could say so.
        await t.admin.query("alter table deliveries add constraint gone check (state <> 'sent') not valid");
      }
      return sent(call);
    });
    const deliverer = start([web.platform]);
    await until(() => web.calls.length === 1);
    await expectEventually(async () => (await row()).lease_owner === deliverer.owner);
    await deliverer.stop();
    await t.admin.query("alter table deliveries drop constraint gone");
    expect(await row()).toMatchObject({ state: "pending", lease_owner: deliverer.owner });
    nowMs += 30_000;
    await start([web.platform]).idle();
    expect(web.calls).toHaveLength(2);
    expect((await row()).state).toBe("sent");
  });

  async function expectEventually(holds: () => Promise<boolean>): Promise<void> {
    while (!(await holds()));
  }
});

test("a workspace of another tenant gets nothing, even where a row names it", async () => {
  const id = await ask();
  const wrong: Workspace = { ...t.a, id: t.b.id };
  await owe(id, {}, wrong);
  const web = scriptedPlatform("web");
  const deliverer = startDeliverer({
    directory: t.directory,
    platforms: [web.platform],
    log: createLog("silent"),
    clock: () => nowMs + 60_000,
    owner: randomUUID(),
  });
  while ((await row()).state === "pending") deliverer.wake();
  await deliverer.stop();
  expect(web.calls).toEqual([]);
  expect(await row()).toMatchObject({
    state: "refused",
    last_error: "the workspace is no longer this tenant's",
  });
});
