import { countOf } from "../../analysis/words.ts";
import type { Inline } from "../../chat/card.ts";
import type { GuardedModel } from "../../models/guard.ts";

/** `1 request under way since 05:27:53, and 2 wait for their turn`: of all organisations, in this process. Nothing where none is. */
export function loadText({ state }: Pick<GuardedModel, "state">): Inline[] {
  const { asking, waiting, oldestSinceMs } = state();
  if (oldestSinceMs === undefined) return [];
  const oldest = asking > 1 ? ", the oldest since " : " since ";
  return [
    `${countOf(asking, "request", "requests")} under way${oldest}`,
    { atMs: oldestSinceMs, show: "time" },
    ...(waiting === 0 ? [] : [`, and ${waiting} ${waiting === 1 ? "waits for its" : "wait for their"} turn`]),
  ];
}
