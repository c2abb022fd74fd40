import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { beginConversation } from "../../src/analysis/beginConversation.ts";
import {
  type Conversation,
  claimJoined,
  closeConversation,
  findConversation,
  findConversationByThread,
  queuedConversations,
  rememberMessage,
} from "../../src/analysis/conversations.ts";
import { keptOf } from "../../src/analysis/kept.ts";
import { insertAnalysis, keepFeedback } from "../../src/analysis/store.ts";
import { addTurn, lastTurns } from "../../src/analysis/turns.ts";
import { listAnomalies } from "../../src/anomalies/store.ts";
import type { Card } from "../../src/chat/card.ts";
import type { MessageHistory, NewMessage } from "../../src/chat/history.ts";
import type { Cluster } from "../../src/clusters/cluster.ts";
import { findCluster, type KnownCluster, upsertClusters } from "../../src/clusters/store.ts";
import { createConsoleHistory } from "../../src/console/history.ts";
import { findDeploys, findMark, forgetDeploysIn, markDeploy } from "../../src/deploys.ts";
import type { Pack } from "../../src/evidence/pack.ts";
import type { ErrorLevel, TimeRange } from "../../src/logs/source.ts";
import type { Workspace } from "../../src/tenancy/directory.ts";
import { messageAt, openTestTenants, type TestTenants } from "../support/tenants.ts";

const NOON = Date.parse("2026-01-01T12:00:00Z");
const WINDOW: TimeRange = { fromMs: NOON, toMs: NOON + 3_600_000 };
const HOSTILE = [
  "a\0b",
  "half \ud800 a pair",
  "\udc00",
  "'; drop table tenants; --",
  "\\u0000 \\ \" ' ` $1 %s {}",
  "\u202Eright to left\u200B",
  "😀".repeat(1_000),
  " ",
];

let t: TestTenants;

beforeAll(async () => {
  t = await openTestTenants();
});
afterAll(() => t.close());

function cluster(more: Partial<Cluster> = {}): Cluster {
  const timesMs = more.timesMs ?? [NOON + 1_000, NOON + 5_000, NOON + 3_000];
  return {
    service: "checkout",
    namespace: "shop",
    fingerprint: "v1:1",
    template: "no stock of <n>",
    level: "ERROR",
    timesMs,
    count: timesMs.length,
    sample: "no stock of 7",
    ...more,
  };
}

function keep(
  clusters: readonly Cluster[],
  window = WINDOW,
  { scope }: Workspace = t.a,
): Promise<KnownCluster[]> {
  return scope.transaction((db) => upsertClusters(scope, db, clusters, window));
}

describe("clusters", () => {
  beforeEach(async () => {
    await t.admin.query("truncate error_clusters cascade");
  });

  test("are kept with when they were first and last seen, and how often in the window", async () => {
    const [kept] = await keep([cluster()]);
    expect(kept).toMatchObject({
      service: "checkout",
      namespace: "shop",
      fingerprint: "v1:1",
      firstSeenMs: NOON + 1_000,
      lastSeenMs: NOON + 5_000,
    });
    const { rows } = await t.admin.query(
      "select count::int, window_start, window_end, template, sample_message from error_clusters",
    );
    expect(rows).toEqual([
      {
        count: 3,
        window_start: new Date(WINDOW.fromMs),
        window_end: new Date(WINDOW.toMs),
        template: "no stock of <n>",
        sample_message: "no stock of 7",
      },
    ]);
    expect(await findCluster(t.a.scope, kept?.id as string)).toEqual({
      ...kept,
      level: "ERROR",
      window: WINDOW,
    });
  });

  test("keep their first and last sight of all time, whichever window is read later", async () => {
    const [first] = await keep([cluster({ timesMs: [NOON] })]);
    const earlier = { fromMs: NOON - 3_600_000, toMs: NOON };
    const [again] = await keep([cluster({ timesMs: [NOON - 60_000, NOON - 50_000] })], earlier);
    expect(again).toEqual({ ...first, firstSeenMs: NOON - 60_000, lastSeenMs: NOON });
    const [later] = await keep([cluster({ timesMs: [NOON + 60_000] })]);
    expect(later).toEqual({ ...first, firstSeenMs: NOON - 60_000, lastSeenMs: NOON + 60_000 });
    const { rows } = await t.admin.query("select count::int from error_clusters");
    expect(rows).toEqual([{ count: 1 }]); // Of the window that was read last.
  });

  test("keep the worst level they were ever seen with", async () => {
    const seen: ErrorLevel[] = ["WARN", "ERROR", "WARN", "CRITICAL", "ERROR", "FATAL", "CRITICAL"];
    const worst: (ErrorLevel | undefined)[] = [];
    for (const level of seen) {
      const [kept] = await keep([cluster({ level })]);
      worst.push((await findCluster(t.a.scope, kept?.id as string))?.level);
    }
    expect(worst).toEqual(["WARN", "ERROR", "ERROR", "CRITICAL", "CRITICAL", "FATAL", "FATAL"]);
  });

  test("of one fingerprint are apart by service, namespace and tenant", async () => {
    const all = [
      cluster(),
      cluster({ service: "cart" }),
      cluster({ namespace: "" }),
      cluster({ fingerprint: "v1:2" }),
    ];
    await keep(all);
    await keep(all, WINDOW, t.b);
    const { rows } = await t.admin.query(
      "select tenant_id, count(*)::int as count from error_clusters group by tenant_id",
    );
    expect(rows.map((row) => row.count)).toEqual([4, 4]);
  });

  test("of hostile texts are kept, all of them", async () => {
    const texts = HOSTILE.flatMap((text, at) => [
      cluster({ fingerprint: `v1:s${at}`, sample: text, template: text }),
      cluster({ fingerprint: `v1:n${at}`, service: text, namespace: text }),
    ]);
    expect(await keep(texts)).toHaveLength(texts.length);
    expect(await keep(texts)).toHaveLength(texts.length);
    const { rows } = await t.admin.query(
      "select sample_message from error_clusters where fingerprint = 'v1:s3' or fingerprint = 'v1:s0' order by fingerprint",
    );
    expect(rows.map((row) => row.sample_message)).toEqual(["a\uFFFDb", HOSTILE[3]]);
  });

  test("whose services can only be kept as one are kept as one", async () => {
    const kept = await keep([
      cluster({ service: "a\0", level: "WARN", timesMs: [NOON + 9] }),
      cluster({ service: "a\uFFFD", level: "FATAL", timesMs: [NOON] }),
      cluster({ service: "a\ud800", timesMs: [NOON + 5] }),
    ]);
    expect(kept).toMatchObject([{ service: "a\uFFFD", firstSeenMs: NOON, lastSeenMs: NOON + 9 }]);
    expect(await findCluster(t.a.scope, kept[0]?.id as string)).toMatchObject({ level: "FATAL" });
    const { rows } = await t.admin.query("select count::int from error_clusters");
    expect(rows).toEqual([{ count: 3 }]);
  });

  test("of a service with an endless name are kept under its beginning", async () => {
    // Random text does not compress: this is as large as an index entry becomes.
    const endless = Array.from({ length: 3_000 }, () =>
      String.fromCodePoint(0x4e00 + Math.floor(Math.random() * 20_000)),
    ).join("");
    const kept = await keep([cluster({ service: endless, namespace: endless })]);
    expect(kept).toMatchObject([{ service: endless.slice(0, 300), namespace: endless.slice(0, 300) }]);
  });

  test("of any texts at all are kept", async () => {
    const text = fc.string({ unit: "binary", maxLength: 40 });
    const one = fc
      .record({ service: text, namespace: text, template: text, sample: text })
      .map((texts) => cluster({ ...texts, service: `s${texts.service}` }));
    await fc.assert(
      fc.asyncProperty(fc.array(one, { minLength: 1, maxLength: 8 }), async (clusters) => {
        expect((await keep(clusters)).length).toBeGreaterThan(0);
      }),
      { numRuns: 40 },
    );
  });

  test("can be 10,000 at once", async () => {
    const many = Array.from({ length: 10_000 }, (_, at) => cluster({ fingerprint: `v1:${at}` }));
    expect(await keep(many)).toHaveLength(10_000);
    const again = await keep(many.toReversed());
    expect(new Set(again.map((kept) => kept.id)).size).toBe(10_000);
  });

  test("can be none", async () => {
    expect(await keep([])).toEqual([]);
  });

  test("seen by several analyses at once do not stop each other", async () => {
    const many = Array.from({ length: 400 }, (_, at) =>
      cluster({ fingerprint: `v1:${at}`, service: `s-${at % 7}` }),
    );
    const shuffled = [many, many.toReversed(), many.toSorted((a, b) => (a.service < b.service ? 1 : -1))];
    for (let round = 0; round < 3; round++) {
      await Promise.all(shuffled.map((clusters) => keep(clusters)));
    }
    const { rows } = await t.admin.query("select count(*)::int as count from error_clusters");
    expect(rows).toEqual([{ count: 400 }]);
  });
});

const PACK = {
  quieter: [],
  deploys: [],
  service: "checkout",
  clusters: [],
} as unknown as Pack;

async function begin(
  onceId: string,
  more: { service?: string; workspace?: Workspace } = {},
): Promise<string> {
  const workspace = more.workspace ?? t.a;
  const conversation = await beginConversation(workspace, {
    place: { platform: "web", workspace: workspace.externalId, channel: "C1" },
    askedBy: "U1",
    onceId,
    service: more.service ?? "checkout",
    namespace: "",
    window: WINDOW,
  });
  return conversation.id;
}

describe("conversations", () => {
  test("begin once for one act, also when it is delivered twice at the same time", async () => {
    const onceId = randomUUID();
    const ids = await Promise.all(Array.from({ length: 8 }, () => begin(onceId)));
    expect(new Set(ids).size).toBe(1);
    expect(await begin(onceId, { service: "another" })).toBe(ids[0]);
    expect(await findConversation(t.a.scope, ids[0] as string)).toMatchObject({
      at: { workspaceId: t.a.id, channel: "C1" },
      service: "checkout",
      window: WINDOW,
      state: "queued",
    });
  });

  test("of two workspaces of one tenant are two, also where the platforms name the acts alike", async () => {
    const other = await t.directory.connect({
      platform: "slack",
      externalId: "T1",
      workspaceName: "T1",
      lokiOrgId: "a",
    });
    expect(other.scope.tenantId).toBe(t.a.scope.tenantId);
    expect(await begin("act", { workspace: other })).not.toBe(await begin("act"));
  });

  test("remember the first message that showed them", async () => {
    const id = await begin(randomUUID());
    const [one, two] = [randomUUID(), randomUUID()];
    await Promise.all([
      rememberMessage(t.a.scope, id, messageAt(one)),
      rememberMessage(t.a.scope, id, messageAt(two)),
    ]);
    const first = (await findConversation(t.a.scope, id))?.shownAt?.messageId as string;
    expect([one, two]).toContain(first);
    await rememberMessage(t.a.scope, id, messageAt("late"));
    expect((await findConversationByThread(t.a, "C1", first))?.id).toBe(id);
    expect(await findConversationByThread(t.a, "C2", first)).toBeUndefined();
  });

  test("remember another message only in the place of the one that is gone", async () => {
    const id = await begin(randomUUID());
    await rememberMessage(t.a.scope, id, messageAt("M1"));
    await rememberMessage(t.a.scope, id, messageAt("M3"), "M2");
    expect((await findConversation(t.a.scope, id))?.shownAt?.messageId).toBe("M1");
    await rememberMessage(t.a.scope, id, messageAt("M2"), "M1");
    expect((await findConversation(t.a.scope, id))?.shownAt?.messageId).toBe("M2");
  });

  test("end once: what the person was told stays", async () => {
    const id = await begin(randomUUID());
    const close = (end: Parameters<typeof closeConversation>[3]) =>
      t.a.scope.transaction((db) => closeConversation(t.a.scope, db, id, end));
    await close({ state: "answered", pack: PACK });
    await close({ state: "failed", why: "no answer" });
    expect(await findConversation(t.a.scope, id)).toMatchObject({ state: "answered", pack: PACK });
  });

  test("keep a pack of hostile texts", async () => {
    const id = await begin(randomUUID());
    const pack = { ...PACK, deploys: HOSTILE.map((version) => ({ version })) } as unknown as Pack;
    await t.a.scope.transaction((db) => closeConversation(t.a.scope, db, id, { state: "answered", pack }));
    const kept = await findConversation(t.a.scope, id);
    expect(kept?.pack?.deploys.map((deploy) => deploy.version)).toEqual(
      HOSTILE.map((text) => text.replaceAll("\0", "\uFFFD").toWellFormed()),
    );
  });

  test("give the last turns in the order in which they were said, each once", async () => {
    const id = await begin(randomUUID());
    for (let at = 0; at < 6; at++) {
      const said = { author: at % 2 === 0 ? "person" : "bot", personId: "U1" } as const;
      await addTurn(t.a.scope, id, { ...said, body: `${at}`, onceId: `act-${at}` });
      await addTurn(t.a.scope, id, { ...said, body: `${at} again`, onceId: `act-${at}` });
    }
    expect(await lastTurns(t.a.scope, id, 4)).toEqual([
      { author: "person", body: "2", lookedUp: [] },
      { author: "bot", body: "3", lookedUp: [] },
      { author: "person", body: "4", lookedUp: [] },
      { author: "bot", body: "5", lookedUp: [] },
    ]);
    expect(await lastTurns(t.a.scope, id, 100)).toHaveLength(6);
    for (const [at, body] of HOSTILE.entries()) {
      await addTurn(t.a.scope, id, { author: "person", personId: "U1", body, onceId: `hostile-${at}` });
    }
    expect(await lastTurns(t.a.scope, id, 100)).toHaveLength(6 + HOSTILE.length);
  });
});

describe("conversations asked through the API", () => {
  /** Each service by a key of its own: a key may wait for so much at a time. */
  function ask(
    service: string,
    { scope }: Workspace = t.a,
    onceId: string = randomUUID(),
    window = WINDOW,
  ): Promise<Conversation> {
    return beginConversation(
      { scope },
      { askedBy: `key of ${service}`, onceId, service, namespace: "", window },
    );
  }

  test("are shown nowhere, and begin once for one request, also when it comes twice at the same time", async () => {
    const onceId = randomUUID();
    const begun = await Promise.all(Array.from({ length: 8 }, () => ask("api-once", t.a, onceId)));
    const [{ id } = { id: "" }] = begun;
    expect(new Set(begun.map((each) => each.id)).size).toBe(1);
    expect((await ask("another", t.a, onceId)).id).toBe(id);
    const found = await findConversation(t.a.scope, id);
    expect(found).toMatchObject({ onceId, service: "api-once", window: WINDOW, state: "queued" });
    for (const absent of ["at", "shownAt", "thread", "joinsId"]) expect(found).not.toHaveProperty(absent);
    expect((await queuedConversations(t.a)).map((each) => each.id)).not.toContain(id);
    const unanswered = await t.directory.unansweredConversations(Date.now() + 60_000, 500);
    expect(unanswered.map((each) => each.id)).toContain(id);
    await expect(rememberMessage(t.a.scope, id, messageAt("M1"))).rejects.toThrow("conversations_shown");
  });

  test("are others than those of a workspace, or of another tenant, whose acts are named alike", async () => {
    const onceId = randomUUID();
    const ids = [
      await begin(onceId, { service: "api-named" }),
      (await ask("api-named", t.a, onceId)).id,
      (await ask("api-named", t.b, onceId)).id,
    ];
    expect(new Set(ids).size).toBe(3);
    // Another that asks the same is joined, however it is named.
    expect((await ask("api-named", t.a, onceId)).joinsId).toBe(ids[0]);
    expect(await begin(onceId, { service: "api-named" })).toBe(ids[0]);
    expect((await ask("api-named", t.a, onceId)).id).toBe(ids[1]);
  });

  test("join what a channel waits for already, and are joined by what one asks after them", async () => {
    const inChannel = await begin(randomUUID(), { service: "api-joins" });
    const near = { fromMs: WINDOW.fromMs + 60_000, toMs: WINDOW.toMs + 60_000 };
    const joining = await ask("api-joins", t.a, randomUUID(), near);
    expect(joining.joinsId).toBe(inChannel);

    const first = await ask("api-joined");
    expect(first).not.toHaveProperty("joinsId");
    const later = await begin(randomUUID(), { service: "api-joined" });
    expect((await findConversation(t.a.scope, later))?.joinsId).toBe(first.id);
    const another = await ask("api-joined");
    expect(another.joinsId).toBe(first.id);
    const far = { fromMs: WINDOW.fromMs - 3_600_000, toMs: WINDOW.toMs };
    expect(await ask("api-joined", t.a, randomUUID(), far)).not.toHaveProperty("joinsId");
    expect(await ask("api-joined", t.b)).not.toHaveProperty("joinsId");

    await t.a.scope.transaction(async (db) => {
      expect((await claimJoined(t.a.scope, db, inChannel)).map(({ id, at }) => ({ id, at }))).toEqual([
        { id: joining.id, at: undefined },
      ]);
      expect((await claimJoined(t.a.scope, db, first.id)).map(({ id, at }) => ({ id, at }))).toEqual([
        { id: later, at: { workspaceId: t.a.id, channel: "C1" } },
        { id: another.id, at: undefined },
      ]);
    });
  });

  test("that join another join it still when they are asked again, and never themselves", async () => {
    const [firstId, joiningId] = [randomUUID(), randomUUID()];
    const first = await ask("api-again", t.a, firstId);
    const joining = await ask("api-again", t.a, joiningId);
    expect(joining.joinsId).toBe(first.id);
    expect(await ask("api-again", t.a, firstId)).toEqual(first);
    expect(await ask("api-again", t.a, joiningId)).toEqual(joining);
  });

  test("end with what was found, and can be talked about", async () => {
    const { id } = await ask("api-ends");
    await t.a.scope.transaction((db) =>
      closeConversation(t.a.scope, db, id, { state: "answered", pack: PACK }),
    );
    await addTurn(t.a.scope, id, { author: "person", personId: "a key", body: "why?", onceId: "act-1" });
    expect(await findConversation(t.a.scope, id)).toMatchObject({ state: "answered", pack: PACK });
    expect(await lastTurns(t.a.scope, id, 4)).toHaveLength(1);
  });
});

describe("feedback", () => {
  test("is one opinion a person, which the next one changes", async () => {
    const [known] = await keep([cluster()]);
    const answer = {
      provider: "builtin",
      model: "builtin-1",
      rootCause: "no stock",
      summary: "no stock",
      confidence: 0.5,
      confidenceReasons: [],
      cites: [],
    } as const;
    const analysisId = await t.a.scope.transaction((db) =>
      insertAnalysis(
        t.a.scope,
        db,
        known?.id as string,
        { ...answer, confidenceReasons: [], cites: [] },
        PACK,
      ),
    );
    const say = (personId: string, verdict: "right" | "partly" | "wrong") =>
      keepFeedback(t.a.scope, { analysisId, workspaceId: t.a.id, personId, verdict });
    expect(await Promise.all([say("U1", "right"), say("U2", "right"), say("U1", "right")])).toEqual([
      true,
      true,
      true,
    ]);
    expect(await say("U1", "wrong")).toBe(true);
    const { rows } = await t.admin.query("select person_id, verdict from feedback order by person_id");
    expect(rows).toEqual([
      { person_id: "U1", verdict: "wrong" },
      { person_id: "U2", verdict: "right" },
    ]);
    const nobody = {
      analysisId: randomUUID(),
      workspaceId: t.a.id,
      personId: "U1",
      verdict: "right",
    } as const;
    expect(await keepFeedback(t.a.scope, nobody)).toBe(false);
  });
});

describe("deploys", () => {
  const deploy = (more: object = {}) => ({
    service: "checkout",
    namespace: "shop",
    version: "v2",
    atMs: NOON,
    markedBy: "U1",
    onceId: randomUUID(),
    ...more,
  });
  beforeEach(async () => {
    await t.admin.query("truncate deploy_markers");
  });

  test("are marked once for one act, whenever it is delivered again, and forgotten by their act", async () => {
    const onceId = randomUUID();
    await Promise.all([1, 2, 3].map(() => markDeploy(t.a.scope, deploy({ onceId }))));
    await markDeploy(t.a.scope, deploy({ onceId, atMs: NOON + 5 }));
    expect(await findDeploys(t.a.scope, WINDOW, "")).toEqual([
      { service: "checkout", namespace: "shop", version: "v2", atMs: NOON },
    ]);
    expect(await findMark(t.a.scope, onceId)).toBe(NOON);
    await t.a.scope.transaction((db) => forgetDeploysIn(t.a.scope, db, onceId.slice(0, 8)));
    expect(await findMark(t.a.scope, onceId)).toBeUndefined();
    expect(await findDeploys(t.a.scope, WINDOW, "")).toEqual([]);
  });

  test("are those of the range, its begin included and its end not, of one namespace or of all", async () => {
    for (const atMs of [WINDOW.fromMs - 1, WINDOW.fromMs, WINDOW.toMs - 1, WINDOW.toMs]) {
      await markDeploy(t.a.scope, deploy({ atMs, version: `${atMs - NOON}` }));
    }
    await markDeploy(t.a.scope, deploy({ atMs: NOON + 7, namespace: "other", version: "7" }));
    const versions = async (namespace: string) =>
      (await findDeploys(t.a.scope, WINDOW, namespace)).map((found) => found.version);
    expect(await versions("")).toEqual(["0", "7", "3599999"]);
    expect(await versions("shop")).toEqual(["0", "3599999"]);
  });

  test("beyond 200 are the newest ones, which are nearest to what went wrong", async () => {
    await t.a.scope.query(
      `insert into deploy_markers (tenant_id, service, namespace, version, deployed_at, marked_by, once_id)
       select $1, 's', '', n, to_timestamp($2 / 1000.0) + n * interval '1 second', 'ci', 'ci-' || n from generate_series(1, 250) n`,
      [t.a.scope.tenantId, NOON],
    );
    const found = await findDeploys(t.a.scope, WINDOW, "");
    expect(found.map((one) => one.version)).toEqual(Array.from({ length: 200 }, (_, at) => `${at + 51}`));
  });
});

describe("anomalies", () => {
  test("are listed newest first, with the messages about them, as far as the limit", async () => {
    await t.a.scope.query(
      `insert into anomaly_events (
         tenant_id, service, namespace, fingerprint, started_at, detected_at, last_odd_at, resolved_at, severity, metric,
         baseline_value, observed_value, deviation_factor
       ) select $1, 's', '', 'v1:' || n, at, at, at, case when n < 3 then now() end, 'HIGH', 'new_error', 1, n, n
       from generate_series(1, 5) n, lateral (select to_timestamp($2 / 1000.0) + n * interval '1 minute' as at) began`,
      [t.a.scope.tenantId, NOON],
    );
    await t.a.scope.query(
      `insert into deliveries (tenant_id, workspace_id, channel, anomaly_event_id, kind, sequence, card, state, reports)
       select $1, $2, channel, e.id, 'alert', 1, '{}', 'sent', array[e.id] from anomaly_events e, unnest(array['C2', 'C1']) channel
       where e.tenant_id = $1 and e.observed_value = 5`,
      [t.a.scope.tenantId, t.a.id],
    );
    const newest = await listAnomalies(t.a.scope, {}, 2);
    expect(newest.map((event) => event.observedValue)).toEqual([5, 4]);
    expect(newest.map((event) => event.deliveries)).toEqual([
      [
        { workspaceId: t.a.id, channel: "C1", state: "sent" },
        { workspaceId: t.a.id, channel: "C2", state: "sent" },
      ],
      [],
    ]);
    expect(newest[0]).toMatchObject({ detectedAtMs: NOON + 300_000, notified: false, severity: "HIGH" });
    expect(newest[0]).not.toHaveProperty("resolvedAtMs");
    const values = async (state: "open" | "resolved") =>
      (await listAnomalies(t.a.scope, { state, service: "s" }, 10)).map((event) => event.observedValue);
    expect(await values("open")).toEqual([5, 4, 3]);
    expect(await values("resolved")).toEqual([2, 1]);
  });
});

test("anomalies that bear on a question are found, however many came after it and in other namespaces", async () => {
  await t.a.scope.query(
    `insert into anomaly_events (
       tenant_id, service, namespace, fingerprint, started_at, detected_at, last_odd_at, severity, metric,
       baseline_value, observed_value, deviation_factor
     ) select $1, service, namespace, 'of question ' || n, at, at, at, 'HIGH', 'new_error', 1, n, n
     from (values ('first', 'wanted', 1, 1), ('other', 'other', 5, 50), ('later', 'wanted', 120, 50)) v (service, namespace, minute, many),
       generate_series(1, many) n, lateral (select to_timestamp($2 / 1000.0) + minute * interval '1 minute' as at) began`,
    [t.a.scope.tenantId, NOON + 10 * 24 * 3_600_000],
  );
  const range = { fromMs: NOON + 10 * 24 * 3_600_000, toMs: NOON + 10 * 24 * 3_600_000 + 3_600_000 };
  const found = await keptOf(t.a.scope, "wanted").anomalies(range);
  expect(found.map(({ service }) => service)).toEqual(["first"]);
});

describe("the console's history", () => {
  const CARD: Card = { title: "checkout", tone: "good", body: [] };
  const CANARY = "canary-4711 password=hunter2";
  const LINES: Card = {
    ...CARD,
    body: [
      { kind: "text", text: "Here they are" },
      { kind: "log", lines: [CANARY], caption: ["From ", { strong: "12:00" }], transient: true },
      { kind: "log", lines: [CANARY], transient: true },
      { kind: "log", lines: ["kept: redacted evidence"] },
    ],
  };
  let history: MessageHistory;
  let other: MessageHistory;
  let channel: string;

  beforeEach(() => {
    // Two processes, one page each.
    history = createConsoleHistory(t.directory, "web", "team-a");
    other = createConsoleHistory(t.directory, "web", "team-a");
    channel = randomUUID();
  });

  function said(onceId: string = randomUUID(), more: Partial<NewMessage> = {}): NewMessage {
    return {
      channel,
      author: { kind: "person", id: "U1", name: "Ann" },
      body: { text: "hi" },
      onceId,
      ...more,
    };
  }
  const newest = (limit: number, before?: string) => ({
    limit,
    reader: "U1",
    ...(before !== undefined && { before }),
  });
  const shown = (card: Card, onceId?: string) => said(onceId, { author: { kind: "bot" }, body: { card } });

  test("gives back what was said, as it was said", async () => {
    const root = await history.append(shown(CARD));
    const reply = await history.append(said(undefined, { thread: root.id, onlyFor: "U1" }));
    expect(reply).toMatchObject({ channel, thread: root.id, onlyFor: "U1", body: { text: "hi" } });
    expect(await other.latest({ channel }, newest(10))).toEqual([root]);
    expect(await other.latest({ channel, thread: root.id }, newest(10))).toEqual([reply]);
    expect(await other.get(root.id)).toEqual(root);
    expect(await other.findOnce(reply.onceId)).toEqual(reply);
    expect(await other.latest({ channel: "another" }, newest(10))).toEqual([]);
  });

  test("is paged back through to the first message, also after edits", async () => {
    const all: string[] = [];
    for (let at = 0; at < 7; at++) all.push((await history.append(shown(CARD))).id);
    await history.edit(all[1] as string, { ...CARD, title: "edited" });
    const found: string[] = [];
    for (let before: string | undefined; ; before = found[0]) {
      const page = await other.latest({ channel }, newest(3, before));
      if (page.length === 0) break;
      found.unshift(...page.map(({ id }) => id));
    }
    expect(found).toEqual(all);
    expect(await other.latest({ channel }, newest(3, randomUUID()))).toEqual([]);
    expect(await other.latest({ channel, thread: "m1" }, newest(3, "' or true --"))).toEqual([]);
  });

  test("counts a thread by itself, gives its newest replies, and leaves out what is for somebody else", async () => {
    const root = await history.append(shown(CARD));
    const quiet = await history.append(shown(CARD));
    const replies: string[] = [];
    for (let at = 0; at < 4; at++) {
      replies.push((await history.append(said(undefined, { thread: root.id, onlyFor: "U1" }))).id);
    }
    const theirs = await history.append(said(undefined, { thread: root.id, onlyFor: "U2" }));
    const threads = await other.threads([root.id, quiet.id], newest(2));
    expect([...threads.keys()]).toEqual([root.id]);
    expect(threads.get(root.id)).toMatchObject({
      replies: 4,
      newest: replies.slice(2).map((id) => ({ id })),
    });
    expect((await other.latest({ channel, thread: root.id }, newest(10))).map(({ id }) => id)).toEqual(
      replies,
    );
    expect((await other.latest({ channel }, newest(2))).map(({ id }) => id)).toEqual([root.id, quiet.id]);
    expect(await other.revision(channel)).toBe(theirs.revision);
    expect(await other.revision("another")).toBe(0);
  });

  test("keeps a message once, however many say it at the same time", async () => {
    const message = shown(CARD);
    const kept = await Promise.all(
      Array.from({ length: 12 }, (_, at) => (at % 2 === 0 ? history : other).append(message)),
    );
    expect(new Set(kept.map((one) => one.id)).size).toBe(1);
    expect(await history.latest({ channel }, newest(10))).toEqual([kept[0]]);
  });

  test("gives an edit a higher revision, and a repeat of the first message changes nothing", async () => {
    const first = await history.append(shown(LINES, "first"));
    const edited = await other.edit(first.id, { ...CARD, title: "done" });
    expect(edited?.revision).toBeGreaterThan(first.revision);
    expect(edited?.createdAtMs).toBe(first.createdAtMs);
    const repeated = await other.append(shown(LINES, "first"));
    expect(repeated).toEqual(edited);
    expect(await other.get(first.id)).toEqual(edited);
  });

  test("edits what the bot said and nothing else", async () => {
    const person = await history.append(said());
    expect(await history.edit(person.id, CARD)).toBeUndefined();
    expect(await history.edit(randomUUID(), CARD)).toBeUndefined();
    for (const id of ["", "m1", "' or true --", "\0"]) {
      expect(await history.edit(id, CARD)).toBeUndefined();
      expect(await history.get(id)).toBeUndefined();
    }
    expect(await history.get(person.id)).toEqual(person);
  });

  test("says what changed since a revision, in order and no more than asked for", async () => {
    const messages = [];
    for (let at = 0; at < 5; at++) messages.push(await history.append(shown(CARD)));
    const [first, second] = messages;
    const since = first?.revision as number;
    expect((await other.changedSince(channel, since, 2)).map((one) => one.id)).toEqual(
      messages.slice(1, 3).map((one) => one.id),
    );
    await history.edit(second?.id as string, CARD);
    const changed = await other.changedSince(channel, since, 10);
    expect(changed.map((one) => one.id)).toEqual([...messages.slice(2), second].map((one) => one?.id));
    expect(await other.changedSince(channel, changed.at(-1)?.revision as number, 10)).toEqual([]);
  });

  test("passes over nothing while many write at once", async () => {
    const root = await history.append(shown(CARD));
    const seen = new Map<string, number>();
    let cursor = root.revision;
    let writing = true;
    const read = async () => {
      const changed = await other.changedSince(channel, cursor, 1_000);
      for (const message of changed) {
        seen.set(message.id, message.revision);
        cursor = Math.max(cursor, message.revision);
      }
    };
    const reading = (async () => {
      while (writing) await read();
      await read();
    })();
    const written = await Promise.all(
      Array.from({ length: 8 }, async (_, writer) => {
        const latest = new Map<string, number>();
        for (let at = 0; at < 15; at++) {
          const kept = await (writer % 2 === 0 ? history : other).append(shown(CARD));
          latest.set(kept.id, kept.revision);
          const edited = await history.edit(kept.id, { ...CARD, title: `${at}` });
          latest.set(kept.id, edited?.revision as number);
        }
        return latest;
      }),
    );
    writing = false;
    await reading;
    const all = new Map(written.flatMap((latest) => [...latest]));
    expect(all.size).toBe(120);
    expect(seen).toEqual(all);
  });

  test("lets nobody see a higher revision while a lower one is not yet there", async () => {
    const root = await history.append(shown(CARD));
    // Holds up one writer after it has taken its revision, as a slow commit would.
    await t.admin.query(`\
create function hold_up() returns trigger language plpgsql as $$
begin
  if new.once_id like 'slow %' then perform pg_advisory_xact_lock(4711); end if;
  return new;
end
$$;
create constraint trigger hold_up after insert on console_messages
  deferrable initially deferred for each row execute function hold_up();
select pg_advisory_lock(4711)`);
    try {
      const slow = history.append(shown(CARD, `slow ${randomUUID()}`));
      const queued = `\
select from pg_locks where locktype = 'advisory' and not granted
  and database = (select oid from pg_database where datname = current_database())`;
      const waits = `${queued} and objid = 4711`;
      while ((await t.admin.query(waits)).rows.length === 0);
      let isIn = false;
      const quick = other.append(shown(CARD)).then((kept) => {
        isIn = true;
        return kept;
      });
      while (!isIn && (await t.admin.query(queued)).rows.length < 2);
      const seen = await other.changedSince(channel, root.revision, 10);
      const cursor = Math.max(root.revision, ...seen.map((message) => message.revision));
      await t.admin.query("select pg_advisory_unlock(4711)");
      const later = [await slow, await quick];
      const rest = await other.changedSince(channel, cursor, 10);
      expect([...seen, ...rest].map((one) => one.id).sort()).toEqual(later.map((one) => one.id).sort());
    } finally {
      await t.admin.query("select pg_advisory_unlock_all()");
      await t.admin.query("drop trigger hold_up on console_messages; drop function hold_up");
    }
  });

  test("never brings a transient line to the database, and shows it as long as this process lives", async () => {
    const kept = await history.append(shown(LINES));
    const edited = await history.append(shown(CARD));
    await history.edit(edited.id, LINES);
    expect(kept.body).toEqual({ card: LINES });
    for (const id of [kept.id, edited.id]) {
      expect((await history.get(id))?.body).toEqual({ card: LINES });
      expect((await other.get(id))?.body).toEqual({
        card: {
          ...CARD,
          body: [
            { kind: "text", text: "Here they are" },
            {
              kind: "text",
              text: [
                "From ",
                { strong: "12:00" },
                ". The lines themselves are not kept: ask again to see them.",
              ],
            },
            { kind: "text", text: "The lines themselves are not kept: ask again to see them." },
            { kind: "log", lines: ["kept: redacted evidence"] },
          ],
        },
      });
    }
    expect(await everything()).not.toContain("canary-4711");
  });

  test("forgets transient lines when the message changes to something else", async () => {
    const kept = await history.append(shown(LINES));
    await history.edit(kept.id, CARD);
    expect((await history.get(kept.id))?.body).toEqual({ card: CARD });
  });

  test("remembers the transient lines of the newest 200 messages and no more", async () => {
    const ids: string[] = [];
    for (let at = 0; at < 203; at++) ids.push((await history.append(shown(LINES))).id);
    const remembered = async (at: number) =>
      JSON.stringify((await history.get(ids[at] as string))?.body).includes(CANARY);
    expect([await remembered(0), await remembered(2), await remembered(3), await remembered(202)]).toEqual([
      false,
      false,
      true,
      true,
    ]);
  });

  test("remembers fewer messages where their transient lines are long", async () => {
    const long: Card = { ...CARD, body: [{ kind: "log", lines: ["x".repeat(6_000_000)], transient: true }] };
    const ids: string[] = [];
    for (let at = 0; at < 4; at++) ids.push((await history.append(shown(long))).id);
    const bodies = await Promise.all(ids.map(async (id) => (await history.get(id))?.body));
    const isRemembered = (body: unknown) => JSON.stringify(body).length > 6_000_000;
    expect(bodies.map(isRemembered)).toEqual([false, true, true, true]);
  });

  test("keeps hostile texts in a form that PostgreSQL can hold", async () => {
    for (const text of HOSTILE) {
      const kept = await history.append(said(undefined, { body: { text } }));
      expect(kept.body).toEqual({ text: text.replaceAll("\0", "\uFFFD").toWellFormed() });
      await history.append(shown({ ...CARD, title: text }));
    }
    expect(await history.latest({ channel }, newest(100))).toHaveLength(2 * HOSTILE.length);
  });

  test("fails with words for the operator where its workspace is nobody's", async () => {
    const nobodys = createConsoleHistory(t.directory, "web", "unknown");
    await expect(nobodys.latest({ channel }, newest(1))).rejects.toThrow("is not mapped to a tenant");
  });
});

/** Every row of every table, as text. */
async function everything(): Promise<string> {
  const { rows } = await t.admin.query<{ all: string }>(
    "select database_to_xml(false, false, '')::text as all",
  );
  const all = rows[0]?.all as string;
  expect(all).toContain("redacted evidence");
  return all;
}
