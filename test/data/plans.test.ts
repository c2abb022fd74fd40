import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type pg from "pg";
import { listTold } from "../../src/alerting/alertDeliveries.ts";
import { claimDeliveries } from "../../src/alerting/claims.ts";
import { listDeadLetters } from "../../src/alerting/deadLetters.ts";
import { deliveryBacklog, isNoticeOwed } from "../../src/alerting/deliveries.ts";
import { listDigestEvents } from "../../src/alerting/digestStore.ts";
import { listKnownHolds } from "../../src/alerting/holds.ts";
import { findConversation, findConversationByThread } from "../../src/analysis/conversations.ts";
import { listJobs } from "../../src/analysis/jobs.ts";
import { type AnalysisFilter, listAnalyses } from "../../src/analysis/pages.ts";
import {
  findAnalysis,
  findPastAnalyses,
  keepFeedback,
  listJudged,
  newestAnalysisIn,
} from "../../src/analysis/store.ts";
import { countQuestionsBefore, findTurnByNumber, lastTurns, listSpeakers } from "../../src/analysis/turns.ts";
import { checkRoom, longestWaiting } from "../../src/analysis/waiting.ts";
import { listBaselines } from "../../src/anomalies/baselineStore.ts";
import { readCircumstances } from "../../src/anomalies/circumstances.ts";
import { recentEpisodes } from "../../src/anomalies/episodeStore.ts";
import { type AnomalyPageFilter, pageOfAnomalies } from "../../src/anomalies/pages.ts";
import {
  type AnomalyFilter,
  countOpenAnomalies,
  findAnomaliesAt,
  listAnomalies,
  servicesOfAlertAt,
} from "../../src/anomalies/store.ts";
import { listEntries } from "../../src/audit/entries.ts";
import { type ClusterFilter, listClusters } from "../../src/clusters/pages.ts";
import { findLike, findRelated, relateNew } from "../../src/clusters/relatedStore.ts";
import { findCluster } from "../../src/clusters/store.ts";
import { createConsoleHistory } from "../../src/console/history.ts";
import { findDeploys } from "../../src/deploys.ts";
import { addFilter, deleteFilter, findFilter, listFilters, saveFilter } from "../../src/filters/store.ts";
import { beginRequest, endRequest, leaveRequest } from "../../src/http/api/requests.ts";
import { listEnding, listNeverShown, listUnused } from "../../src/keys/careStore.ts";
import {
  countKeys,
  findKey,
  listKeys,
  lockKey,
  noteUse,
  revokeKeys,
  takeName,
} from "../../src/keys/store.ts";
import { lastFailure, spentToday } from "../../src/models/calls.ts";
import { PERISHABLES } from "../../src/retention.ts";
import { createDirectory, type TenantDirectory, type Workspace } from "../../src/tenancy/directory.ts";
import { roleOf } from "../../src/tenancy/members.ts";
import type { PageEnd } from "../../src/tenancy/pages.ts";
import { forgetBatch } from "../../src/tenancy/perishable.ts";
import { openTestTenants, type TestTenants } from "../support/tenants.ts";

/** What no query of a list may read from end to end. */
const BIG_ROWS = 10_000;
const MAX_MS = 50;
/** Rows looked up by their ids within MAX_MS while the machine does nothing else: what 50 ms are on one that is slow or busy. */
const LOOKUPS = 12_000;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

let t: TestTenants;
/** The tenant with half of all rows. */
let big: Workspace;
/** A directory whose every statement is explained before it runs. */
let explained: TenantDirectory;
let plans: Plan[] = [];
let bigTables: string[] = [];
let ids: Record<"cluster" | "analysis" | "conversation" | "message" | "key", string>;

beforeAll(async () => {
  t = await openTestTenants();
  await fill();
  explained = createDirectory({
    ...t.database,
    app: explaining(t.database.app),
    directory: explaining(t.database.directory),
  });
  big = (await explained.findWorkspace("web", "team-a")) as Workspace;
});
afterAll(() => t.close());

/** 1,000,000 events of 20 tenants, and what belongs to them, spread over 90 days. */
async function fill(): Promise<void> {
  const { admin } = t;
  await admin.query(`\
insert into tenants (name, loki_org_id) select 'tenant ' || n, 'org-' || n from generate_series(1, 18) n;
insert into workspaces (tenant_id, platform, external_id, name, connected_at)
select id, 'web', 'team-' || name, name, now() from tenants where name like 'tenant %'`);
  // Every second row is of one tenant, the others are shared out among the rest.
  await admin.query(`\
create temporary table owners as
select row_number() over (order by w.external_id = 'team-a' desc, w.external_id) - 1 as at, w.tenant_id, w.id as workspace_id
from workspaces w;
-- Checks of foreign keys would take most of the time.
set session_replication_role = replica`);
  const owner = "owners o on o.at = case when n % 2 = 0 then 0 else (n / 2) % 19 + 1 end";
  const at = (days: number, rows: number) => `now() - n * interval '${days} days' / ${rows}`;

  // Made of a whole table, indexes take half the time that they take row by row.
  const { rows: indexes } = await admin.query<{ name: string; definition: string }>(`\
select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as definition from pg_index
where indrelid = 'anomaly_events'::regclass and indexrelid not in (select conindid from pg_constraint)`);
  for (const { name } of indexes) await admin.query(`drop index ${name}`);
  // Ids that grow, since random ones take the index twice as long. Nearly all are over; of service-7 all are, so that its open ones are looked for in vain.
  await admin.query(`\
insert into anomaly_events (
  id, tenant_id, service, namespace, fingerprint, started_at, detected_at, last_odd_at, resolved_at, severity, metric,
  baseline_value, observed_value, deviation_factor
)
select lpad(to_hex(n), 32, '0')::uuid, o.tenant_id, 'service-' || number, '', 'v1:' || n, began.at, began.at, began.at,
  case when n % 100 > 1 or number = 7 then least(now(), began.at + interval '30 days') end, 'HIGH', 'new_error', 1, 9, 9
from generate_series(1, 1000000) n join ${owner} cross join lateral (select (n / 2 + n / 100) % 40 as number) service
  cross join lateral (select ${at(90, 1_000_000)} as at) began`);
  for (const { definition } of indexes) await admin.query(definition);
  await admin.query(`\
-- Nearly all of them are too old to count.
insert into anomaly_labels (tenant_id, updated_at, anomaly_event_id, verdict, person_id)
select tenant_id, detected_at - interval '27 days', id, 'right', 'U1' from anomaly_events
where detected_at > now() - interval '3 days' or detected_at < now() - interval '85 days';
insert into error_clusters (
  tenant_id, service, namespace, fingerprint, level, first_seen_at, last_seen_at, count, window_start, window_end, template, sample_message
)
select o.tenant_id, 'service-' || n % 40, '', 'v1:' || n, 'ERROR', now(), now(), 1, now(), now(), 'text', 'text'
from generate_series(1, 30000) n join ${owner};
insert into related_clusters (tenant_id, cluster_id, related_id, similarity)
select tenant_id, id, related_id, 0.8
from (select tenant_id, id, lag(id) over (partition by tenant_id, service order by id) as related_id from error_clusters) pairs
where related_id is not null;
insert into analysis_results (tenant_id, created_at, cluster_id, provider, model, root_cause, confidence, summary, evidence)
select tenant_id, created_at, id, 'builtin', 'builtin', 'cause', 0.5, 'summary', '[]' from error_clusters;
-- One that is asked about all the time.
with much as (
  insert into error_clusters (
    tenant_id, service, namespace, fingerprint, level, first_seen_at, last_seen_at, count, window_start, window_end, template, sample_message
  )
  select tenant_id, 'service-much', '', 'v1:' || n, 'ERROR', now(), now(), 1, now(), now(), 'much', 'much'
  from owners cross join generate_series(1, 10) n where at = 0 returning tenant_id, id
)
insert into analysis_results (tenant_id, created_at, cluster_id, provider, model, root_cause, confidence, summary, evidence)
select tenant_id, ${at(90, 2_000)}, id, 'builtin', 'builtin', 'cause', 0.5, 'summary', '[]'
from much cross join generate_series(1, 2000) n;
insert into deploy_markers (tenant_id, service, namespace, version, deployed_at, marked_by, once_id)
select o.tenant_id, 'service-' || n % 40, 'ns-' || n % 3, 'v' || n, ${at(90, 50_000)}, 'U1', 'act-' || n
from generate_series(1, 50000) n join ${owner};
insert into conversations (
  tenant_id, created_at, workspace_id, channel, message_id, asked_by, once_id, service, namespace, window_start, window_end, state, analysis_id
)
select o.tenant_id, ${at(90, 30_000)}, o.workspace_id, 'C' || n % 20, 'M' || n, 'U1', 'act-' || n, 'service', '',
  now() - interval '1 hour', now(), case when n % 300 < 2 then 'queued' else 'answered' end, a.id
from generate_series(1, 30000) n join ${owner}
left join (select id, tenant_id, row_number() over (order by id) as at from analysis_results) a on a.at = n and a.tenant_id = o.tenant_id;
insert into model_calls (tenant_id, created_at, provider, model, purpose, state, input_tokens, output_tokens)
select o.tenant_id, ${at(90, 50_000)}, 'openai', 'm', 'question', 'answered', 1, 1 from generate_series(1, 50000) n join ${owner};
insert into feedback (tenant_id, analysis_id, workspace_id, person_id, verdict)
select a.tenant_id, a.id, o.workspace_id, 'U0', 'right' from analysis_results a join owners o using (tenant_id) limit 20000;
insert into conversation_messages (tenant_id, created_at, conversation_id, author, person_id, body, once_id, state)
select c.tenant_id, c.created_at + turn * interval '1 second', c.id, 'person', 'U1', 'why?', 'act-' || turn,
  case when turn = 1 and hashtext(c.once_id) % 200 = 0 then 'queued' else 'said' end
from conversations c cross join generate_series(1, 4) turn;
insert into deliveries (
  tenant_id, created_at, workspace_id, channel, conversation_id, kind, sequence, card, state, next_attempt_at, lease_owner, lease_until
)
select tenant_id, created_at, workspace_id, channel, id, 'answer', 1, '{}',
  case when hashtext(once_id) % 50 = 0 then 'pending' when hashtext(once_id) % 50 = 1 then 'refused' else 'sent' end,
  created_at, null, null
from conversations;
insert into deliveries (tenant_id, workspace_id, channel, anomaly_event_id, kind, sequence, card, state, reports)
select e.tenant_id, o.workspace_id, 'C1', e.id, 'alert', 1, '{}', 'sent', array[e.id]
from anomaly_events e join owners o using (tenant_id) where e.detected_at > now() - interval '5 days';
-- As a trigger does, which is off here.
insert into channel_paces (tenant_id, workspace_id, channel) select distinct tenant_id, workspace_id, channel from deliveries;
insert into console_messages (
  tenant_id, created_at, updated_at, workspace_id, channel, body_text, author_id, author_name, once_id
)
select o.tenant_id, ${at(90, 50_000)}, ${at(90, 50_000)}, o.workspace_id, 'C' || n % 3, 'text', 'U1', 'U1', 'act-' || n
from generate_series(1, 50000) n join ${owner} order by n desc; -- The oldest first, as revisions grow with time.
insert into console_messages (
  tenant_id, created_at, updated_at, workspace_id, channel, thread_id, body_text, author_id, author_name, once_id
)
select tenant_id, created_at, updated_at, workspace_id, channel, id, 'text', 'U1', 'U1', 'first reply to ' || id
from console_messages where created_at < now() - interval '80 days';
-- One thread as long as a channel, newer than all else in it.
insert into console_messages (tenant_id, workspace_id, channel, thread_id, body_text, author_id, author_name, once_id)
select m.tenant_id, m.workspace_id, m.channel, m.id, 'text', 'U1', 'U1', 'reply-' || n
from generate_series(1, 20000) n join console_messages m on m.once_id = 'act-2';
insert into members (tenant_id, workspace_id, external_id, role)
select o.tenant_id, o.workspace_id, 'U' || n, 'viewer' from generate_series(1, 20000) n join ${owner};
insert into saved_filters (tenant_id, name, filter_json, created_by, deleted_at)
select o.tenant_id, 'Filter-' || n, '{"service":"checkout"}', 'U1', case when n % 8 < 2 then now() end
from generate_series(1, 20000) n join ${owner}`);
  await admin.query(`\
-- Rotated again and again: of a hundred ten are not revoked, of those one was never shown, and most were replaced and have ended since.
insert into api_keys (tenant_id, created_at, name, key_hash, scopes, last_four, created_by, expires_at, shown_at, replaced_at, deleted_at)
select o.tenant_id, began.at, 'key-' || n, '$2b$', '{read:analysis}', '0aZ9', 'U1',
  case when n % 3 < 2 then began.at + interval '30 days' end, case when n % 100 > 1 then began.at end,
  case when n % 5 > 1 then began.at + interval '20 days' end, case when n / 2 % 10 > 0 then began.at + interval '25 days' end
from generate_series(1, 20000) n join ${owner} cross join lateral (select ${at(90, 20_000)} as at) began;
-- Nearly all of one kind.
insert into audit_entries (tenant_id, created_at, actor, actor_id, actor_name, action, subject)
select o.tenant_id, ${at(500, 50_000)}, 'person', 'U1', 'Ann', case when n % 500 < 2 then 'key.created' else 'access.refused' end, 'ci'
from generate_series(1, 50000) n join ${owner};
insert into api_requests (tenant_id, created_at, api_key_id, once_id, request_hash, in_hand_until, status, answer)
select k.tenant_id, ${at(90, 50_000)}, k.id, 'act-' || n, 'hash', now(), 200, '{}'
from generate_series(1, 50000) n join ${owner}
join lateral (select tenant_id, id from api_keys where tenant_id = o.tenant_id and deleted_at is null limit 1) k on true`);
  await admin.query("vacuum (analyze)"); // As autovacuum does: an index alone can then answer a count.

  const counts = await admin.query<{ relname: string }>(
    "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' and reltuples >= $1",
    [BIG_ROWS],
  );
  bigTables = counts.rows.map((row) => row.relname);
  const { rows } = await admin.query<typeof ids>(
    `select cl.id as cluster, a.id as analysis, c.id as conversation, m.id as message, r.api_key_id as key
     from conversations c join analysis_results a on a.id = c.analysis_id join error_clusters cl on cl.id = a.cluster_id
     join console_messages m on m.tenant_id = c.tenant_id and m.once_id = 'act-2'
     join api_requests r on r.tenant_id = c.tenant_id and r.once_id = 'act-2'
     where c.tenant_id = $1 limit 1`,
    [t.a.scope.tenantId],
  );
  ids = rows[0] as typeof ids;
}

interface Plan {
  statement: string;
  tookMs: number;
  /** Tables read from end to end. */
  scanned: string[];
}

interface Node {
  "Node Type": string;
  "Relation Name"?: string;
  Plans?: Node[];
}

const EXPLAIN = "explain (analyze, timing off, format json)";

/** The same pool, which keeps the plan of everything asked of it: as the role asking, with its values. */
function explaining(pool: pg.Pool): pg.Pool {
  const explain = async (client: pg.PoolClient, text: string, values: unknown[]) => {
    await client.query("savepoint explained");
    const { rows } = await client.query(`${EXPLAIN} ${text}`, values);
    await client.query("rollback to explained"); // It has been run, and is to be run once.
    const [{ Plan: plan, "Execution Time": execution, "Planning Time": planning }] = rows[0]["QUERY PLAN"];
    plans.push({ statement: text, tookMs: execution + planning, scanned: scansOf(plan) });
  };
  const connect = async () => {
    const client = await pool.connect();
    return {
      async query(text: string, values?: unknown[]) {
        if (/^(begin|commit|rollback|select pg_advisory)/.test(text)) return client.query(text, values);
        await explain(client, text, values ?? []);
        return client.query(text, values);
      },
      release: (broken?: Error) => client.release(broken),
    };
  };
  const query = async (text: string, values: unknown[]) => {
    const client = await pool.connect();
    try {
      await client.query("begin");
      await explain(client, text, values);
      await client.query("commit");
      return await client.query(text, values);
    } finally {
      client.release();
    }
  };
  return { connect, query } as unknown as pg.Pool;
}

function scansOf(node: Node): string[] {
  const own = /^(Parallel )?Seq Scan$/.test(node["Node Type"]) ? [node["Relation Name"] as string] : [];
  return [...own, ...(node.Plans ?? []).flatMap(scansOf)];
}

function lookUp(rows: number): string {
  return `\
select count(e.*) from generate_series(1, ${rows}) n
cross join lateral (select * from anomaly_events where id = lpad(to_hex(n * 20), 32, '0')::uuid limit 1) e`;
}

/** @returns how many times MAX_MS the machine takes now for what it does in MAX_MS when it has nothing else to do, at least 1 */
async function measureSlowness(): Promise<number> {
  const { rows } = await t.admin.query(`${EXPLAIN} ${lookUp(LOOKUPS)}`);
  return Math.max(1, rows[0]["QUERY PLAN"][0]["Execution Time"] / MAX_MS);
}

/** @param ask as often as it takes for each statement to have been quick once: a machine may be busy with something else. */
async function expectQuick(ask: () => Promise<unknown>, attempts = 12): Promise<void> {
  const quickest = new Map<string, Plan>();
  let slow: Plan[] = [];
  for (let attempt = 0; attempt < attempts; attempt++) {
    plans = [];
    await ask();
    expect(plans).not.toEqual([]);
    const slowness = plans.some((plan) => plan.tookMs >= MAX_MS) ? await measureSlowness() : 1;
    for (const [at, { statement, scanned, ...plan }] of plans.entries()) {
      const tookMs = plan.tookMs / slowness;
      expect([statement, scanned.filter((table) => bigTables.includes(table))]).toEqual([statement, []]);
      const place = `${at} ${statement}`;
      if (tookMs < (quickest.get(place)?.tookMs ?? Number.POSITIVE_INFINITY))
        quickest.set(place, { statement, scanned, tookMs });
    }
    slow = [...quickest.values()].filter((plan) => plan.tookMs >= MAX_MS);
    if (slow.length === 0) return;
  }
  expect(slow).toEqual([]);
}

test("the tables of lists are big enough for this to mean something", async () => {
  expect(bigTables).toEqual(
    expect.arrayContaining([
      "anomaly_events",
      "error_clusters",
      "related_clusters",
      "analysis_results",
      "deploy_markers",
      "conversations",
      "conversation_messages",
      "deliveries",
      "console_messages",
      "members",
      "saved_filters",
      "api_keys",
      "audit_entries",
      "api_requests",
    ]),
  );
  const { rows } = await t.admin.query("select count(*)::int as count from anomaly_events");
  expect(rows).toEqual([{ count: 1_000_000 }]);
});

test("a sequential scan of a big table would be seen", async () => {
  await expect(
    expectQuick(() => big.scope.query("select count(*) from deploy_markers where marked_by = 'nobody'")),
  ).rejects.toThrow("deploy_markers");
});

test("what takes four times as long would be seen, however busy the machine is", async () => {
  await expect(expectQuick(() => big.scope.query(lookUp(4 * LOOKUPS)), 3)).rejects.toThrow("generate_series");
});

describe("with 1,000,000 anomalies, none of these reads a big table from end to end, and each takes less than 50 ms:", () => {
  const filters: AnomalyFilter[] = [undefined, "service-3", "service-7", "service-unknown"].flatMap(
    (service) =>
      [undefined, "open" as const, "resolved" as const].map((state) => ({
        ...(service !== undefined && { service }),
        ...(state !== undefined && { state }),
      })),
  );
  test.each(filters)("listAnomalies %j", async (filter) => {
    await expectQuick(async () => {
      const listed = await listAnomalies(big.scope, filter, 50);
      const none =
        filter.service === "service-unknown" || (filter.service === "service-7" && filter.state === "open");
      expect(listed).toHaveLength(none ? 0 : 50);
    });
  });

  /** A page, the one after it and one from the middle. */
  async function expectQuickPages<Filter extends { after?: PageEnd }>(
    list: (filter: Filter) => Promise<PageEnd[]>,
    filter: Filter,
    { rows, middle = PAGE }: { rows: number; middle?: number },
  ): Promise<void> {
    await expectQuick(async () => {
      const first = await list(filter);
      expect(first).toHaveLength(rows);
      const last = first.at(-1);
      if (last === undefined) return;
      const next = await list({ ...filter, after: last });
      const seen = new Set(first.map(({ id }) => id));
      expect(next.filter(({ id }) => seen.has(id))).toEqual([]);
      const atUs = String((Date.now() - 45 * DAY_MS) * 1_000);
      expect(await list({ ...filter, after: { id: ids.cluster, atUs } })).toHaveLength(middle);
    });
  }
  const PAGE = 51;
  const NOTHING = { rows: 0, middle: 0 };

  const anomalyPages: [AnomalyPageFilter, { rows: number; middle?: number }][] = [
    [{}, { rows: PAGE }],
    [{ state: "open" }, { rows: PAGE }],
    [{ state: "resolved" }, { rows: PAGE }],
    [{ service: "service-3" }, { rows: PAGE }],
    [{ service: "service-7", state: "open" }, NOTHING],
    [{ service: "service-unknown" }, NOTHING],
    [{ namespace: "" }, { rows: PAGE }],
    [{ namespace: "unknown" }, NOTHING],
    [{ namespace: "unknown", service: "service-3", state: "resolved" }, NOTHING],
    [{ severity: "HIGH" }, { rows: PAGE }],
    [{ severity: "CRITICAL" }, NOTHING],
    [{ severity: "CRITICAL", state: "open" }, NOTHING],
    [{ severity: "CRITICAL", service: "service-3", namespace: "" }, NOTHING],
  ];
  test.each(anomalyPages)("pages of anomalies %j", (filter, found) =>
    expectQuickPages((asked) => pageOfAnomalies(big.scope, asked, PAGE), filter, found),
  );

  const clusterPages: [ClusterFilter, { rows: number; middle?: number }][] = [
    [{}, { rows: PAGE, middle: 0 }],
    [{ service: "service-2" }, { rows: PAGE, middle: 0 }],
    [{ service: "service-unknown" }, NOTHING],
    [{ namespace: "unknown" }, NOTHING],
    [{ level: "FATAL" }, NOTHING],
    [
      { level: "ERROR", namespace: "", service: "service-2" },
      { rows: PAGE, middle: 0 },
    ],
  ];
  test.each(clusterPages)("pages of clusters %j", (filter, found) =>
    expectQuickPages((asked) => listClusters(big.scope, asked, PAGE), filter, found),
  );

  const analysisPages: [AnalysisFilter, { rows: number; middle?: number }][] = [
    [{}, { rows: PAGE }],
    [{ service: "service-2" }, { rows: PAGE, middle: 0 }],
    [{ service: "service-much" }, { rows: PAGE }],
    [{ service: "service-unknown" }, NOTHING],
  ];
  test.each(analysisPages)("pages of root causes %j", (filter, found) =>
    expectQuickPages((asked) => listAnalyses(big.scope, asked, PAGE), filter, found),
  );

  test("pages of what was since yesterday", async () => {
    const sinceMs = Date.now() - DAY_MS;
    const found = { rows: PAGE, middle: 0 };
    const anomalies = (asked: AnomalyPageFilter) => pageOfAnomalies(big.scope, asked, PAGE);
    await expectQuickPages(anomalies, { sinceMs }, found);
    await expectQuickPages(anomalies, { sinceMs, severity: "HIGH" }, found);
    const clusters = (asked: ClusterFilter) => listClusters(big.scope, asked, PAGE);
    await expectQuickPages(clusters, { sinceMs }, found);
    const analyses = (asked: AnalysisFilter) => listAnalyses(big.scope, asked, PAGE);
    await expectQuickPages(analyses, { sinceMs, service: "service-2" }, found);
    await expectQuickPages(analyses, { sinceMs, service: "service-much" }, found);
  });

  test("one anomaly, cluster, root cause or search by its id", async () => {
    await expectQuick(async () => {
      const [{ id } = { id: "" }] = await pageOfAnomalies(big.scope, {}, 1);
      expect(await pageOfAnomalies(big.scope, { id }, 1)).toHaveLength(1);
      expect(await listClusters(big.scope, { id: ids.cluster }, 1)).toHaveLength(1);
      expect(await listAnalyses(big.scope, { id: ids.analysis }, 1)).toHaveLength(1);
      expect(await listJobs(big.scope, { id: ids.conversation }, 1)).toHaveLength(1);
      expect(await listJobs(big.scope, { id: ids.cluster }, 1)).toEqual([]);
    });
  });

  test("pages of searches for root causes", async () => {
    const list = (asked: Parameters<typeof listJobs>[1]) => listJobs(big.scope, asked, PAGE);
    await expectQuickPages(list, {}, { rows: PAGE });
    await expectQuickPages(list, { state: "queued" }, { rows: PAGE });
    await expectQuickPages(list, { state: "answered" }, { rows: PAGE });
    await expectQuickPages(list, { state: "failed" }, NOTHING);
  });

  test("pages of the audit", async () => {
    const list = (asked: Parameters<typeof listEntries>[1]) => listEntries(big.scope, asked, PAGE);
    await expectQuickPages(list, {}, { rows: PAGE });
    await expectQuickPages(list, { about: "access" }, { rows: PAGE });
    await expectQuickPages(list, { about: "key" }, { rows: PAGE });
    await expectQuickPages(list, { about: "nothing" }, NOTHING);
    await expectQuickPages(list, { about: "key", sinceMs: Date.now() - DAY_MS }, { rows: 0, middle: 0 });
  });

  test("API keys: listed, those that end, that nobody uses and that nobody was shown", async () => {
    const nowMs = Date.now();
    await expectQuick(async () => {
      expect(await listKeys(big.scope, nowMs)).toHaveLength(500);
      expect(await countKeys(big.scope)).toBeGreaterThan(100);
      await findKey(big.scope, "KEY-200");
      const range = { fromMs: nowMs, toMs: nowMs + 7 * DAY_MS };
      expect((await listEnding(big.scope, range)).length).toBeGreaterThan(5);
      expect((await listUnused(big.scope, nowMs, nowMs)).length).toBeGreaterThan(50);
      expect((await listNeverShown(big.scope, nowMs)).length).toBeGreaterThan(5);
      await noteUse(big.scope, ids.key, nowMs);
      await big.scope.transaction(async (db) => {
        await lockKey(big.scope, db, "KEY-200");
        await takeName(big.scope, db, ids.key, nowMs);
        await revokeKeys(big.scope, db, "key-unknown", nowMs);
      });
      expect(await explained.keyById(ids.key)).toMatchObject({
        id: ids.key,
        scope: { tenantId: big.scope.tenantId },
      });
      expect(await explained.keyById(ids.cluster)).toBeUndefined();
    });
  });

  test("a request that is to be done once: begun, ended, found and left", async () => {
    const key = { id: ids.key, name: "", tenant: big.scope, scopes: new Set<never>() };
    let at = 0;
    await expectQuick(async () => {
      const held = (onceKey: string) => ({ key, onceKey, atMs: Date.now() });
      expect(await beginRequest(held("act-2"), "hash")).toMatchObject({ is: "done" });
      expect(await beginRequest(held("act-2"), "another")).toEqual({ is: "another" });
      const fresh = held(`new-${at++}`);
      expect(await beginRequest(fresh, "hash")).toEqual({ is: "new" });
      await leaveRequest(held("act-2"));
      await endRequest(fresh, 200, "{}");
    });
  });

  test("listBaselines", () => expectQuick(() => listBaselines(big.scope, { namespace: "" })));

  test("what a scan looks up", async () => {
    const toMs = Date.now();
    await expectQuick(async () => {
      expect((await recentEpisodes(big.scope, toMs, 6 * 60 * MINUTE_MS)).length).toBeGreaterThan(1_000);
    });
    await expectQuick(async () => expect((await listTold(big.scope)).length).toBeGreaterThan(100));
    await expectQuick(() => listKnownHolds(big.scope));
    await expectQuick(() => readCircumstances(big.scope, { fromMs: toMs - MINUTE_MS, toMs }));
    await expectQuick(() => listAnomalies(big.scope, { sinceMs: toMs - DAY_MS }, 200));
  });

  test("what a digest of a week counts, and whether it is owed", async () => {
    const untilMs = Date.now();
    const channel = { workspaceId: big.id, externalId: "C1", policy: {} };
    await expectQuick(async () => {
      const range = { fromMs: untilMs - 7 * DAY_MS, untilMs };
      expect(await listDigestEvents(big.scope, channel, range, 501)).toHaveLength(501);
    });
    await expectQuick(() =>
      isNoticeOwed(big.scope, { workspaceId: big.id, channel: "C1", notice: "digest" }),
    );
  });

  test("findAnomaliesAt", async () => {
    const atMs = Date.now() - DAY_MS;
    for (const service of ["service-3", "service-7", "service-unknown"]) {
      await expectQuick(() => findAnomaliesAt(big.scope, { service, namespace: "" }, atMs));
    }
  });

  test("servicesOfAlertAt", async () => {
    const { rows } = await t.admin.query<{ channel: string; message_id: string }>(
      "select channel, message_id from deliveries where workspace_id = $1 and kind = 'alert' and message_id is not null limit 1",
      [big.id],
    );
    for (const messageId of [rows[0]?.message_id ?? "none", "nowhere"]) {
      const at = { workspaceId: big.id, channel: rows[0]?.channel ?? "C1", messageId };
      await expectQuick(() => big.scope.transaction((db) => servicesOfAlertAt(big.scope, db, at)));
    }
  });

  test("countOpenAnomalies", () => expectQuick(() => countOpenAnomalies(big.scope)));

  test.each([
    ["an hour", "", 60 * MINUTE_MS],
    ["a day of one namespace", "ns-1", DAY_MS],
    ["90 days", "", 90 * DAY_MS],
    ["a week of a namespace nobody knows", "none", 7 * DAY_MS],
  ])("findDeploys of %s", async (_, namespace, forMs) => {
    const toMs = Date.now();
    await expectQuick(() => findDeploys(big.scope, { fromMs: toMs - forMs, toMs }, namespace));
  });

  test("findCluster", () => expectQuick(() => findCluster(big.scope, ids.cluster)));

  test("clusters that resemble others, kept and found", async () => {
    const fresh = { service: "service-2", namespace: "", template: "text of new lines", firstSeenMs: 0 };
    await expectQuick(() =>
      big.scope.transaction(async (db) => {
        await relateNew(big.scope, db, [{ ...fresh, id: ids.cluster }]);
        await findRelated(big.scope, db, [ids.cluster]);
      }),
    );
    await expectQuick(() => findLike(big.scope, ["text of new lines"]));
  });

  test("findConversation, by its id and its thread", async () => {
    await expectQuick(async () => {
      expect(await findConversation(big.scope, ids.conversation)).toBeDefined();
      expect(await findConversationByThread(big, "C2", "M2")).toBeDefined();
      expect(await findConversationByThread(big, "C2", "unknown")).toBeUndefined();
    });
  });

  test("lastTurns", async () => {
    await expectQuick(async () => {
      expect(await lastTurns(big.scope, ids.conversation, 3)).toHaveLength(3);
    });
  });

  test("what a person and a tenant wait for, and which question it is of a thread", async () => {
    await expectQuick(async () => {
      const turn = { conversationId: ids.conversation, number: 2_000_000_000 };
      expect(await countQuestionsBefore(big.scope, turn)).toBeLessThan(4);
      expect(await longestWaiting(big.scope, 8)).toHaveLength(8);
      const busy = big.scope.transaction((db) => checkRoom(big.scope, db, "U9"));
      await expect(busy).rejects.toThrow("of your organisation are waiting");
    });
  });

  test("what is known of earlier answers", async () => {
    await expectQuick(async () => {
      const cluster = { namespace: "", service: "service-1", fingerprint: "v1:1" };
      await findPastAnalyses(big.scope, [cluster], { fromMs: 0, toMs: Date.now() });
      await listJudged(big.scope, "builtin");
      await findAnalysis(big.scope, ids.analysis.slice(0, 8));
      await newestAnalysisIn(big.scope, { workspaceId: big.id, channel: "C2" });
    });
  });

  test("what a question in a thread looks up, and what a day has cost", async () => {
    await expectQuick(async () => {
      await findTurnByNumber(big.scope, ids.conversation, 1);
      await listSpeakers(big.scope, ids.conversation);
      await spentToday(big.scope);
      await lastFailure(big.scope);
    });
  });

  test("keepFeedback", () =>
    expectQuick(() =>
      keepFeedback(big.scope, {
        analysisId: ids.analysis,
        workspaceId: big.id,
        personId: "U1",
        verdict: "right",
      }),
    ));

  test("roleOf", () => expectQuick(() => roleOf(big, { id: "U2", name: "", platformAdmin: false })));

  test("saved filters, listed, found, saved and deleted", async () => {
    await expectQuick(async () => {
      expect(await listFilters(big.scope, 200)).toHaveLength(200);
      expect(await findFilter(big.scope, "filter-12")).toMatchObject({ name: "Filter-12" });
      expect(await findFilter(big.scope, "filter-8")).toBeUndefined();
      const saved = { name: "FILTER-12", filter: { namespace: "shop" }, savedBy: "U1" };
      await big.scope.transaction((db) => saveFilter(big.scope, db, saved));
      expect(await big.scope.transaction((db) => deleteFilter(big.scope, db, "filter-12"))).toMatchObject({
        name: "FILTER-12",
      });
      await big.scope.transaction((db) => saveFilter(big.scope, db, { ...saved, name: "Filter-12" }));
      expect(await big.scope.transaction((db) => addFilter(big.scope, db, saved))).toBe(false);
    });
  });

  test("claimDeliveries, of a tenant with much and of one with nothing to send", async () => {
    const lease = { owner: ids.cluster, forMs: 1, channelApartMs: 1_000, editsApartMs: 5_000 };
    await expectQuick(async () => {
      expect(await claimDeliveries(big.scope, lease, 1)).toHaveLength(1);
    });
    const idle = await explained.connect({
      platform: "web",
      externalId: "idle",
      workspaceName: "",
      lokiOrgId: "idle",
    });
    await expectQuick(async () => {
      expect(await claimDeliveries(idle.scope, lease, 1)).toEqual([]);
    });
  });

  test("deliveryBacklog", () => expectQuick(() => deliveryBacklog(big.scope)));

  test("listDeadLetters", () => expectQuick(() => listDeadLetters(big.scope, Date.now() - DAY_MS)));

  // What hangs on the rows goes too, so a batch is smaller here, where each is deleted twice.
  test.each(PERISHABLES.map((perishable, at) => [`${at + 1}: ${perishable.table}`, perishable] as const))(
    "what is past its retention, %s",
    async (_, perishable) => {
      const beforeMs = Date.now() - 55 * DAY_MS;
      await expectQuick(async () => {
        const first = await forgetBatch(big.scope, perishable, { beforeMs, limit: 100 });
        const fromMs = first?.untilMs ?? 0;
        await forgetBatch(big.scope, perishable, { beforeMs, fromMs, limit: 100 });
        if (perishable.table === "anomaly_events") expect(first?.count).toBe(100);
      });
    },
  );

  test("what the directory looks for across tenants", async () => {
    await expectQuick(async () => {
      expect(await explained.findWorkspace("web", "team-a")).toBeDefined();
      expect(await explained.workspaceById(big.scope.tenantId, big.id)).toBeDefined();
      expect((await explained.tenantsWithDueDeliveries(Date.now(), 50)).length).toBeGreaterThan(10);
      expect(await explained.unansweredConversations(Date.now(), 50)).toHaveLength(50);
      expect(await explained.unansweredTurns(Date.now(), 50)).toHaveLength(50);
      expect((await explained.countDeliveries()).refused).toBeGreaterThan(10);
      expect((await explained.countWaiting()).questions).toBeGreaterThan(100);
      expect(await explained.tenants(big.scope.tenantId, 5)).toBeDefined();
    });
  });

  test("the console's history", async () => {
    const history = createConsoleHistory(explained, "web", "team-a");
    const channel = "C2";
    await expectQuick(async () => {
      const asked = { limit: 201, reader: "U1" };
      const latest = await history.latest({ channel }, asked);
      expect(latest).toHaveLength(201);
      expect(await history.latest({ channel }, { ...asked, before: latest[0]?.id as string })).toHaveLength(
        201,
      );
      const threads = await history.threads(
        latest.map(({ id }) => id),
        { limit: 5, reader: "U1" },
      );
      expect([...threads.values()]).toMatchObject([{ replies: 20_000, newest: { length: 5 } }]);
      const thread = { channel, thread: ids.message };
      const replies = await history.latest(thread, asked);
      expect(await history.latest(thread, { ...asked, before: replies[0]?.id as string })).toHaveLength(201);
      const newest = await history.revision(channel);
      expect(await history.changedSince(channel, newest, 100)).toEqual([]);
      expect(await history.changedSince(channel, newest - 60, 5)).toHaveLength(5);
      expect(await history.changedSince(channel, 0, 100)).toHaveLength(100);
      expect(await history.get(ids.message)).toBeDefined();
      expect(await history.findOnce("act-2")).toBeDefined();
      await history.edit(ids.message, { title: "", tone: "good", body: [] });
    });
  });
});
