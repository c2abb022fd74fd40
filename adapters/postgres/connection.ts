import { readFile, realpath } from "node:fs/promises";
// biome-ignore lint/style/noRestrictedImports: this adapter is the PostgreSQL server; it reads no rows of ours.
import pg from "pg";
import type { Home } from "./home.ts";

export const SUPERUSER = "loghunter";
export const DATABASE = "loghunter";

export async function urlOf(home: Home, port: number, database: string): Promise<string> {
  const password = (await readFile(home.password, "utf8")).trim();
  // Said in the address because PGSSLMODE would otherwise ask this server for what it does not have.
  return `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/${database}?sslmode=disable`;
}

/** Whether the server that answers on this port serves our data. Throws when none answers or lets us in. */
export async function servesOurData(home: Home, port: number): Promise<boolean> {
  return withClient(await urlOf(home, port, "postgres"), async (client) => {
    const { rows } = await client.query<{ data_directory: string }>("show data_directory");
    const theirs = rows[0]?.data_directory;
    return theirs !== undefined && (await realpath(theirs)) === (await realpath(home.data));
  });
}

/** Made at every start that misses it: the first may have been ended between the cluster and this. */
export async function ensureDatabase(home: Home, port: number): Promise<void> {
  await withClient(await urlOf(home, port, "postgres"), async (client) => {
    const { rowCount } = await client.query("select from pg_database where datname = $1", [DATABASE]);
    if (rowCount === 0) await client.query(`create database ${DATABASE}`);
  });
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on("error", () => undefined); // A lost connection fails the query in hand, which says why.
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
