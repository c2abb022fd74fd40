/**
 * Everything this process counts of itself, in one list: the recorder, the table of docs/operating.md, and the test of the dashboard and
 * the alert rules all read it. No label names a tenant, a workspace, a service or a person: who may read this may not see those; and what
 * a label may say is one of a few words, never what somebody typed.
 */
export interface Definition {
  kind: "counter" | "gauge" | "histogram";
  /** What it says, for Prometheus and for docs/operating.md. */
  help: string;
  labels: readonly string[];
  /** Upper bounds in seconds; of a histogram. */
  buckets?: readonly number[];
}

/** From what is answered at once to what somebody gives up waiting for. */
const QUICK = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5];
const PERSON = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 20];
const READING = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 60];
const LONG = [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];

export const METRICS = {
  // Is anybody not told?
  loghunter_oldest_unsent_seconds: gauge(
    "age of the oldest unsent message of all organisations; 0 with none",
  ),
  loghunter_deliveries_pending: gauge("messages that are owed and not sent yet"),
  loghunter_deliveries_in_hand: gauge("those of them that some process is sending just now"),
  loghunter_deliveries_refused: gauge("messages that nobody got, as long as they are kept"),
  loghunter_sends_total: counter(
    "posts and edits of messages that were owed, by this process: `sent`, `later` (the platform asked to wait), `refused` (with the reason), `unknown` (no answer), `message gone` (posted anew)",
    ["platform", "outcome", "reason"],
  ),
  loghunter_send_seconds: histogram("how long a platform takes for them", ["platform"], READING),

  // What people and programs ask.
  loghunter_acts_total: counter(
    "what people did (`command`, `press`, `form`, `reply`, `explain`, `home`), by the command or button it was of (`unknown` where there is none such): `done`, `not done` (it could not be, and they were told why), `failed` (LogHunter's fault, with a reference in its log)",
    ["platform", "act", "name", "outcome"],
  ),
  loghunter_act_seconds: histogram("how long they waited for the answer", ["act", "name"], PERSON),
  loghunter_api_request_seconds: histogram(
    "requests of the HTTP API by route and status, and how long each took; `unknown` is no route",
    ["route", "status"],
    QUICK,
  ),
  loghunter_key_checks_total: counter(
    "API keys that were shown: `good`, `malformed`, `busy` (too many were tried), and of those that are refused why: `unknown`, `wrong`, `revoked`, `expired`, `not shown`",
    ["outcome"],
  ),
  loghunter_webhook_alerts_total: counter(
    "alerts that came in by webhook: `started` a root cause, or `skipped`",
    ["from", "outcome"],
  ),

  // Watching.
  loghunter_scans_total: counter(
    "organisations scanned by this process: `done`, `failed` (the logs could not be read)",
    ["outcome"],
  ),
  loghunter_scan_seconds: histogram("how long a scan that was done took", [], LONG),
  loghunter_scan_age_seconds: gauge(
    "how long ago the last minute ended that was scanned, of the organisation scanned last (`newest`) and of the one that lags most (`oldest`); none where nothing is watched",
    ["of"],
  ),
  loghunter_detections_total: counter("anomalies that were found", ["metric", "severity"]),

  // Logs.
  loghunter_log_query_seconds: histogram(
    "questions to the log source (`lines`, `counts`, `services`, `namespaces`) and how long each took: `done`, `refused` (it cannot be asked so), `given up` (too slow, or wanted no longer), `failed`",
    ["question", "outcome"],
    READING,
  ),
  loghunter_log_lines_total: counter("lines read from the log source"),

  // Models.
  loghunter_model_call_seconds: histogram(
    "requests to language models: `answered`, `later` (busy or too slow), `refused`, `unusable`, and how long each took",
    ["provider", "model", "outcome"],
    LONG,
  ),
  loghunter_model_unpaid_total: counter(
    "questions that were not sent, because the day's budget of their organisation is spent",
    ["provider", "model"],
  ),
  loghunter_model_tokens_total: counter(
    "tokens, as providers count them: `input`, `cached` (of the input), `output`",
    ["provider", "model", "kind"],
  ),
  loghunter_model_dollars_total: counter("what they cost, of models whose price is known (MODEL_PRICES)", [
    "provider",
    "model",
  ]),
  loghunter_model_requests: gauge(
    "requests to a provider that are being answered (`asking`) or `waiting` for their turn",
    ["provider", "state"],
  ),
  loghunter_model_left_alone: gauge("1: the provider failed again and again and is not asked for a while", [
    "provider",
  ]),

  // Jobs.
  loghunter_job_seconds: histogram(
    "root causes (`analyze`) and answers to questions (`reply`): `done`, `failed` (and tried again), and how long each took",
    ["name", "outcome"],
    LONG,
  ),
  loghunter_jobs_given_up_total: counter("those that failed for good", ["name"]),
  loghunter_questions_waiting: gauge(
    "root causes and questions that nobody has answered yet, those in hand included",
  ),
  loghunter_oldest_question_seconds: gauge("age of the oldest of them; 0 with none"),
  loghunter_jobs: gauge("tasks in the job queue: `waiting`, `active`, `delayed` (tried again later)", [
    "state",
  ]),
  loghunter_oldest_job_seconds: gauge("age of the oldest task that waits in the queue; 0 with none"),

  // What it stands on.
  loghunter_database_up: gauge("0: the database did not answer, and what is owed is not known"),
  loghunter_database_seconds: histogram(
    "transactions, by the pool (`app`, `directory`) whose connection they had: `done`, `failed`, and how long each took, the wait for a connection included",
    ["pool", "outcome"],
    QUICK,
  ),
  loghunter_database_connections: gauge(
    "connections of a pool (`app`, `directory`) that are `busy` or `idle`",
    ["pool", "state"],
  ),
  loghunter_database_connections_most: gauge("how many a pool may have", ["pool"]),
  loghunter_database_waiting: gauge("queries that wait for a connection of a pool", ["pool"]),
  loghunter_notices_up: gauge(
    "1: the connection on which the database tells of revoked keys stands; else each request asks the database",
  ),
  loghunter_chat_up: gauge(
    "1: the connection stands over which the platform tells what people do; only of platforms that need one (Slack in Socket Mode, Discord)",
    ["platform"],
  ),
  loghunter_cache_up: gauge("1: the cache answers"),
  loghunter_cache_reads_total: counter("reads of the cache by what was looked for: `hit`, `miss`", [
    "kind",
    "outcome",
  ]),
  loghunter_cache_failures_total: counter(
    "what was asked of Redis (`get`, `set`, `delete`, `take`) and not answered",
    ["operation"],
  ),
  loghunter_limits_counted_alone_total: counter(
    "requests that were counted against a limit by this process alone, because Redis was away: each instance then lets so many pass",
  ),
  loghunter_backup_age_seconds: gauge(
    "age of the newest dump in BACKUP_DIR; only where that is set, and holds one",
  ),
  loghunter_backup_healthy: gauge(
    "1: it is young enough and the last drill went well, as `loghunter backup --check` says",
  ),
  loghunter_archive_healthy: gauge(
    "1: the database's server archived its log when it last tried; only of one that archives",
  ),
  loghunter_disk_free_bytes: gauge(
    "room on the disk of STATE_DIR: with Docker or the embedded database that of the database too",
  ),
  loghunter_build_info: gauge("always 1; the version that runs", ["version", "node"]),
} as const satisfies Record<string, Definition>;

export type MetricName = keyof typeof METRICS;
type OfKind<Kind extends Definition["kind"]> = {
  [Name in MetricName]: (typeof METRICS)[Name]["kind"] extends Kind ? Name : never;
}[MetricName];
export type CounterName = OfKind<"counter">;
export type GaugeName = OfKind<"gauge">;
export type HistogramName = OfKind<"histogram">;
/** A value for each label that the metric has. */
export type Labels<Name extends MetricName> = Record<(typeof METRICS)[Name]["labels"][number], string>;

function counter<const L extends readonly string[] = readonly []>(help: string, labels?: L) {
  return { kind: "counter" as const, help, labels: (labels ?? []) as L };
}

function gauge<const L extends readonly string[] = readonly []>(help: string, labels?: L) {
  return { kind: "gauge" as const, help, labels: (labels ?? []) as L };
}

function histogram<const L extends readonly string[]>(help: string, labels: L, buckets: readonly number[]) {
  return { kind: "histogram" as const, help, labels, buckets };
}
