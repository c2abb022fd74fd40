import { deliveryBacklog } from "../alerting/deliveries.ts";
import { duration } from "../analysis/words.ts";
import { countOpenAnomalies } from "../anomalies/store.ts";
import type { Cache } from "../cache/cache.ts";
import type { Block, Card, Text } from "../chat/card.ts";
import { shownName } from "../chat/shownName.ts";
import type { LogSource } from "../logs/source.ts";
import type { TenantScope } from "../tenancy/scope.ts";
import { type Command, defineCommand, message } from "./command.ts";

/** An unsent message older than this is something to mend. */
const LATE_MS = 60_000;
const SERVICES_WITHIN_MS = 60 * 60_000;
const LISTED = 20;

export interface StatusParts {
  logs: LogSource;
  cache: Cache;
  now: () => number;
}

export function statusCommand(parts: StatusParts): Command {
  return defineCommand({
    name: "status",
    summary: "What is read, what is open, and what is broken and how to mend it",
    examples: ["status"],
    role: "viewer",
    visibility: "channel",
    options: [],
    async run(call) {
      return message(await statusCard(call.workspace().scope, parts), "channel");
    },
  });
}

async function statusCard(scope: TenantScope, { logs, cache, now }: StatusParts): Promise<Card> {
  const toMs = now();
  const range = { fromMs: toMs - SERVICES_WITHIN_MS, toMs };
  const [source, services, cached, open, backlog] = await Promise.all([
    logs.health(scope.lokiOrgId),
    logs.services(scope.lokiOrgId, range).catch(() => []),
    cache.health(),
    countOpenAnomalies(scope),
    deliveryBacklog(scope),
  ]);
  const lateMs = backlog.oldestMs === undefined ? 0 : toMs - backlog.oldestMs;
  const broken: Text[] = [
    ...(source.ok ? source.warnings : [source.summary, ...source.warnings]),
    ...(cached.ok ? [] : [cached.summary]),
    ...(lateMs > LATE_MS
      ? [`The oldest unsent message has waited ${duration(lateMs)}: see the process's log for why.`]
      : []),
    ...(backlog.refused > 0 ? [`${backlog.refused} messages were refused by their channel.`] : []),
  ];
  const names = [...new Set(services.map((ref) => shownName(ref.service)))];
  const body: Block[] = [
    {
      kind: "facts",
      facts: [
        { label: "Organisation", value: scope.lokiOrgId },
        { label: "Logs", value: source.summary },
        { label: "Services in the last hour", value: names.length === 0 ? "none" : listed(names) },
        { label: "Open anomalies", value: String(open) },
        { label: "Unsent messages", value: String(backlog.unsent) },
        { label: "Cache", value: cached.summary },
        { label: "Root causes", value: "built-in analyzer, no model" },
      ],
    },
  ];
  if (broken.length > 0) {
    body.push({ kind: "text", text: [{ strong: "To mend" }] });
    body.push({ kind: "items", items: broken.map((heading) => ({ heading })) });
  }
  return {
    title: broken.length === 0 ? "LogHunter is working" : `${broken.length} to mend`,
    tone: !source.ok ? "critical" : broken.length > 0 ? "warning" : "good",
    badge: !source.ok ? "NOT READING LOGS" : broken.length > 0 ? "ATTENTION" : "OK",
    body,
  };
}

function listed(names: readonly string[]): string {
  const more = names.length > LISTED ? ` and ${names.length - LISTED} more` : "";
  return `${names.slice(0, LISTED).join(", ")}${more}`;
}
