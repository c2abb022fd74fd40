import { createHmac, randomBytes } from "node:crypto";
import { createRecent, type Recent } from "../chat/recent.ts";
import type { VerifiedKey } from "./verifier.ts";

/** Keys that were found right, for a minute. What is kept of one cannot be turned back into it. */
export interface VerifiedKeys {
  get(raw: string): VerifiedKey | undefined;
  /** How many keys have been forgotten: what was read before one more was may not hold. */
  forgotten(): number;
  /** @param readAt what `forgotten` said before the key's row was read */
  set(raw: string, key: VerifiedKey, readAt: number): void;
  /** What is known of a key may not hold any longer. */
  forget(keyId: string): void;
}

export const REMEMBERED_MS = 60_000;
const MOST = 10_000;

interface Kept {
  key: VerifiedKey;
  readAt: number;
  untilMs: number;
}

export function createVerifiedKeys(now: () => number): VerifiedKeys {
  /** Of this process alone: what it makes of a key says nothing to any other. */
  const pepper = randomBytes(32);
  let kept: Recent<Kept> = createRecent(MOST);
  const forgottenAt = new Map<string, number>();
  let forgotten = 0;
  const markOf = (raw: string) => createHmac("sha256", pepper).update(raw).digest("base64");

  return {
    get(raw) {
      const mark = markOf(raw);
      const found = kept.get(mark);
      if (found === undefined) return undefined;
      const { key, readAt, untilMs } = found;
      if (now() < untilMs && readAt >= (forgottenAt.get(key.id) ?? 0)) return key;
      kept.delete(mark);
      return undefined;
    },
    forgotten: () => forgotten,
    set(raw, key, readAt) {
      kept.set(markOf(raw), { key, readAt, untilMs: now() + REMEMBERED_MS });
    },
    forget(keyId) {
      forgotten += 1;
      forgottenAt.set(keyId, forgotten);
      if (forgottenAt.size <= MOST) return;
      forgottenAt.clear();
      kept = createRecent(MOST);
    },
  };
}
