import type { Queryable } from "./scope.ts";

/** Whoever does the same for the same tenant or workspace waits until the transaction ends, however it does. */
export async function beAlone(db: Queryable, doing: string, id: string): Promise<void> {
  await db.query("select pg_advisory_xact_lock(hashtextextended($1, 0))", [`${doing} ${id}`]);
}
