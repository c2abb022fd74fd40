import pg from "pg";
import type { MessageRef } from "../../src/chat/platform.ts";
import { type Database, openDatabase } from "../../src/database.ts";
import { createLog } from "../../src/log.ts";
import { createDirectory, type TenantDirectory, type Workspace } from "../../src/tenancy/directory.ts";
import type { Queryable } from "../../src/tenancy/scope.ts";
import { createTestDatabase } from "./postgres.ts";

/** A database with two tenants in it, who know nothing of each other. */
export interface TestTenants {
  url: string;
  database: Database;
  directory: TenantDirectory;
  /** The superuser, whom no row security binds: for looking behind the scenes. */
  admin: pg.Client;
  a: Workspace;
  b: Workspace;
  close(): Promise<void>;
}

export async function openTestTenants(): Promise<TestTenants> {
  const { url, drop } = await createTestDatabase();
  const database = openDatabase({ url, log: createLog("silent") });
  const directory = createDirectory(database);
  const admin = new pg.Client({ connectionString: url });
  await admin.connect();
  const connect = (name: string) =>
    directory.connect({ platform: "web", externalId: `team-${name}`, workspaceName: name, lokiOrgId: name });
  return {
    url,
    database,
    directory,
    admin,
    a: await connect("a"),
    b: await connect("b"),
    async close() {
      await Promise.all([database.close(), admin.end()]);
      await drop();
    },
  };
}

/** A message of the channel in which the conversations of these tests are. */
export function messageAt(id: string): MessageRef {
  return { place: { platform: "web", workspace: "team-a", channel: "C1" }, id };
}

/** The tables that hold tenants' rows, in an order in which rows can be added. */
export const TENANT_TABLES = [
  "workspaces",
  "channels",
  "members",
  "api_keys",
  "saved_filters",
  "error_clusters",
  "related_clusters",
  "analysis_results",
  "anomaly_baselines",
  "anomaly_events",
  "anomaly_labels",
  "watches",
  "watch_settings",
  "maintenance_windows",
  "deploy_markers",
  "conversations",
  "conversation_messages",
  "feedback",
  "deliveries",
  "console_messages",
  "invitations",
  "acts",
  "channel_troubles",
  "channel_paces",
  "held_alerts",
  "mutes",
  "redaction_patterns",
  "model_choices",
  "model_calls",
  "audit_entries",
  "api_requests",
] as const;
export type TenantTable = (typeof TENANT_TABLES)[number];

/**
 * A row in every table, and a second cluster for the first to resemble, with the same names and words for whichever tenant:
 * only ids tell them apart.
 * @returns the id of the row of each table, of clusters the one that resembles the other.
 */
export async function fillEveryTable(
  admin: pg.Client,
  { id: workspaceId, scope }: Workspace,
): Promise<Record<TenantTable, string>> {
  const ids: Partial<Record<TenantTable, string>> = { workspaces: workspaceId };
  const add = async (table: TenantTable, row: Record<string, unknown>) => {
    const full = { tenant_id: scope.tenantId, ...row };
    const places = Object.keys(full).map((_, at) => `$${at + 1}`);
    const { rows } = await admin.query<{ id: string }>(
      `insert into ${table} (${Object.keys(full).join(", ")}) values (${places.join(", ")}) returning id`,
      Object.values(full),
    );
    ids[table] = rows[0]?.id as string;
  };
  const at = "2026-01-01T12:00:00Z";
  const window = { window_start: "2026-01-01T11:00:00Z", window_end: at };
  const where = { service: "checkout", namespace: "shop" };
  const card = JSON.stringify({ title: "checkout", tone: "neutral", body: [] });

  await add("channels", { workspace_id: workspaceId, external_id: "C1", purpose: "alerts" });
  await add("members", { workspace_id: workspaceId, external_id: "U1", role: "admin" });
  await add("api_keys", {
    name: "ci",
    key_hash: "$2b$",
    scopes: ["read:analysis"],
    last_four: "0aZ9",
    created_by: "U1",
    shown_at: at,
  });
  await add("saved_filters", { name: "mine", filter_json: '{"service":"checkout"}', created_by: "U1" });
  const cluster = {
    ...where,
    ...window,
    level: "ERROR",
    first_seen_at: at,
    last_seen_at: at,
    count: 3,
  };
  const resembled = { template: "no more stock of beans", sample_message: "no more stock of beans" };
  await add("error_clusters", {
    ...cluster,
    ...resembled,
    fingerprint: "v1:0",
    first_seen_at: "2025-12-31T12:00:00Z",
  });
  const resembledId = ids.error_clusters;
  await add("error_clusters", {
    ...cluster,
    fingerprint: "v1:1",
    template: "no more stock of tea",
    sample_message: "no more stock of tea",
  });
  await add("related_clusters", {
    cluster_id: ids.error_clusters,
    related_id: resembledId,
    similarity: 0.8,
  });
  await add("analysis_results", {
    cluster_id: ids.error_clusters,
    provider: "builtin",
    model: "builtin-1",
    root_cause: "no stock",
    confidence: 0.5,
    summary: "no stock",
    evidence: "[]",
  });
  await add("anomaly_baselines", {
    ...where,
    ...window,
    avg_log_rate: 1,
    avg_error_rate: 1,
    p95_error_rate: 2,
    last_seen_at: at,
    detectors: Buffer.from("of another version"),
  });
  await add("anomaly_events", {
    ...where,
    started_at: at,
    detected_at: at,
    last_odd_at: at,
    severity: "HIGH",
    metric: "error_rate",
    baseline_value: 1,
    observed_value: 9,
    deviation_factor: 9,
  });
  await add("held_alerts", { anomaly_event_id: ids.anomaly_events, stage: "mute", reason: "muted by Ann" });
  await add("anomaly_labels", {
    anomaly_event_id: ids.anomaly_events,
    verdict: "no anomaly",
    person_id: "U1",
  });
  await add("watches", { scanned_until: at, learned_from: at });
  await add("watch_settings", { service: "checkout", namespace: "shop", sensitivity: "low", set_by: "U1" });
  await add("maintenance_windows", {
    service: "checkout",
    starts_at: at,
    ends_at: "2100-01-01T00:00:00Z",
    set_by: "Ann",
  });
  await add("deploy_markers", {
    ...where,
    version: "v2",
    deployed_at: at,
    marked_by: "U1",
    once_id: "act-1",
  });
  await add("conversations", {
    ...where,
    ...window,
    workspace_id: workspaceId,
    channel: "C1",
    message_id: "M1",
    asked_by: "U1",
    once_id: "act-1",
    state: "queued",
    analysis_id: ids.analysis_results,
  });
  await add("conversation_messages", {
    conversation_id: ids.conversations,
    author: "person",
    person_id: "U1",
    body: "why?",
    once_id: "act-2",
  });
  await add("feedback", {
    analysis_id: ids.analysis_results,
    workspace_id: workspaceId,
    person_id: "U1",
    verdict: "right",
  });
  await add("channel_paces", { workspace_id: workspaceId, channel: "C1" });
  await add("deliveries", {
    workspace_id: workspaceId,
    channel: "C1",
    conversation_id: ids.conversations,
    kind: "answer",
    sequence: 1,
    card,
    next_attempt_at: at,
  });
  await add("console_messages", {
    workspace_id: workspaceId,
    channel: "C1",
    body_card: card,
    once_id: "act-1",
  });
  await add("invitations", {
    code_hash: scope.tenantId,
    invited_by: "U1",
    expires_at: "2100-01-01T00:00:00Z",
  });
  await add("acts", { workspace_id: workspaceId, act_id: "act-1", in_hand_until: at });
  await add("channel_troubles", {
    workspace_id: workspaceId,
    channel: "C1",
    reason: "not in channel",
    why: "not_in_channel",
  });
  await add("mutes", {
    service: "checkout",
    ends_at: "2100-01-01T00:00:00Z",
    reason: "known",
    muted_by: "Ann",
  });
  await add("redaction_patterns", { pattern: "CUST-####", effect: "hide", created_by: "Ann" });
  await add("model_choices", { provider: "openai", model: "m", daily_tokens: 7, set_by: "U1" });
  await add("model_calls", {
    provider: "openai",
    model: "m",
    purpose: "root cause",
    state: "asking",
    input_tokens: 60,
    output_tokens: 40,
  });
  await add("audit_entries", {
    actor: "person",
    actor_id: "U1",
    actor_name: "Ann",
    workspace_id: workspaceId,
    channel: "C1",
    action: "key.created",
    subject: "ci",
  });
  await add("api_requests", {
    api_key_id: ids.api_keys,
    once_id: "act-1",
    request_hash: "of another request",
    in_hand_until: at,
  });
  return ids as Record<TenantTable, string>;
}

/** Everything a tenant has, for comparing before and after. */
export async function dumpTenant(admin: Queryable, tenantId: string): Promise<Record<string, unknown[]>> {
  const dump: Record<string, unknown[]> = {};
  for (const [table, column] of [...TENANT_TABLES.map((name) => [name, "tenant_id"]), ["tenants", "id"]]) {
    const { rows } = await admin.query<{ row: unknown }>(
      `select to_jsonb(row_of) as row from ${table} row_of where ${column} = $1 order by id`,
      [tenantId],
    );
    dump[table as string] = rows.map(({ row }) => row);
  }
  return dump;
}
