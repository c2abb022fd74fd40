import { expect, test } from "@jest/globals";
import { type Grouped, group, type Incident } from "../../src/alerting/grouping.ts";
import { leastMs } from "../support/leastMs.ts";

const NOON = Date.UTC(2026, 10, 24, 12);

function episode(namespace: string, service: string): Grouped {
  const id = `${namespace}/${service}`;
  return { id, namespace, service, severity: "CRITICAL", startedAtMs: NOON, kinds: [], versions: [] };
}

function incident(namespace: string, services: readonly string[]): Incident {
  const members = services.map((service) => episode(namespace, service));
  return { leaderId: members[0]?.id ?? "", members };
}

test("what is odd beside systems that have incidents of their own is in none of theirs, however many services are odd", () => {
  const open = [
    incident("shop", ["checkout", "gateway", "orders-db", "inventory", "reconciler"]),
    incident("reports", ["report-api", "renderer", "scheduler"]),
  ];
  expect(group([episode("accounts", "auth")], open, 16)).toEqual([]);
  // One that belongs to no system, as one that has no namespace, is joined by the next.
  const lone = incident("", ["cron"]);
  expect(group([episode("accounts", "auth")], [...open, lone], 16)).toEqual([
    { id: "accounts/auth", leaderId: "/cron", cause: "most services" },
  ]);
});

test("holds nobody up where all of thousands of services are off at once, whatever they have in common", () => {
  const alone = Array.from({ length: 2_000 }, (_, at) =>
    episode(at % 2 === 0 ? "" : `space-${at}`, `service-${at}`),
  );
  expect(leastMs(() => expect(group(alone, [], 10_000)).toEqual([]), 2)).toBeLessThan(1_000);
  expect(leastMs(() => expect(group(alone, [], 2_000)).toHaveLength(1_999), 2)).toBeLessThan(1_000);
});
