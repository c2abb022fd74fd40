import { TooMuchAsked } from "../errors.ts";
import type { Task } from "../jobs/queue.ts";
import { beAlone } from "../tenancy/alone.ts";
import type { Queryable, TenantScope } from "../tenancy/scope.ts";
import { countOf } from "./words.ts";

/** Questions and root causes that one person, and one organisation, may wait for. What joins another's is not looked for by itself. */
const MOST_OF_PERSON = 5;
const MOST_OF_TENANT = 50;

/** Whoever asks in this transaction is alone with it: two that ask in the same moment would not see each other. */
export async function askAlone(scope: TenantScope, db: Queryable): Promise<void> {
  await beAlone(db, "asked by", scope.tenantId);
}

/**
 * Whether one more may be waited for. What alerts ask by themselves nobody waits for.
 * @throws UserError where not, for whoever asks
 */
export async function checkRoom(scope: TenantScope, db: Queryable, personId: string): Promise<void> {
  const { rows } = await db.query<{ of_person: number; of_all: number }>(
    `\
select (count(*) filter (where person_id = $2))::int as of_person, count(*)::int as of_all
from (
  select asked_by as person_id from conversations
  where tenant_id = $1 and state = 'queued' and joins_id is null and once_id not like 'alert %'
  union all
  select person_id from conversation_messages where tenant_id = $1 and state = 'queued'
) waiting`,
    [scope.tenantId, personId],
  );
  const { of_person: ofPerson = 0, of_all: ofAll = 0 } = rows[0] ?? {};
  if (ofPerson >= MOST_OF_PERSON)
    throw new TooMuchAsked(
      `You have ${countOf(ofPerson, "question", "questions")} waiting for an answer. Ask again when one of them is answered.`,
    );
  if (ofAll >= MOST_OF_TENANT)
    throw new TooMuchAsked(
      `${countOf(ofAll, "question", "questions")} of your organisation are waiting for an answer already. Ask again in a few minutes.`,
    );
}

/** What has waited longest, first. One that joins another is answered with that, as long as it is looked for. */
export async function longestWaiting(scope: TenantScope, limit: number): Promise<Task[]> {
  const rows = await scope.query<{ id: string; conversation_id: string; is_turn: boolean }>(
    `\
select id, conversation_id, is_turn
from (
  select c.id, c.id as conversation_id, false as is_turn, c.created_at
  from conversations c
  where c.tenant_id = $1 and c.state = 'queued' and not exists (
    select from conversations other where other.tenant_id = $1 and other.id = c.joins_id and other.state = 'queued'
  )
  union all
  select id, conversation_id, true, created_at from conversation_messages where tenant_id = $1 and state = 'queued'
) waiting
order by created_at, id
limit $2`,
    [scope.tenantId, limit],
  );
  const { tenantId } = scope;
  return rows.map(({ id, conversation_id: conversationId, is_turn }) =>
    is_turn
      ? { name: "reply", id, tenantId, conversationId, turnId: id }
      : { name: "analyze", id, tenantId, conversationId },
  );
}
