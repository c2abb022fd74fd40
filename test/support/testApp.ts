import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createMemoryCache } from "../../adapters/memory/index.ts";
import { startApp } from "../../src/app.ts";
import type { App, AppParts } from "../../src/appParts.ts";
import { apiListener } from "../../src/http/api/listener.ts";
import { migrateJobs } from "../../src/jobs/migrate.ts";
import { createLog } from "../../src/log.ts";
import { createTestDatabase } from "./postgres.ts";
import { createRecordingPlatform, type RecordingPlatform } from "./recordingPlatform.ts";

export interface TestApp {
  app: App;
  chat: RecordingPlatform;
  databaseUrl: string;
  /** Where its API is, without /v1. */
  apiUrl: string;
  close(): Promise<void>;
}

/** The core on a database of its own, with one workspace that is connected to the organisation acme. */
export async function openTestApp({
  chat = createRecordingPlatform("T1"),
  ...parts
}: Pick<AppParts, "logs"> & Partial<AppParts> & { chat?: RecordingPlatform }): Promise<TestApp> {
  const database = await createTestDatabase();
  await migrateJobs(database.url);
  const now = parts.now ?? Date.now;
  const app = await startApp({
    databaseUrl: database.url,
    cache: createMemoryCache({ now }),
    platforms: () => [chat],
    allowedOrgs: ["acme"],
    editsApartMs: 0,
    channelApartMs: 0,
    log: createLog("silent"),
    now,
    api: { url: () => "http://api.test", keyHashCost: 4 },
    ...parts,
  });
  const server = createServer(apiListener(app.api));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  await chat.type("connect acme", { platformAdmin: true, operator: true });
  return {
    app,
    chat,
    databaseUrl: database.url,
    apiUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await app.stop();
      await database.drop();
    },
  };
}
