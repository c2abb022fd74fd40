import type { DatabaseNotices, Hearing } from "../databaseNotices.ts";
import { createPlaces } from "../models/places.ts";
import type { TenantDirectory } from "../tenancy/directory.ts";
import type { KeyAtDoor } from "../tenancy/keyDoor.ts";
import type { TenantScope } from "../tenancy/scope.ts";
import { readKey } from "./apiKey.ts";
import type { Hashing } from "./hashing.ts";
import type { KeyScope } from "./scopes.ts";
import { createVerifiedKeys, REMEMBERED_MS } from "./verified.ts";

/** A key that somebody has, and that opens something. */
export interface VerifiedKey {
  id: string;
  name: string;
  tenant: TenantScope;
  scopes: ReadonlySet<KeyScope>;
  perMinute?: number;
  /** Absent: it does not end. */
  expiresAtMs?: number;
}

export type Verdict =
  | { outcome: "good"; key: VerifiedKey }
  /** Nothing a key can be: a typing error, most of the time. */
  | { outcome: "malformed" }
  /** For whom it is told the same, and takes the same time; which it was is for the audit alone. */
  | { outcome: "refused"; why: "unknown" | "wrong" | "revoked" | "expired" | "not shown"; of?: KeyAtDoor }
  /** Too many try keys just now. */
  | { outcome: "busy" };

/** Says whose key it is that somebody shows. */
export interface KeyVerifier {
  /**
   * At once for a key that is remembered: it is asked for at each request.
   * @param from the address it comes from: who tries many takes turns with others
   */
  verify(raw: string, from: string): Verdict | Promise<Verdict>;
  /** A key was changed by this process: it need not wait to hear of that. */
  forget(keyId: string): void;
}

export interface VerifierParts {
  directory: Pick<TenantDirectory, "keyById">;
  hashing: Hashing;
  /** Makes what hears of keys that hold no longer, by their ids. */
  listen(hearing: Hearing): Pick<DatabaseNotices, "heardUntilMs" | "attend">;
  now: () => number;
}

/** A key that was revoked opens nothing after this, wherever it was. */
const REVOKED_WITHIN_MS = 1_000;
/** Half of a minute of trust is over: it is looked at again while it is still trusted, and nobody waits. */
const LOOK_AGAIN_MS = REMEMBERED_MS / 2;
const LOOK_UPS = { atOnce: 1, waiting: 100 };
/** Ids that nobody has share a lane: who tries those waits for others who do, and nobody else does. */
const NOBODYS_LANE = "keys that are not there";

export function createKeyVerifier({ directory, hashing, listen, now }: VerifierParts): KeyVerifier {
  const verified = createVerifiedKeys(now);
  const notices = listen({
    heard: (keyId) => verified.forget(keyId),
    // A key that ended while nobody listened would else be let in again, now that notices come through.
    began: () => verified.forgetAll(),
  });
  const lookUps = createPlaces({ all: LOOK_UPS.atOnce });
  const never = new AbortController().signal;
  const checking = new Map<string, Promise<Verdict>>();
  const verifiedAtMs = new WeakMap<VerifiedKey, number>();

  async function lookUp(id: string): Promise<KeyAtDoor | undefined | "busy"> {
    if (lookUps.state().waiting >= LOOK_UPS.waiting) return "busy";
    const giveBack = await lookUps.take(never);
    try {
      return await directory.keyById(id);
    } finally {
      giveBack?.();
    }
  }

  /** Who shows the same key at the same time waits for the same answer. */
  function check(raw: string, id: string, from: string): Promise<Verdict> {
    const under = checking.get(raw);
    if (under !== undefined) return under;
    const verdict = checkAnew(raw, id, from).finally(() => checking.delete(raw));
    checking.set(raw, verdict);
    return verdict;
  }

  async function checkAnew(raw: string, id: string, from: string): Promise<Verdict> {
    const readAt = verified.forgotten();
    const row = await lookUp(id);
    if (row === "busy") return { outcome: "busy" };
    const lane = row === undefined ? NOBODYS_LANE : `${id} ${from}`;
    const matches = await hashing.matches(raw, row?.keyHash ?? (await hashing.nobodys()), lane);
    if (matches === "busy") return { outcome: "busy" };
    if (row === undefined) return { outcome: "refused", why: "unknown" };
    if (!matches) return { outcome: "refused", why: "wrong", of: row };
    // Revoked while bcrypt was at work.
    const current = verified.forgotten() === readAt ? row : await directory.keyById(id);
    const why = whyNot(current, now());
    if (current === undefined || why !== undefined)
      return { outcome: "refused", why: why ?? "revoked", of: row };
    const key = keyOf(current);
    verifiedAtMs.set(key, now());
    verified.set(raw, key, readAt);
    notices.attend(REMEMBERED_MS);
    return { outcome: "good", key };
  }

  /** What is remembered holds only where its end would have been heard of by now. */
  function surelyHolds({ expiresAtMs }: VerifiedKey): boolean {
    if (expiresAtMs !== undefined && now() >= expiresAtMs) return false;
    return performance.now() - notices.heardUntilMs() < REVOKED_WITHIN_MS;
  }

  async function checkRemembered(known: VerifiedKey, raw: string, from: string): Promise<Verdict> {
    if (whyNot(await directory.keyById(known.id), now()) === undefined)
      return { outcome: "good", key: known };
    verified.forget(known.id);
    return check(raw, known.id, from);
  }

  return {
    forget: (keyId) => verified.forget(keyId),
    verify(raw, from) {
      const known = verified.get(raw);
      if (known === undefined) {
        const read = readKey(raw);
        return read === undefined ? { outcome: "malformed" } : check(raw, read.id, from);
      }
      if (now() - (verifiedAtMs.get(known) ?? 0) > LOOK_AGAIN_MS)
        check(raw, known.id, from).catch(() => undefined);
      notices.attend(REMEMBERED_MS);
      return surelyHolds(known) ? { outcome: "good", key: known } : checkRemembered(known, raw, from);
    },
  };
}

function whyNot(row: KeyAtDoor | undefined, nowMs: number): "revoked" | "expired" | "not shown" | undefined {
  if (row === undefined || row.isRevoked) return "revoked";
  if (row.expiresAtMs !== undefined && row.expiresAtMs <= nowMs) return "expired";
  return row.isShown ? undefined : "not shown";
}

function keyOf({ id, name, scope, scopes, perMinute, expiresAtMs }: KeyAtDoor): VerifiedKey {
  return {
    ...{ id, name, tenant: scope },
    scopes: new Set(scopes as KeyScope[]),
    ...(perMinute !== undefined && { perMinute }),
    ...(expiresAtMs !== undefined && { expiresAtMs }),
  };
}
