import type { Actor } from "../audit/entries.ts";
import type { Call } from "./command.ts";

/** Who made a call, for the audit. */
export function actorOf(
  call: Pick<Call, "person" | "place" | "workspace">,
): Extract<Actor, { kind: "person" }> {
  const { person, place } = call;
  return {
    kind: "person",
    id: person.id,
    name: person.name,
    workspaceId: call.workspace().id,
    channel: place.channel,
  };
}
