import { type Actor, addEntry, type NewEntry } from "../audit/entries.ts";
import type { Queryable } from "../tenancy/scope.ts";
import type { Call } from "./command.ts";

type Caller = Pick<Call, "person" | "place" | "workspace">;

/** Who made a call, for the audit. */
export function actorOf({ person, place, workspace }: Caller): Extract<Actor, { kind: "person" }> {
  return {
    ...{ kind: "person", id: person.id, name: person.name },
    ...{ workspaceId: workspace().id, channel: place.channel },
  };
}

/** Changes something, and keeps who did, in one transaction; false says that nothing was to be changed. */
export function audited<T>(
  call: Caller,
  entry: Omit<NewEntry, "actor">,
  change: (db: Queryable) => Promise<T>,
): Promise<T> {
  const { scope } = call.workspace();
  return scope.transaction(async (db) => {
    const result = await change(db);
    if (result !== false) await addEntry(scope, db, { ...entry, actor: actorOf(call) });
    return result;
  });
}
