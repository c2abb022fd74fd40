import { randomUUID } from "node:crypto";
import { expect } from "@jest/globals";
import type { LokiSource } from "../../../adapters/loki/index.ts";
import { createMemoryCache } from "../../../adapters/memory/index.ts";
import { startApp } from "../../../src/app.ts";
import type { App } from "../../../src/appParts.ts";
import { cacheFor } from "../../../src/cache/keys.ts";
import type { CommandCall } from "../../../src/chat/call.ts";
import type { Card } from "../../../src/chat/card.ts";
import { plainText } from "../../../src/chat/plainText.ts";
import { migrateJobs } from "../../../src/jobs/migrate.ts";
import { createLog } from "../../../src/log.ts";
import { type StandInLoki, startStandInLoki } from "../../support/loki/standIn.ts";
import { createTestDatabase } from "../../support/postgres.ts";
import { createRecordingPlatform, type RecordingPlatform } from "../../support/recordingPlatform.ts";
import { ACME, ANY_SECRET, FOREIGN_SECRET, GLOBEX, TO_MS } from "./hostileTenants.ts";
import { BLANK_VALUES, HOSTILE_VALUES, LONG_HOSTILE_VALUES, titled } from "./hostileValues.ts";
import { openTestLoki } from "./open.ts";
import { logQueriesIn, PATHS } from "./sentQueries.ts";

/** For test.each. */
export const TITLED_VALUES = [...HOSTILE_VALUES, ...LONG_HOSTILE_VALUES, ...BLANK_VALUES].map(
  (value) => [titled(value), value] as const,
);

/** What was answered, and what was asked of Loki for it. */
export interface Answered {
  card: Card;
  /** Selectors and stages of all queries that were sent. */
  queries: ReturnType<typeof logQueriesIn>;
  requests: number;
}

/** The app with its real router, two workspaces, and a Loki that holds the logs of both. */
export interface HostileChat {
  chat: RecordingPlatform;
  server: StandInLoki;
  /** Asks in the workspace of acme, and holds every request to that tenant. */
  ask(call: CommandCall, admin?: boolean): Promise<Answered>;
  close(): Promise<void>;
}

const TENANTS: Readonly<Record<string, string>> = { acme: randomUUID(), globex: randomUUID() };

export async function openHostileChat(): Promise<HostileChat> {
  const chat = createRecordingPlatform("T1");
  const other = createRecordingPlatform("T2", "elsewhere");
  const server = await startStandInLoki({ tenants: { acme: ACME, globex: GLOBEX }, now: () => TO_MS });
  const cache = createMemoryCache({ now: () => TO_MS });
  const logs: LokiSource = await openTestLoki(server.url, {
    now: () => TO_MS,
    // As the app has it: what one tenant was answered must not answer another.
    cacheOf: async (org) => cacheFor(cache, TENANTS[org] ?? randomUUID()),
    grafana: { url: "https://grafana.example", datasource: "loki", orgId: 1, form: "panes" },
  });
  const database = await createTestDatabase();
  await migrateJobs(database.url);
  const app: App = await startApp({
    databaseUrl: database.url,
    cache,
    logs,
    platforms: () => [chat, other],
    allowedOrgs: ["acme", "globex"],
    log: createLog("silent"),
    now: () => TO_MS,
  });
  await chat.type("connect acme", { platformAdmin: true, operator: true });
  await other.type("connect globex", { platformAdmin: true, operator: true });
  return {
    chat,
    server,
    async ask(call, admin = false) {
      const before = server.requests.length;
      const reply = await app.core.handle({
        kind: "command",
        id: randomUUID(),
        place: { platform: chat.name, workspace: "T1", channel: "general" },
        person: { id: "u1", name: "Ann", platformAdmin: admin, ...(admin && { operator: true as const }) },
        call,
      });
      if (reply.kind !== "message") throw new Error(`a ${reply.kind} has no card`);
      const requests = server.requests.slice(before);
      for (const { org, headers, path } of requests) {
        expect([org, headers["x-scope-orgid"]]).toEqual(["acme", "acme"]);
        expect(path).toMatch(PATHS);
      }
      expect(JSON.stringify(reply.card)).not.toContain(FOREIGN_SECRET);
      // A reference number would be a fault of ours.
      expect(plainText(reply.card)).not.toMatch(/reference/i);
      return { card: reply.card, queries: requests.flatMap(logQueriesIn), requests: requests.length };
    },
    async close() {
      await app.stop();
      await logs.close();
      await database.drop();
      await server.close();
    },
  };
}

/** Whether a selector is that of all services. */
export function isAnyService(matchers: readonly { name: string; value: string }[]): boolean {
  return matchers.length === 1 && matchers[0]?.name === "service_name" && matchers[0].value === ".+";
}

/** No line of a service in `secure`, and nothing asked but what stands in the lines of all services. */
export function expectSearched({ card, queries }: Answered): void {
  expect(JSON.stringify(card)).not.toMatch(ANY_SECRET);
  for (const { matchers, stages } of queries) {
    expect(isAnyService(matchers)).toBe(true);
    expect(stages.map(({ kind }) => kind).join(" ")).toMatch(/^(?:line )*line_format$|^$/);
  }
}

/** Such a text is a log query of the person's own, which says itself what it reads. */
export function isOwnQuery(text: string): boolean {
  return /^\{(?!\s*")/.test(text.trim());
}
export function isBlank(value: string): boolean {
  return value.trim() === "";
}
