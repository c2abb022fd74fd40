import { type Actor, addEntry, type NewEntry } from "../audit/entries.ts";
import type { Queryable } from "../tenancy/scope.ts";
import type { Call } from "./command.ts";

export type Caller = Pick<Call, "person" | "place" | "workspace">;

/** Who made a call, for the audit. */
export function actorOf({ person, place, workspace }: Caller): Extract<Actor, { kind: "person" }> {
  return {
    ...{ kind: "person", id: person.id, name: person.name },
    ...{ workspaceId: workspace().id, channel: place.channel },
  };
}

/** What is told of a change, without who made it. */
export type Change = Omit<NewEntry, "actor">;

/**
 * Changes something, and keeps who did, in one transaction.
 * @param change false says that nothing was to be changed
 */
export function audited<T>(
  call: Caller,
  entry: Change | ((result: NoInfer<T>) => Change | undefined),
  change: (db: Queryable) => Promise<T>,
): Promise<T> {
  const { scope } = call.workspace();
  return scope.transaction(async (db) => {
    const result = await change(db);
    const told = typeof entry === "function" ? entry(result) : entry;
    if (result !== false && told !== undefined) await addEntry(scope, db, { ...told, actor: actorOf(call) });
    return result;
  });
}
