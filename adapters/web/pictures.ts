import type { DrawChart } from "../../src/charts/chart.ts";
import { fitCard } from "../../src/chat/fit.ts";
import type { KeptMessage } from "../../src/chat/history.ts";
import { LIMITS } from "./limits.ts";

export type Look = "light" | "dark";

export interface Pictures {
  /** The picture of a message's block; undefined when that block is no chart. */
  of(
    message: KeptMessage,
    block: number,
    look: Look,
    zone: string | undefined,
  ): Promise<Uint8Array> | undefined;
}

/** Two looks of the charts on a screen or two. */
const KEPT = 40;

/** Draws each picture once per revision, also when two tabs ask at the same time. */
export function createPictures(draw: DrawChart): Pictures {
  const drawn = new Map<string, Promise<Uint8Array>>();
  return {
    of(message, at, look, zone) {
      if (!("card" in message.body)) return undefined;
      const block = fitCard(message.body.card, LIMITS).card.body[at];
      if (block?.kind !== "chart") return undefined;
      const shownZone = block.chart.zone ?? zone;
      const key = [message.id, message.revision, at, look, shownZone].join(" ");
      const known = drawn.get(key);
      if (known !== undefined) return known;
      const picture = draw({ ...block.chart, ...(shownZone !== undefined && { zone: shownZone }) }, look);
      drawn.set(key, picture);
      picture.catch(() => drawn.delete(key));
      const oldest = drawn.keys().next();
      if (drawn.size > KEPT && oldest.value !== undefined) drawn.delete(oldest.value);
      return picture;
    },
  };
}
