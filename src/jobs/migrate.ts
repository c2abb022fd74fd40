import {
  assertSchemaCompatibility,
  LATEST_SCHEMA_VERSION,
  runMigrations,
  SchemaMigrationRequiredError,
} from "bullmq";
import pg from "pg";
import { checkedAddress } from "../databaseAddress.ts";

/** The queue's tables stand apart from ours: their migrations are the library's. */
export const JOBS_SCHEMA = "jobs";

/** Brings the queue's own schema up to date. Safe when several processes start at once: one runs, the others wait. */
export async function migrateJobs(url: string, schema = JOBS_SCHEMA): Promise<void> {
  await withClient(url, (client) => runMigrations(client, schema));
}

/** What `migrateJobs` would do, a line for people each; empty when the schema is up to date. Reads only. */
export async function pendingJobMigrations(url: string, schema = JOBS_SCHEMA): Promise<string[]> {
  const version = await withClient(url, (client) => versionOf(client, schema));
  if (version >= LATEST_SCHEMA_VERSION) return [];
  return [`schema "${schema}" of the job queue: version ${version} to ${LATEST_SCHEMA_VERSION}`];
}

/** The newest version of that schema that this LogHunter knows. */
export const NEWEST_JOBS_SCHEMA = LATEST_SCHEMA_VERSION;

/** Version of the queue's schema in a database; 0 where it has none. Safe within a transaction. */
export async function jobsSchemaVersion(client: pg.Client): Promise<number> {
  // The library finds out by a query that fails, and a failure would end the transaction.
  const { rows } = await client.query<{ known: boolean }>("select to_regclass($1) is not null as known", [
    `${JOBS_SCHEMA}.migration`,
  ]);
  return rows[0]?.known === true ? versionOf(client, JOBS_SCHEMA) : 0;
}

async function versionOf(client: pg.Client, schema: string): Promise<number> {
  try {
    return await assertSchemaCompatibility(client, schema);
  } catch (error) {
    if (error instanceof SchemaMigrationRequiredError) return 0;
    throw error;
  }
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: checkedAddress(url) });
  client.on("error", () => undefined); // The query in hand fails with the same cause.
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
