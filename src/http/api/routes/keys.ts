import { z } from "@hono/zod-openapi";
import type { Hashing } from "../../../keys/hashing.ts";
import { type Acting, actingOutside, endKeys, issueKey, keyWasShown } from "../../../keys/issue.ts";
import type { ApiKey } from "../../../keys/keyRow.ts";
import { renewalOf } from "../../../keys/request.ts";
import { SCOPE_NAMES } from "../../../keys/scopes.ts";
import { findKey, listKeys } from "../../../keys/store.ts";
import type { KeyVerifier, VerifiedKey } from "../../../keys/verifier.ts";
import { type Route, route } from "../addRoute.ts";
import { actorOf } from "../audited.ts";
import { refuse } from "../problem.ts";
import { Name, Time, timeOf } from "../schemas.ts";

const Scope = z.enum(SCOPE_NAMES as [string, ...string[]]);
const Key = z
  .strictObject({
    id: z.uuid(),
    name: Name,
    scopes: z.array(Scope),
    lastFour: z.string(),
    createdAt: Time,
    expiresAt: Time.nullable().openapi({ description: "null: it does not end" }),
    replacedAt: Time.nullable().openapi({
      description: "When another took its place; it works until it ends",
    }),
    lastUsedAt: Time.nullable().openapi({ description: "To five minutes" }),
  })
  .openapi("Key");
const ByName = z.strictObject({ name: Name });

const HOUR_MS = 60 * 60_000;
const MOST_GRACE_HOURS = 30 * 24;

export interface KeyRouteParts {
  hashing: Hashing;
  verifier: KeyVerifier;
  wake(): void;
  now: () => number;
}

/** Keys are made by people, in a channel: here they are only read, rotated and ended. */
export function keyRoutes({ hashing, verifier, wake, now }: KeyRouteParts): Route[] {
  return [
    route({
      method: "get",
      path: "/key",
      summary: "The key that asks: what it may do, and until when",
      answer: z.strictObject({
        name: Name,
        organisation: z.string(),
        scopes: z.array(Scope),
        expiresAt: Time.nullable(),
      }),
      run: async ({ key }) => ({
        name: key.name,
        organisation: key.tenant.lokiOrgId,
        scopes: [...key.scopes],
        expiresAt: key.expiresAtMs === undefined ? null : timeOf(key.expiresAtMs),
      }),
    }),
    route({
      method: "get",
      path: "/keys",
      summary: "The keys of the organisation, but for those that were revoked, or replaced and have ended",
      scope: "admin:keys",
      answer: z.strictObject({ items: z.array(Key) }),
      run: async ({ key }) => ({ items: (await listKeys(key.tenant, now())).map(tell) }),
    }),
    route({
      method: "post",
      path: "/keys/{name}/rotate",
      summary:
        "A new key in the place of one that may do no more than the key that asks; shown in this answer alone",
      scope: "admin:keys",
      params: ByName,
      body: z.strictObject({
        graceHours: z.number().int().min(0).max(MOST_GRACE_HOURS).default(24),
      }),
      status: 201,
      answer: z.strictObject({ key: z.string(), name: Name, replacedWorksUntil: Time }),
      isSecret: true,
      async run({ key, address, params, body }) {
        const found = await findKey(key.tenant, params.name);
        if (found === undefined) throw gone();
        // One that is stolen makes none that may do more than it may.
        const missing = found.scopes.find((scope) => !key.scopes.has(scope));
        if (missing !== undefined)
          throw refuse("forbidden", `That key may ${missing}, and the one that asks may not.`);
        const acting = await actingAs(key, address);
        const issued = await issueKey(acting, renewalOf(found, now()), hashing, body.graceHours * HOUR_MS);
        const end = await keyWasShown(acting, issued, now());
        wake();
        if (end.outcome === "revoked") throw refuse("conflict", "It was revoked in the same moment.");
        if (end.replaced !== undefined) verifier.forget(end.replaced.id);
        return {
          key: issued.raw.raw,
          name: end.key.name,
          replacedWorksUntil: timeOf(end.replaced?.untilMs ?? now()),
        };
      },
    }),
    route({
      method: "delete",
      path: "/keys/{name}",
      summary: "End a key at once, and any it took the place of",
      scope: "admin:keys",
      params: ByName,
      answer: z.strictObject({ name: Name, revoked: z.number().int() }),
      async run({ key, address, params }) {
        const revoked = await endKeys(await actingAs(key, address), params.name, now());
        for (const { id } of revoked) verifier.forget(id);
        wake();
        const [first] = revoked;
        if (first === undefined) throw gone();
        return { name: first.name, revoked: revoked.length };
      },
    }),
  ];
}

function actingAs(key: VerifiedKey, address: string): Promise<Acting> {
  return actingOutside(key.tenant, actorOf({ key, address }));
}

function gone() {
  return refuse("not-found", "There is no such key.");
}

function tell(key: ApiKey): z.input<typeof Key> {
  const timeOrNull = (atMs: number | undefined) => (atMs === undefined ? null : timeOf(atMs));
  return {
    id: key.id,
    name: key.name,
    scopes: key.scopes,
    lastFour: key.lastFour,
    createdAt: timeOf(key.createdAtMs),
    expiresAt: timeOrNull(key.expiresAtMs),
    replacedAt: timeOrNull(key.replacedAtMs),
    lastUsedAt: timeOrNull(key.lastUsedAtMs),
  };
}
