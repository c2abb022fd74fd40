import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";

/** What the database has done so far, and what it has. */
export interface DatabaseWork {
  transactions: number;
  rowsRead: number;
  rowsWritten: number;
  walBytes: number;
  tableBytes: number;
  connections: number;
}

/** Backends tell of what they did a second later. */
const TOLD_AFTER_MS = 1_200;

export async function databaseWork(url: string): Promise<DatabaseWork> {
  await pause(TOLD_AFTER_MS);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<Record<keyof DatabaseWork, string>>(`\
select xact_commit as "transactions", tup_fetched as "rowsRead", tup_inserted + tup_updated + tup_deleted as "rowsWritten",
  pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0') as "walBytes", pg_database_size(datname) as "tableBytes",
  numbackends - 1 as "connections"
from pg_stat_database where datname = current_database()`);
    return Object.fromEntries(
      Object.entries(rows[0] ?? {}).map(([name, value]) => [name, Number(value)]),
    ) as unknown as DatabaseWork;
  } finally {
    await client.end();
  }
}
