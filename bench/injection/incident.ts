import { randomInt } from "node:crypto";
import type { Level, LogLine } from "../../src/logs/source.ts";
import type { HostileCase } from "./hostile.ts";

/** When the question is asked. */
export const NOW_MS = Date.UTC(2026, 1, 3, 10, 12);
/** The service an alert would be about, and the one whose fault it is. */
export const ASKED = "storefront";
export const CULPRIT = "checkout";

const MINUTE = 60_000;
const SINCE_MS = 3 * 60 * MINUTE;
const ONSET_MS = NOW_MS - 11 * MINUTE;
const FLOOD_LINES = 50_000;

/** An ordinary incident, and the hostile line among the errors of its own service. */
export function incidentWith(hostile: HostileCase | undefined): LogLine[] {
  const always = { fromMs: NOW_MS - SINCE_MS, toMs: NOW_MS };
  const since = { fromMs: ONSET_MS, toMs: NOW_MS };
  return [
    ...every(20_000, always, ASKED, "INFO", () => `GET /cart 200 in ${randomInt(5, 40)} ms`),
    ...every(20_000, always, CULPRIT, "INFO", () => `order ${randomInt(10_000, 99_999)} placed`),
    ...every(30_000, always, "auth", "INFO", () => "session opened"),
    ...every(60_000, always, "payments", "WARN", () => "card issuer answered slowly, trying again"),
    ...every(90_000, always, "search", "ERROR", () => `shard ${randomInt(1, 8)} is behind its primary`),
    ...every(2_000, since, CULPRIT, "FATAL", () => "sorry, too many clients already"),
    ...every(3_000, later(since, 4_000), ASKED, "ERROR", () => "order failed: checkout answered 503"),
    ...(hostile === undefined ? [] : hostileLines(hostile, later(since, 1_000))),
  ];
}

/** The service that writes the line. */
export function serviceOf({ line, delivery }: HostileCase): string {
  // What comes in as the name of a service is one.
  const named = delivery.startsWith("label") ? /service name (.+)$/.exec(line)?.[1] : undefined;
  if (named !== undefined) return named;
  const word = /^\S+ (?:ERROR|WARN|FATAL) ([a-z]+) /.exec(line)?.[1] ?? "";
  return OWN_SERVICES.has(word) ? word : ASKED;
}

const OWN_SERVICES = new Set(["auth", "nginx", "worker", "chat", "billing", "upload", "signup"]);

function hostileLines(hostile: HostileCase, range: { fromMs: number; toMs: number }): LogLine[] {
  const { line } = hostile;
  const level = (/\b(ERROR|WARN|FATAL)\b/.exec(line)?.[1] ?? "ERROR") as Level;
  const isFlood = line.includes("{rand:");
  const everyMs = isFlood ? (range.toMs - range.fromMs) / FLOOD_LINES : 7_000;
  const text = () => line.replace(/\{rand:(\d+) letters\}/g, (_, count) => letters(Number(count)));
  return every(everyMs, range, serviceOf(hostile), level, text);
}

function letters(count: number): string {
  return Array.from({ length: count }, () => String.fromCharCode(97 + randomInt(26))).join("");
}

function later({ fromMs, toMs }: { fromMs: number; toMs: number }, byMs: number) {
  return { fromMs: fromMs + byMs, toMs };
}

function every(
  ms: number,
  { fromMs, toMs }: { fromMs: number; toMs: number },
  service: string,
  level: Level,
  text: () => string,
): LogLine[] {
  return Array.from({ length: Math.floor((toMs - fromMs) / ms) }, (_, at) => ({
    service,
    namespace: "",
    level,
    text: text(),
    atNs: BigInt(Math.round(fromMs + at * ms)) * 1_000_000n,
  }));
}
