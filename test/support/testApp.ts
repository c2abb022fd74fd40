import { createMemoryCache } from "../../adapters/memory/index.ts";
import { type App, type AppParts, startApp } from "../../src/app.ts";
import { migrateJobs } from "../../src/jobs/migrate.ts";
import { createLog } from "../../src/log.ts";
import { createTestDatabase } from "./postgres.ts";
import { createRecordingPlatform, type RecordingPlatform } from "./recordingPlatform.ts";

export interface TestApp {
  app: App;
  chat: RecordingPlatform;
  databaseUrl: string;
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
    ...parts,
  });
  await chat.type("connect acme", { platformAdmin: true, operator: true });
  return {
    app,
    chat,
    databaseUrl: database.url,
    async close() {
      await app.stop();
      await database.drop();
    },
  };
}
