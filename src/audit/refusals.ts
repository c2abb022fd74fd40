import { createSlidingWindows } from "../cache/slidingWindow.ts";
import type { Role } from "../chat/command.ts";
import type { Inbound } from "../chat/platform.ts";
import type { Log } from "../log.ts";
import type { Workspace } from "../tenancy/directory.ts";
import { addEntry } from "./entries.ts";

/** Keeps that somebody tried what their role does not allow. */
export interface Refusals {
  note(workspace: Workspace, inbound: Inbound, what: string, needed: Role): void;
}

/** The same person trying the same again is told of once in so long: nobody fills the audit by pressing a button. */
const AGAIN_MS = 60_000;
const MOST = 10_000;

export function createRefusals({ log, now }: { log: Log; now: () => number }): Refusals {
  const told = createSlidingWindows(now, MOST);
  return {
    note({ id, scope }, { person, place }, what, needed) {
      if (!told.take(`${id} ${person.id} ${what}`, 1, AGAIN_MS).allowed) return;
      const actor = {
        ...({ kind: "person", id: person.id, name: person.name } as const),
        ...{ workspaceId: id, channel: place.channel },
      };
      scope
        .transaction((db) =>
          addEntry(scope, db, {
            actor,
            action: "access.refused",
            subject: what,
            detail: { needs: needed },
          }),
        )
        .catch((err: unknown) => log.warn({ err }, "a refused attempt could not be noted"));
    },
  };
}
