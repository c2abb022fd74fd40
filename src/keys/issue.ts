import { randomUUID } from "node:crypto";
import { listChannels } from "../alerting/channels.ts";
import { oweNotice } from "../alerting/deliveries.ts";
import { type Actor, addEntry } from "../audit/entries.ts";
import type { Card } from "../chat/card.ts";
import type { Queryable, TenantScope } from "../tenancy/scope.ts";
import { lastFourOf, makeKey, type RawKey } from "./apiKey.ts";
import { keyNotShownCard, keyRotatedCard, keyShownCard, keysRevokedCard } from "./auditCards.ts";
import type { Hashing } from "./hashing.ts";
import type { ApiKey } from "./keyRow.ts";
import type { KeyRequest } from "./request.ts";
import { insertKey, isNameTaken, lockKey, replaceKey, revokeKey, revokeKeys, takeName } from "./store.ts";

/** A key that was made and that nobody has seen: it opens nothing. */
export interface IssuedKey {
  raw: RawKey;
  request: KeyRequest;
  /** Set where it is to take the place of another, which works for so long afterwards. */
  graceMs?: number;
}

/** Whoever acts, and the channels that are told of it. */
export interface Acting {
  scope: TenantScope;
  actor: Actor;
  tell: readonly { workspaceId: string; channel: string }[];
}

/** Somebody who acts in no channel: all key channels are told. */
export async function actingOutside(scope: TenantScope, actor: Actor): Promise<Acting> {
  const channels = await listChannels(scope, "keys");
  return {
    ...{ scope, actor },
    tell: channels.map(({ workspaceId, externalId: channel }) => ({ workspaceId, channel })),
  };
}

/** Makes a key for a name. Nothing of what opens it is kept but its hash. */
export async function issueKey(
  { scope, actor }: Acting,
  request: KeyRequest,
  hashing: Hashing,
  graceMs?: number,
): Promise<IssuedKey> {
  const raw = makeKey(randomUUID());
  const keyHash = await hashing.hash(raw.raw);
  const createdBy = "id" in actor ? actor.id : actor.kind;
  await scope.transaction(async (db) => {
    await insertKey(scope, db, { ...request, id: raw.id, keyHash, lastFour: lastFourOf(raw), createdBy });
    await addEntry(scope, db, {
      actor,
      action: graceMs === undefined ? "key.created" : "key.rotated",
      subject: request.name,
      detail: detailOf(request, raw),
    });
  });
  return { raw, request, ...(graceMs !== undefined && { graceMs }) };
}

export type KeyEnd =
  | { outcome: "works"; key: ApiKey; replaced?: { id: string; untilMs: number } }
  /** It was revoked: nobody may have it. */
  | { outcome: "revoked"; why: "not shown" | WhyNotUsed };

/** What became of the name meanwhile. */
type WhyNotUsed = "name taken" | "nothing to replace";

/** Whoever asked has seen the key: it works from here on, in place of the one before it where there is one. */
export async function keyWasShown(acting: Acting, issued: IssuedKey, nowMs: number): Promise<KeyEnd> {
  const { scope } = acting;
  try {
    return await scope.transaction(async (db) => {
      const replaced = await replaceCurrent(scope, db, issued, nowMs);
      const key = await takeName(scope, db, issued.raw.id, nowMs);
      // Whatever was to be replaced stays as it is.
      if (key === undefined) throw new NotUsed("not shown");
      await tell(acting, db, key.id, (who) =>
        replaced === undefined ? keyShownCard(who, key) : keyRotatedCard(who, key, replaced.untilMs, nowMs),
      );
      return { outcome: "works", key, ...(replaced !== undefined && { replaced }) } as const;
    });
  } catch (error) {
    const why = isNameTaken(error) ? "name taken" : error instanceof NotUsed ? error.why : undefined;
    if (why === undefined) throw error;
    // It was revoked already.
    if (why !== "not shown")
      await keyWasNotShown(acting, { id: issued.raw.id, name: issued.request.name }, nowMs, why);
    return { outcome: "revoked", why };
  }
}

class NotUsed extends Error {
  readonly why: "not shown" | "nothing to replace";
  constructor(why: NotUsed["why"]) {
    super(why);
    this.why = why;
  }
}

/**
 * The key of the same name, where a new one is to take its place, works for its grace from here on.
 * @throws NotUsed where it was revoked, or replaced, since this was asked for: whoever revokes a key ends what is made of it too
 */
async function replaceCurrent(
  scope: TenantScope,
  db: Queryable,
  { request, graceMs }: IssuedKey,
  nowMs: number,
): Promise<{ id: string; untilMs: number } | undefined> {
  if (graceMs === undefined) return undefined;
  const before = await lockKey(scope, db, request.name);
  if (before === undefined) throw new NotUsed("nothing to replace");
  const untilMs = await replaceKey(scope, db, before.id, { nowMs, untilMs: nowMs + graceMs });
  return { id: before.id, untilMs };
}

/** Nobody is known to have seen the key, or it may not be used: it is revoked at once, and the channel is told. */
export async function keyWasNotShown(
  acting: Acting,
  { id, name }: { id: string; name: string },
  nowMs: number,
  why: "not shown" | "not known whether shown" | WhyNotUsed,
): Promise<void> {
  const { scope, actor } = acting;
  await scope.transaction(async (db) => {
    const key = await revokeKey(scope, db, id, nowMs);
    if (key === undefined) return;
    await addEntry(scope, db, {
      actor,
      action: "key.revoked",
      subject: name,
      detail: { why, lastFour: key.lastFour },
    });
    await tell(acting, db, key.id, (who) => keyNotShownCard(who, key, why));
  });
}

/** Revokes the key of a name, and any it took the place of. @returns what was revoked */
export async function endKeys(acting: Acting, name: string, nowMs: number): Promise<ApiKey[]> {
  const { scope, actor } = acting;
  return scope.transaction(async (db) => {
    const keys = await revokeKeys(scope, db, name, nowMs);
    const [first] = keys;
    if (first === undefined) return keys;
    const lastFour = keys.map((key) => key.lastFour).join(" ");
    await addEntry(scope, db, { actor, action: "key.revoked", subject: first.name, detail: { lastFour } });
    await tell(acting, db, `revoked ${first.id}`, (who) => keysRevokedCard(who, keys));
    return keys;
  });
}

async function tell(
  { scope, actor, tell: channels }: Acting,
  db: Queryable,
  what: string,
  cardFor: (who: string) => Card,
): Promise<void> {
  const card = cardFor(nameOf(actor));
  for (const at of channels) await oweNotice(scope, db, { ...at, notice: `key ${what}`, card });
}

function nameOf(actor: Actor): string {
  switch (actor.kind) {
    case "person":
      return actor.name;
    case "key":
      return `the API key ${actor.name}`;
    case "operator":
      return "the operator";
    case "loghunter":
      return "LogHunter";
  }
}

function detailOf({ scopes, expiresAtMs }: KeyRequest, raw: RawKey): Record<string, string> {
  return {
    scopes: scopes.join(" "),
    expires: expiresAtMs === undefined ? "never" : new Date(expiresAtMs).toISOString(),
    lastFour: lastFourOf(raw),
  };
}
