import { setTimeout as sleep } from "node:timers/promises";
import { databaseTrouble } from "../../databaseTrouble.ts";
import { IN_HAND_MS } from "./requests.ts";

/**
 * Notes what came of it. Where the database is away just then, it is noted as soon as it is back: otherwise whoever sends it again
 * is told for a minute that it is being done.
 * @throws what it met with first
 */
export async function noted(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    void noteLater(work);
    throw error;
  }
}

async function noteLater(work: () => Promise<void>): Promise<void> {
  const untilMs = performance.now() + IN_HAND_MS;
  while (performance.now() < untilMs) {
    await sleep(AGAIN_MS, undefined, { ref: false });
    try {
      return await work();
    } catch (error) {
      if (databaseTrouble(error) === undefined) return;
    }
  }
}

const AGAIN_MS = 500;
