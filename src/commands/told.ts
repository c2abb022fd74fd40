import type { AnomalyEvent } from "../anomalies/store.ts";
import type { Inline } from "../chat/card.ts";

/**
 * Which channels were told of an event; empty where none was.
 * @param own the workspace that reads it: only its own channels have names there
 */
export function toldChannels({ deliveries }: Pick<AnomalyEvent, "deliveries">, own: string): Inline[] {
  return deliveries.flatMap(({ workspaceId, channel, state }, at): Inline[] => [
    at === 0 ? "told " : ", ",
    workspaceId === own ? { channel } : { code: channel },
    `: ${state}`,
  ]);
}
