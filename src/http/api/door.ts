import type { Context, MiddlewareHandler } from "hono";
import { addEntry } from "../../audit/entries.ts";
import type { Cache, TenantCache, TenantKey } from "../../cache/cache.ts";
import { cacheFor } from "../../cache/keys.ts";
import { createSlidingWindows } from "../../cache/slidingWindow.ts";
import type { KeyScope } from "../../keys/scopes.ts";
import type { KeyUses } from "../../keys/uses.ts";
import type { KeyVerifier, Verdict, VerifiedKey } from "../../keys/verifier.ts";
import type { Log } from "../../log.ts";
import type { ApiEnv } from "./context.ts";
import { problem } from "./problem.ts";

export interface DoorParts {
  verifier: KeyVerifier;
  uses: KeyUses;
  cache: Cache;
  /** Requests of a key in any 60 seconds, where the key has no number of its own. */
  perMinute: number;
  log: Log;
  now: () => number;
}

/** Lets in whoever shows a key, as often as the key may, for what the key may. */
export interface Door {
  letIn: MiddlewareHandler<ApiEnv>;
  /** Behind `letIn`: only keys with this scope. */
  needs(scope: KeyScope): MiddlewareHandler<ApiEnv>;
}

const WINDOW_MS = 60_000;
const BEARER = /^Bearer +([!-~]+) *$/i;
const NO_KEY =
  "Send an API key as a bearer token: Authorization: Bearer lh_… An admin makes one in the key channel of a chat workspace, with: keys create";
const CHALLENGE = { "www-authenticate": 'Bearer realm="loghunter"' };
/** Refusals of one key for one reason from one address are kept once in so long. */
const TOLD_AGAIN_MS = 60_000;

export function createDoor({ verifier, uses, cache, perMinute, log, now }: DoorParts): Door {
  const told = createSlidingWindows(now, 10_000);
  const windows = new WeakMap<VerifiedKey, { window: TenantCache; at: TenantKey }>();

  /** Where a key's requests are counted. */
  function windowOf(key: VerifiedKey) {
    const known = windows.get(key);
    if (known !== undefined) return known;
    const made = {
      window: cacheFor(cache, key.tenant.tenantId),
      at: { kind: "ratelimit", apiKeyId: key.id } as const,
    };
    windows.set(key, made);
    return made;
  }

  function noteRefusal(
    { id, name, tenant }: Pick<VerifiedKey, "id" | "name" | "tenant">,
    address: string,
    subject: string,
    why: string,
  ): void {
    if (!told.take(`${id} ${why} ${address}`, 1, TOLD_AGAIN_MS).allowed) return;
    const actor = { kind: "key", id, name, address } as const;
    const entry = { actor, action: "access.refused", subject, detail: { why } } as const;
    tenant
      .transaction((db) => addEntry(tenant, db, entry))
      .catch((err: unknown) => log.warn({ err }, "a refused key could not be noted"));
  }

  function refusal(context: Context<ApiEnv>, verdict: Exclude<Verdict, { outcome: "good" }>): Response {
    const address = context.get("address");
    if (verdict.outcome === "busy")
      return problem(
        context,
        "too-many-requests",
        "Too many keys are being tried just now. Try again in a second.",
        {
          headers: { "retry-after": "1" },
        },
      );
    if (verdict.outcome === "refused" && verdict.of !== undefined)
      noteRefusal({ ...verdict.of, tenant: verdict.of.scope }, address, "the API", `key ${verdict.why}`);
    return problem(context, "unauthorized", NO_KEY, { headers: CHALLENGE });
  }

  return {
    async letIn(context, next) {
      const address = context.get("address");
      const raw = BEARER.exec(context.req.header("authorization") ?? "")?.[1];
      if (raw === undefined) return problem(context, "unauthorized", NO_KEY, { headers: CHALLENGE });
      const verified = verifier.verify(raw, address);
      const verdict = verified instanceof Promise ? await verified : verified;
      if (verdict.outcome !== "good") return refusal(context, verdict);
      const { key } = verdict;
      const limit = key.perMinute ?? perMinute;
      const { window, at } = windowOf(key);
      const take = await window.take(at, limit, WINDOW_MS);
      const policy = { "ratelimit-policy": `"key";q=${limit};w=60` };
      if (!take.allowed) {
        const seconds = Math.max(1, Math.ceil(take.retryAfterMs / 1_000));
        const headers = { ...policy, ratelimit: `"key";r=0;t=${seconds}`, "retry-after": String(seconds) };
        return problem(
          context,
          "too-many-requests",
          `This key may make ${limit} requests in 60 seconds. Try again in ${seconds} s.`,
          { headers },
        );
      }
      uses.note(key);
      context.set("key", key);
      // Of https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-ratelimit-headers-10
      const headers = context.get("headers");
      headers["ratelimit-policy"] = policy["ratelimit-policy"];
      headers.ratelimit = `"key";r=${take.remaining}`;
      return next();
    },

    needs: (scope) => async (context, next) => {
      const key = context.get("key");
      if (key.scopes.has(scope)) return next();
      noteRefusal(key, context.get("address"), context.req.path.slice(0, 100), `needs ${scope}`);
      return problem(context, "forbidden", `This needs a key with the scope ${scope}.`);
    },
  };
}
