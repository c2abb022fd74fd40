import type { VerifiedKey } from "../../keys/verifier.ts";
import type { Perishable } from "../../tenancy/perishable.ts";

export type Begun =
  | { is: "new" }
  | { is: "in hand" }
  /** The same Idempotency-Key with something else. */
  | { is: "another" }
  | { is: "done"; status: number; answer: string };

/** Longer than any request takes; then one whose process died is done anew. */
export const IN_HAND_MS = 60_000;

/** A client that has no answer tries again within minutes; a day leaves room for one that was asleep. */
export const PAST_REQUESTS: Perishable = {
  table: "api_requests",
  by: "created_at",
  keptMs: () => 24 * 60 * 60_000,
};

/** One request in one process: nobody else has it in hand until then. */
export interface Held {
  key: VerifiedKey;
  onceKey: string;
  /** When it was taken in hand, by the clock that all of them are given. */
  atMs: number;
}

/** Takes a request in hand, or says what came of it before. */
export async function beginRequest({ key, onceKey, atMs }: Held, hash: string): Promise<Begun> {
  const { id: keyId, tenant } = key;
  const rows = await tenant.query(
    `\
insert into api_requests (tenant_id, api_key_id, once_id, request_hash, in_hand_until)
values ($1, $2, $3, $4, ${HELD_UNTIL("$5", "$6")})
on conflict (tenant_id, api_key_id, once_id) do update set in_hand_until = excluded.in_hand_until
where api_requests.status is null and api_requests.request_hash = excluded.request_hash
  and api_requests.in_hand_until <= to_timestamp($5::float8 / 1000.0)
returning id`,
    [tenant.tenantId, keyId, onceKey, hash, atMs, IN_HAND_MS],
  );
  if (rows[0] !== undefined) return { is: "new" };
  const [there] = await tenant.query<{ request_hash: string; status: number | null; answer: string | null }>(
    `\
select request_hash, status, answer from api_requests
where tenant_id = $1 and api_key_id = $2 and once_id = $3`,
    [tenant.tenantId, keyId, onceKey],
  );
  if (there === undefined) return { is: "in hand" };
  if (there.request_hash !== hash) return { is: "another" };
  const { status, answer } = there;
  return status === null || answer === null ? { is: "in hand" } : { is: "done", status, answer };
}

export async function endRequest(held: Held, status: number, answer: string): Promise<void> {
  await held.key.tenant.query(`update api_requests set status = $6, answer = $7 where ${IS_HELD}`, [
    ...valuesOf(held),
    status,
    answer,
  ]);
}

/** It is to be done anew when it is sent again. */
export async function leaveRequest(held: Held): Promise<void> {
  await held.key.tenant.query(`delete from api_requests where ${IS_HELD}`, valuesOf(held));
}

/** The same number in is the same time out: by it a process knows what it holds itself. */
const HELD_UNTIL = (atMs: string, forMs: string) => `to_timestamp((${atMs}::float8 + ${forMs}) / 1000.0)`;
const IS_HELD = `\
tenant_id = $1 and api_key_id = $2 and once_id = $3 and in_hand_until = ${HELD_UNTIL("$4", "$5")} and status is null`;

function valuesOf({ key, onceKey, atMs }: Held): unknown[] {
  return [key.tenant.tenantId, key.id, onceKey, atMs, IN_HAND_MS];
}
