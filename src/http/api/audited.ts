import { type Actor, addEntry, type NewEntry } from "../../audit/entries.ts";
import type { VerifiedKey } from "../../keys/verifier.ts";
import type { Queryable } from "../../tenancy/scope.ts";

interface Asker {
  key: VerifiedKey;
  address: string;
}

/** The key that asks, for the audit. */
export function actorOf({ key: { id, name }, address }: Asker): Extract<Actor, { kind: "key" }> {
  return { kind: "key", id, name, address };
}

/** Changes something, and keeps which key did, in one transaction; undefined says that there was nothing to change. */
export function audited<T>(
  asker: Asker,
  entry: Omit<NewEntry, "actor">,
  change: (db: Queryable) => Promise<T>,
): Promise<T> {
  const { tenant } = asker.key;
  return tenant.transaction(async (db) => {
    const result = await change(db);
    if (result !== undefined) await addEntry(tenant, db, { ...entry, actor: actorOf(asker) });
    return result;
  });
}
