import type { Asked } from "./database.ts";

/** How the server fares with archiving its log (WAL), by which a database is brought back to a point in time. */
export interface Archiving {
  /** Since its last success; absent where the last try went well. */
  failsForMs?: number;
}

/** Any login may ask. @returns undefined where the server does not archive */
export async function readArchiving(db: Asked): Promise<Archiving | undefined> {
  const { rows } = await db.query<{ fails: boolean; for_ms: number }>(`\
select last_failed_time is not null and last_failed_time > coalesce(last_archived_time, '-infinity') as fails,
  (extract(epoch from clock_timestamp() - coalesce(last_archived_time, stats_reset, last_failed_time)) * 1000)::float8 as for_ms
from pg_stat_archiver where current_setting('archive_mode') <> 'off'`);
  const [row] = rows;
  if (row === undefined) return undefined;
  return row.fails ? { failsForMs: row.for_ms } : {};
}
