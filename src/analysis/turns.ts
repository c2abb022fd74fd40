import type { MessageRef } from "../chat/platform.ts";
import type { ShownAt } from "../chat/shownAt.ts";
import { toJsonb } from "../database.ts";
import type { Workspace } from "../tenancy/directory.ts";
import type { Queryable, TenantScope } from "../tenancy/scope.ts";
import type { LookedUp } from "./lookUp.ts";
import { askAlone, checkRoom } from "./waiting.ts";

/** What was said in a conversation, once. */
export interface Turn {
  author: "person" | "bot";
  body: string;
}

export interface NewTurn extends Turn {
  personId: string;
  /** The act that says it. */
  onceId: string;
}

/** A question that a model is to answer: the turn of a person, until it is answered. */
export interface AskedTurn extends Turn {
  id: string;
  conversationId: string;
  /** Of all turns: the sequence of the delivery that answers it. */
  number: number;
  personId: string;
  onceId: string;
  state: "said" | "queued" | "answered" | "failed";
  /** Absent until the platform has shown it. */
  shownAt?: ShownAt;
  createdAtMs: number;
}

/** Adds what was said; the same act delivered again adds nothing. */
export async function addTurn(scope: TenantScope, conversationId: string, turn: NewTurn): Promise<void> {
  await scope.transaction((db) => addTurnIn(scope, db, conversationId, turn));
}

/** The same, as part of a transaction. @param lookedUp what a model was shown for it */
export async function addTurnIn(
  scope: TenantScope,
  db: Queryable,
  conversationId: string,
  turn: NewTurn,
  lookedUp: readonly LookedUp[] = [],
): Promise<void> {
  await db.query(
    `\
insert into conversation_messages (tenant_id, conversation_id, author, person_id, body, once_id, looked_up)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict (tenant_id, conversation_id, once_id) do nothing`,
    [
      scope.tenantId,
      conversationId,
      turn.author,
      turn.personId,
      turn.body,
      turn.onceId,
      lookedUp.length === 0 ? null : toJsonb(lookedUp),
    ],
  );
}

/**
 * Keeps a question that is to be answered; the same act delivered again finds the one it asked.
 * @throws UserError where whoever asks waits for too much already
 */
export async function askTurn(
  scope: TenantScope,
  conversationId: string,
  { personId, body, onceId }: Omit<NewTurn, "author">,
): Promise<AskedTurn> {
  return scope.transaction(async (db) => {
    await askAlone(scope, db);
    const { rows: known } = await db.query<TurnRow>(
      `select ${COLUMNS} from conversation_messages where tenant_id = $1 and conversation_id = $2 and once_id = $3`,
      [scope.tenantId, conversationId, onceId],
    );
    if (known[0] !== undefined) return turnOf(known[0]);
    await checkRoom(scope, db, personId);
    const { rows } = await db.query<TurnRow>(
      `\
insert into conversation_messages (tenant_id, conversation_id, author, person_id, body, once_id, state)
values ($1, $2, 'person', $3, $4, $5, 'queued')
returning ${COLUMNS}`,
      [scope.tenantId, conversationId, personId, body, onceId],
    );
    return turnOf(rows[0] as TurnRow);
  });
}

export async function findTurn(scope: TenantScope, id: string): Promise<AskedTurn | undefined> {
  const rows = await scope.query<TurnRow>(
    `select ${COLUMNS} from conversation_messages where tenant_id = $1 and id = $2`,
    [scope.tenantId, id],
  );
  return rows[0] && turnOf(rows[0]);
}

/** The question that a delivery answers. */
export async function findTurnByNumber(
  scope: TenantScope,
  conversationId: string,
  number: number,
): Promise<AskedTurn | undefined> {
  const rows = await scope.query<TurnRow>(
    `select ${COLUMNS} from conversation_messages where tenant_id = $1 and conversation_id = $2 and number = $3`,
    [scope.tenantId, conversationId, number],
  );
  return rows[0] && turnOf(rows[0]);
}

/** A question that waits for an answer, with what it is about and where it stands. */
export type QueuedTurn = AskedTurn & { service: string; channel: string };

/** The questions of a workspace that a model has not answered yet. */
export async function queuedTurns({ id, scope }: Workspace): Promise<QueuedTurn[]> {
  const rows = await scope.query<TurnRow & Pick<QueuedTurn, "service" | "channel">>(
    `\
select m.*, c.service, c.channel
from conversation_messages m join conversations c on c.tenant_id = $1 and c.id = m.conversation_id
where m.tenant_id = $1 and c.workspace_id = $2 and m.state = 'queued' order by m.created_at limit 200`,
    [scope.tenantId, id],
  );
  return rows.map(({ service, channel, ...row }) => ({ ...turnOf(row), service, channel }));
}

/** Remembers where the answer to a question is shown. @returns false where it is shown somewhere else already */
export async function rememberTurnMessage(
  scope: TenantScope,
  id: string,
  { id: messageId, place }: MessageRef,
  insteadOf?: string,
): Promise<boolean> {
  const rows = await scope.query(
    `\
update conversation_messages set message_id = $3, thread_id = $4
where tenant_id = $1 and id = $2 and (message_id is not distinct from $5 or message_id = $3)
returning id`,
    [scope.tenantId, id, messageId, place.thread ?? null, insteadOf ?? null],
  );
  return rows.length > 0;
}

/** Makes this transaction the one that answers: a job may run twice. @returns false where it was answered already */
export async function claimTurn(
  scope: TenantScope,
  db: Queryable,
  id: string,
  end: "answered" | "failed",
): Promise<boolean> {
  const { rows } = await db.query(
    "update conversation_messages set state = $3 where tenant_id = $1 and id = $2 and state = 'queued' returning id",
    [scope.tenantId, id, end],
  );
  return rows.length > 0;
}

/** The last turns, oldest first; those before a turn where one is named. */
export async function lastTurns(
  scope: TenantScope,
  conversationId: string,
  limit: number,
  before = Number.MAX_SAFE_INTEGER,
): Promise<(Turn & { lookedUp: LookedUp[] })[]> {
  const rows = await scope.query<Turn & { looked_up: LookedUp[] | null }>(
    `\
select author, body, looked_up from conversation_messages
where tenant_id = $1 and conversation_id = $2 and number < $4::bigint
order by number desc limit $3`,
    [scope.tenantId, conversationId, limit, before],
  );
  return rows.reverse().map(({ looked_up, ...turn }) => ({ ...turn, lookedUp: looked_up ?? [] }));
}

/** How many questions a model was asked in it before this one. */
export async function countQuestionsBefore(
  scope: TenantScope,
  { conversationId, number }: Pick<AskedTurn, "conversationId" | "number">,
): Promise<number> {
  const rows = await scope.query<{ count: number }>(
    `\
select count(*)::int as count from conversation_messages
where tenant_id = $1 and conversation_id = $2 and number < $3 and state <> 'said'`,
    [scope.tenantId, conversationId, number],
  );
  return rows[0]?.count ?? 0;
}

/** Who has written in it, by the platform's ids. */
export async function listSpeakers(scope: TenantScope, conversationId: string): Promise<string[]> {
  const rows = await scope.query<{ person_id: string }>(
    `\
select distinct person_id from conversation_messages
where tenant_id = $1 and conversation_id = $2 and author = 'person'`,
    [scope.tenantId, conversationId],
  );
  return rows.map(({ person_id }) => person_id);
}

const COLUMNS =
  "id, conversation_id, number, author, body, person_id, once_id, state, message_id, thread_id, created_at";

interface TurnRow extends Turn {
  id: string;
  conversation_id: string;
  number: number;
  person_id: string;
  once_id: string;
  state: AskedTurn["state"];
  message_id: string | null;
  thread_id: string | null;
  created_at: Date;
}

function turnOf(row: TurnRow): AskedTurn {
  return {
    id: row.id,
    conversationId: row.conversation_id,
    number: row.number,
    author: row.author,
    body: row.body,
    personId: row.person_id,
    onceId: row.once_id,
    state: row.state,
    ...(row.message_id !== null && {
      shownAt: { messageId: row.message_id, ...(row.thread_id !== null && { threadId: row.thread_id }) },
    }),
    createdAtMs: row.created_at.getTime(),
  };
}
