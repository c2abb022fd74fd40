import type { Log } from "../log.ts";
import { noteUse } from "./store.ts";
import type { VerifiedKey } from "./verifier.ts";

/** When keys were last used: to five minutes, so that a busy one costs a write now and then. */
export interface KeyUses {
  note(key: VerifiedKey): void;
}

const COARSE_MS = 5 * 60_000;
const MOST = 10_000;

export function createKeyUses({ log, now }: { log: Log; now: () => number }): KeyUses {
  const notedAtMs = new Map<string, number>();
  return {
    note({ id, tenant }) {
      const nowMs = now();
      if (nowMs - (notedAtMs.get(id) ?? Number.NEGATIVE_INFINITY) < COARSE_MS) return;
      if (notedAtMs.size >= MOST) notedAtMs.clear();
      notedAtMs.set(id, nowMs);
      noteUse(tenant, id, nowMs).catch((err: unknown) => {
        notedAtMs.delete(id);
        log.warn({ err }, "the use of an API key could not be noted");
      });
    },
  };
}
