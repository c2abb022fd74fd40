import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { METRICS } from "../../src/telemetry/definitions.ts";
import { type BusyApp, CANARIES, keepBusy, openBusyApp } from "../support/busyApp.ts";
import { type Exposition, metricOf } from "../support/promText.ts";

let app: BusyApp;
let backups: string;
let quiet: Exposition;
let busy: Exposition;

beforeAll(async () => {
  backups = await mkdtemp(join(tmpdir(), "loghunter-backups-"));
  app = await openBusyApp({ BACKUP_DIR: backups });
  quiet = await app.read();
  await keepBusy(app);
  busy = await app.read();
});
afterAll(async () => {
  await app.close();
  await rm(backups, { recursive: true });
});

describe("what a process tells of itself", () => {
  test("has every metric there is, from the start, and of each a sample once it was met", () => {
    const missing = Object.entries(METRICS).filter(([name, { kind }]) => quiet.kinds.get(name) !== kind);
    expect(missing).toEqual([]);
    const unmet = Object.keys(METRICS).filter(
      (name) => !busy.samples.some((sample) => metricOf(sample.name) === name),
    );
    // There is no dump in the folder, and the server archives nothing.
    expect(unmet).toEqual(["loghunter_backup_age_seconds", "loghunter_archive_healthy"]);
  });

  test("counts what people do by the command or button it was of, and by whose fault it was not", () => {
    const acts = (act: string, name: string, outcome: string) =>
      busy.value("loghunter_acts_total", { platform: "recording", act, name, outcome });
    expect(acts("command", "analyze", "done")).toBe(3);
    expect(acts("command", "analyze", "not done")).toBe(1);
    expect(acts("command", "errors", "failed")).toBe(1);
    expect(acts("command", "errors", "not done")).toBe(1);
    expect(acts("command", "unknown", "not done")).toBe(1);
    expect(acts("press", "unknown", "not done")).toBe(1);
    expect(acts("form", "mute", "done")).toBe(1);
    expect(acts("reply", "reply", "done")).toBe(1);
    expect(acts("home", "home", "done")).toBe(1);
    expect(busy.value("loghunter_act_seconds_count", { act: "command", name: "analyze" })).toBe(4);
  });

  test("counts requests to the API by route and status, keys by what came of them, and alerts", () => {
    const requests = (route: string, status: string) =>
      busy.value("loghunter_api_request_seconds_count", { route, status });
    expect(requests("GET /v1/anomalies", "200")).toBe(2);
    expect(requests("GET /v1/anomalies", "401")).toBe(2);
    expect(requests("POST /v1/webhooks/alertmanager", "202")).toBe(1);
    expect(requests("GET /v1/key", "429")).toBeGreaterThan(0);
    expect(requests("unknown", "404")).toBe(1);
    expect(busy.value("loghunter_key_checks_total", { outcome: "good" })).toBe(6);
    expect(busy.value("loghunter_key_checks_total", { outcome: "malformed" })).toBe(2);
    expect(busy.value("loghunter_webhook_alerts_total", { from: "alertmanager", outcome: "started" })).toBe(
      1,
    );
    expect(busy.value("loghunter_webhook_alerts_total", { from: "alertmanager", outcome: "skipped" })).toBe(
      1,
    );
  });

  test("counts what models are asked, the tokens, and what they cost", () => {
    const of = { provider: "openai", model: "gpt-test" };
    const calls = busy.value("loghunter_model_call_seconds_count", { ...of, outcome: "answered" }) ?? 0;
    expect(calls).toBeGreaterThan(1);
    expect(busy.value("loghunter_model_call_seconds_count", { ...of, outcome: "later" })).toBe(1);
    expect(busy.value("loghunter_model_unpaid_total", of)).toBeGreaterThan(0);
    expect(busy.value("loghunter_model_tokens_total", { ...of, kind: "input" })).toBe(1_000 * calls);
    expect(busy.value("loghunter_model_tokens_total", { ...of, kind: "cached" })).toBe(400 * calls);
    expect(busy.value("loghunter_model_tokens_total", { ...of, kind: "output" })).toBe(100 * calls);
    // 600 tokens at $1 a million, 400 at $0.1 and 100 at $10.
    expect(busy.value("loghunter_model_dollars_total", of)).toBeCloseTo(0.001_64 * calls, 9);
  });

  test("counts scans, what they found, and what was asked of the logs", () => {
    expect(busy.value("loghunter_scans_total", { outcome: "done" })).toBe(1);
    expect(busy.value("loghunter_scans_total", { outcome: "failed" })).toBe(1);
    expect(busy.value("loghunter_scan_seconds_count")).toBe(1);
    expect(busy.value("loghunter_detections_total", { metric: "error_rate" })).toBe(1);
    const age = busy.value("loghunter_scan_age_seconds", { of: "oldest" }) ?? Number.NaN;
    expect(age).toBeGreaterThan(60);
    expect(age).toBeLessThan(300);
    const asked = (question: string, outcome: string) =>
      busy.value("loghunter_log_query_seconds_count", { question, outcome });
    expect(asked("counts", "failed")).toBe(2);
    expect(asked("counts", "refused")).toBe(1);
    expect(asked("lines", "done")).toBeGreaterThan(1);
    expect(busy.value("loghunter_log_lines_total")).toBeGreaterThan(100);
  });

  test("counts messages by what came of them and why, and jobs", async () => {
    const sends = (outcome: string, reason: string) =>
      busy.value("loghunter_sends_total", { platform: "recording", outcome, reason });
    const { rows } = await app.admin.query<{ state: string; count: number }>(
      "select state, count(*)::int as count from deliveries group by state",
    );
    const kept = (state: string) => rows.find((row) => row.state === state)?.count;
    expect(kept("refused")).toBeGreaterThan(0);
    expect(sends("refused", "channel archived")).toBe(kept("refused"));
    expect(busy.value("loghunter_deliveries_refused")).toBe(kept("refused"));
    expect(kept("sent")).toBeGreaterThan(2);
    expect(sends("sent", "")).toBe(kept("sent"));
    expect(busy.value("loghunter_job_seconds_count", { name: "reply", outcome: "done" })).toBe(1);
    expect(busy.value("loghunter_job_seconds_count", { name: "analyze", outcome: "done" })).toBeGreaterThan(
      2,
    );
    expect(busy.value("loghunter_jobs_given_up_total")).toBe(0);
  });

  test("says that Redis is away, and that limits are counted by this process alone", () => {
    expect(busy.value("loghunter_cache_up")).toBe(0);
    expect(busy.value("loghunter_cache_failures_total", { operation: "take" })).toBeGreaterThan(0);
    expect(busy.value("loghunter_limits_counted_alone_total")).toBe(
      busy.value("loghunter_cache_failures_total", { operation: "take" }),
    );
    expect(busy.value("loghunter_cache_reads_total", { kind: "baseline", outcome: "miss" })).toBe(1);
    expect(busy.value("loghunter_cache_reads_total", { kind: "baseline", outcome: "hit" })).toBe(1);
  });

  test("says what it stands on", () => {
    expect(busy.value("loghunter_build_info", { version: "1.2.3", node: process.versions.node })).toBe(1);
    expect(busy.value("loghunter_backup_healthy")).toBe(0);
    expect(busy.value("loghunter_notices_up")).toBe(1);
    expect(busy.value("loghunter_chat_up", { platform: "recording" })).toBe(1);
    expect(busy.value("loghunter_database_seconds_count", { pool: "app", outcome: "done" })).toBeGreaterThan(
      10,
    );
    expect(
      busy.value("loghunter_database_seconds_count", { pool: "directory", outcome: "done" }),
    ).toBeGreaterThan(10);
    expect(busy.value("loghunter_database_connections_most", { pool: "app" })).toBe(10);
    expect(busy.value("loghunter_database_waiting", { pool: "directory" })).toBe(0);
  });

  test("names no organisation, workspace, service or person, and nothing that was typed or logged", async () => {
    const { rows } = await app.admin.query<{ id: string }>(
      "select id from tenants union all select id from workspaces",
    );
    const secrets = [...rows.map(({ id }) => id), "acme", "T1", "checkout", "orders", "nosuch", ...CANARIES];
    for (const { name, labels } of busy.samples)
      for (const [label, said] of Object.entries(labels))
        for (const secret of secrets) expect(`${name} ${label} ${said}`).not.toContain(secret);
  });
});
