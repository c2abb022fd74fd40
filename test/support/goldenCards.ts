import { digestCard } from "../../src/alerting/digestCard.ts";
import type { DigestEvent } from "../../src/alerting/digestStore.ts";
import { failedCard, progressCard } from "../../src/analysis/card.ts";
import { button, type Card } from "../../src/chat/card.ts";
import { doctorCard } from "../../src/doctor/card.ts";
import { ALERT_CARDS } from "./alertCards.ts";
import { MODEL_CARDS } from "./modelCards.ts";

const FROM_MS = Date.UTC(2026, 0, 15, 2, 0);
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const WINDOW = { fromMs: FROM_MS, toMs: FROM_MS + 60 * MINUTE_MS };

function digestEvent(
  service: string,
  severity: DigestEvent["severity"],
  minutes: number,
  { resolvedAtMs = FROM_MS + minutes * MINUTE_MS, ...own }: Partial<DigestEvent>,
): DigestEvent {
  return {
    ...{ service, severity, metric: "error_rate", direction: "up", isAcknowledged: false, isTold: true },
    ...{
      startedAtMs: FROM_MS,
      detectedAtMs: FROM_MS + MINUTE_MS,
      lastOddAtMs: FROM_MS + minutes * MINUTE_MS,
    },
    ...(minutes > 0 && { resolvedAtMs }),
    ...own,
  };
}

/** One card of each look that people see: what a platform makes of each is kept in test/golden. */
export const GOLDEN_CARDS: Record<string, Card> = {
  ...ALERT_CARDS,
  ...MODEL_CARDS,
  "root cause": {
    title: "checkout: likely cause found",
    tone: "critical",
    badge: "LIKELY CAUSE",
    body: [
      { kind: "text", text: [{ strong: "orders-db refuses connections since the deploy of v2.4.1 [1]" }] },
      {
        kind: "text",
        text: [
          "From ",
          { atMs: FROM_MS + 20 * MINUTE_MS, show: "time" },
          " checkout fails 40 times a minute where 2 is usual.",
        ],
      },
      {
        kind: "facts",
        facts: [
          { label: "Confidence", value: [{ strong: "82 %" }, ", high"] },
          { label: "Errors", value: "1,204, up from 61" },
          { label: "Since", value: [{ atMs: FROM_MS + 20 * MINUTE_MS, show: "date and time" }] },
        ],
      },
      {
        kind: "chart",
        alt: "Errors of checkout rose from 2 to 40 a minute at 02:20 UTC",
        chart: {
          title: "checkout",
          unit: "errors / min",
          fromMs: FROM_MS,
          stepMs: MINUTE_MS,
          values: Array.from({ length: 60 }, (_, at) => (at < 20 ? 2 : 40)),
          marks: [{ atMs: FROM_MS + 19 * MINUTE_MS, label: "v2.4.1", kind: "deploy" }],
        },
      },
      {
        kind: "items",
        items: [
          {
            number: 1,
            heading: [{ strong: "orders-db" }, "  connection refused ", { code: "▁▁▂▇█" }],
            detail: ["812 lines, new since ", { atMs: FROM_MS + 20 * MINUTE_MS, show: "relative" }],
            log: [
              "2026-01-15T02:20:11Z ERROR dial tcp 10.0.0.7:5432: connect: connection refused",
              "\tat pool.Acquire (pool.go:88) <nil> & `retry` *3*",
            ],
          },
          { number: 2, heading: "checkout  payment timed out after <n> ms", detail: "392 lines, 3× as many" },
        ],
      },
      {
        kind: "text",
        text: [{ strong: "Next: " }, "look at the deploy with ", { code: "kubectl rollout history" }],
      },
      {
        kind: "links",
        links: [
          {
            label: "Lines in Grafana",
            url: "https://grafana.test/explore?schemaVersion=1&panes=%7B%7D&orgId=1",
          },
        ],
      },
    ],
    actions: [
      button("👍 Right", { name: "feedback.right", subject: "7f3c1a52-0000-4000-8000-000000000001" }),
      button("👎 Not right", { name: "feedback.other", subject: "7f3c1a52-0000-4000-8000-000000000001" }),
      button("Show lines", { name: "lines", subject: "7f3c1a52-0000-4000-8000-000000000002" }),
      button("Look again", { name: "again", subject: "7f3c1a52-0000-4000-8000-000000000002" }, "primary"),
    ],
    footnote: "Built-in analyzer. Ask about it in this thread.",
    discussable: true,
  },
  "in progress": progressCard("checkout", WINDOW, "comparing"),
  failed: failedCard("checkout", "Loki did not answer in time. Ask again with a shorter window: since:15m."),
  "critical alert": {
    title: "checkout: more errors than usual",
    tone: "critical",
    badge: "CRITICAL",
    body: [{ kind: "facts", facts: [{ label: "Observed", value: [{ strong: "412" }, " errors a minute"] }] }],
    // Each platform takes those that are ids of its own.
    mentions: ["U0ANNA001", "&S0ONCALL1", "123456789012345678", "&123456789012345670", "here"],
  },
  "daily digest": digestCard({
    every: "daily",
    zone: "Europe/Berlin",
    fromMs: FROM_MS - 18 * HOUR_MS,
    untilMs: FROM_MS + 6 * HOUR_MS,
    nowMs: FROM_MS + 6 * HOUR_MS + MINUTE_MS,
    areCut: false,
    events: [
      digestEvent("checkout", "CRITICAL", 42, { isAcknowledged: true }),
      digestEvent("checkout", "HIGH", 9, { metric: "new_error" }),
      digestEvent("pay-api & <script>", "LOW", 3, {}),
      digestEvent("search", "MEDIUM", 20, { verdict: "no anomaly", isTold: false }),
      digestEvent("orders-db", "HIGH", 0, { metric: "silence", direction: "silence" }),
      ...Array.from({ length: 14 }, (_, at) => digestEvent(`worker-${at}`, "LOW", 12, {})),
    ],
    mutes: [
      {
        service: "batch",
        endsAtMs: FROM_MS + 9 * HOUR_MS,
        mutedBy: "Ann",
        reason: "moves to *another* host",
      },
      { service: "mail", endsAtMs: FROM_MS + 10 * HOUR_MS, mutedBy: "Bo" },
    ],
  }),
  "daily digest of nothing": digestCard({
    every: "daily",
    zone: "UTC",
    fromMs: FROM_MS - 24 * HOUR_MS,
    untilMs: FROM_MS,
    nowMs: FROM_MS + MINUTE_MS,
    areCut: false,
    events: [],
    mutes: [],
  }),
  "doctor with failures": doctorCard([
    {
      name: "database",
      state: "failure",
      finding: "The database of DATABASE_URL does not answer.",
      fix: "Start it, or correct the host and port.",
    },
    {
      name: "alert channels",
      state: "failure",
      finding: [
        "Channel ",
        { channel: "C0LOGS001" },
        " takes no messages (not in channel: Slack says not_in_channel).",
      ],
      fix: "LogHunter is not in the channel: invite it.",
    },
    {
      name: "API keys",
      state: "warning",
      finding: ["The key ci & <deploys> ends ", { atMs: FROM_MS, show: "date and time" }, "."],
      fix: [
        "Type ",
        { code: "keys rotate ci" },
        " in the key channel, and give whoever uses it the new one.",
      ],
    },
    {
      name: "scans",
      state: "unseen",
      finding: "Nothing was scanned yet: the first scan comes within a minute of the start.",
    },
    { name: "schema", state: "well", finding: "All migrations ran, unchanged." },
    { name: "logs", state: "well", finding: "12,004 lines of 4 services in the last hour." },
  ]),
  "doctor of what is well": doctorCard([
    { name: "database", state: "well", finding: "PostgreSQL 15.8 answers in 2 ms, and its clock agrees." },
    { name: "logs", state: "well", finding: "12,004 lines of 4 services in the last hour." },
  ]),
  "lines found": {
    title: "3 lines in checkout",
    tone: "neutral",
    body: [
      {
        kind: "log",
        caption: ["Lines with ", { code: "refused" }, " from ", { atMs: FROM_MS, show: "time" }],
        lines: [
          "02:20:11.004Z checkout  dial tcp 10.0.0.7:5432: connect: connection refused",
          "02:20:12.117Z checkout  <REDACTED:jwt> rejected by @everyone <!channel> https://evil.test/x",
          "02:20:12.118Z checkout  ``` _closed_ ~here~ ``` | <@U1> &amp; || spoiler ||",
        ],
        transient: true,
        newestLast: true,
      },
    ],
  },
  "table and good state": {
    title: "LogHunter is working",
    tone: "good",
    badge: "OK",
    body: [
      {
        kind: "table",
        columns: ["Service", "Lines", "Trend"],
        rows: [
          ["checkout", "12,004", [{ code: "▁▂▅█" }]],
          ["orders-db | replica", "31", ""],
        ],
      },
    ],
    footnote: ["Asked at ", { atMs: FROM_MS, show: "date and time" }, "."],
  },
  "not done": {
    title: "That did not work",
    tone: "warning",
    badge: "NOT DONE",
    body: [{ kind: "text", text: '"soon" is not a duration. Try 30m, 6h or 2d.' }],
    actions: [button("Delete it", { name: "test.delete", subject: "" }, "danger")],
  },
};
