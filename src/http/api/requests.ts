import type { VerifiedKey } from "../../keys/verifier.ts";
import type { Perishable } from "../../tenancy/perishable.ts";

export type Begun =
  | { is: "new"; id: string }
  | { is: "in hand" }
  /** The same Idempotency-Key with something else. */
  | { is: "another" }
  | { is: "done"; status: number; answer: string };

/** Longer than any request takes; then one whose process died is done anew. */
const IN_HAND_MS = 60_000;

/** A client that has no answer tries again within minutes; a day leaves room for one that was asleep. */
export const PAST_REQUESTS: Perishable = {
  table: "api_requests",
  by: "created_at",
  keptMs: () => 24 * 60 * 60_000,
};

/** Takes a request in hand, or says what came of it before. */
export async function beginRequest(
  { id: keyId, tenant }: VerifiedKey,
  onceKey: string,
  hash: string,
  nowMs: number,
): Promise<Begun> {
  const rows = await tenant.query<{ id: string }>(
    `\
insert into api_requests (tenant_id, api_key_id, once_id, request_hash, in_hand_until)
values ($1, $2, $3, $4, to_timestamp(($5::float8 + $6) / 1000.0))
on conflict (tenant_id, api_key_id, once_id) do update set in_hand_until = excluded.in_hand_until
where api_requests.status is null and api_requests.request_hash = excluded.request_hash
  and api_requests.in_hand_until <= to_timestamp($5::float8 / 1000.0)
returning id`,
    [tenant.tenantId, keyId, onceKey, hash, nowMs, IN_HAND_MS],
  );
  if (rows[0] !== undefined) return { is: "new", id: rows[0].id };
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

export async function endRequest(
  { tenant }: VerifiedKey,
  id: string,
  status: number,
  answer: string,
): Promise<void> {
  await tenant.query(
    "update api_requests set status = $3, answer = $4 where tenant_id = $1 and id = $2 and status is null",
    [tenant.tenantId, id, status, answer],
  );
}

/** It is to be done anew when it is sent again. */
export async function leaveRequest({ tenant }: VerifiedKey, id: string): Promise<void> {
  await tenant.query("delete from api_requests where tenant_id = $1 and id = $2 and status is null", [
    tenant.tenantId,
    id,
  ]);
}
