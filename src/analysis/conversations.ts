import type { Place } from "../chat/platform.ts";
import { toJsonb } from "../database.ts";
import type { TimeRange } from "../logs/source.ts";
import type { Workspace } from "../tenancy/directory.ts";
import type { Queryable, TenantScope } from "../tenancy/scope.ts";
import type { Pack } from "./pack.ts";

/** A thread in which a root cause is looked for and then discussed. */
export interface Conversation {
  id: string;
  workspaceId: string;
  channel: string;
  /** The message its thread hangs under; absent until the platform has shown it. */
  messageId?: string;
  service: string;
  namespace: string;
  window: TimeRange;
  state: "queued" | "answered" | "failed";
  /** Absent until evidence has been gathered. */
  pack?: Pack;
  analysisId?: string;
  createdAtMs: number;
}

export interface NewConversation {
  place: Place;
  askedBy: string;
  /** The act that begins it: the same act delivered again finds the same conversation. */
  onceId: string;
  service: string;
  namespace: string;
  window: TimeRange;
}

/** Begins a conversation, or finds the one that this act began. */
export async function beginConversation({ id, scope }: Workspace, begin: NewConversation): Promise<string> {
  const rows = await scope.query<{ id: string }>(
    `\
insert into conversations (
  tenant_id, workspace_id, channel, asked_by, once_id, service, namespace, window_start, window_end, state
) values ($1, $2, $3, $4, $5, $6, $7, to_timestamp($8 / 1000.0), to_timestamp($9 / 1000.0), 'queued')
on conflict (tenant_id, workspace_id, once_id) do update set updated_at = now()
returning id`,
    [
      scope.tenantId,
      id,
      begin.place.channel,
      begin.askedBy,
      begin.onceId,
      begin.service,
      begin.namespace,
      begin.window.fromMs,
      begin.window.toMs,
    ],
  );
  return (rows[0] as { id: string }).id;
}

export async function findConversation(scope: TenantScope, id: string): Promise<Conversation | undefined> {
  const rows = await scope.query<ConversationRow>(`${SELECT} where tenant_id = $1 and id = $2`, [
    scope.tenantId,
    id,
  ]);
  return rows[0] && conversationOf(rows[0]);
}

/** The conversation whose thread this is. */
export async function findConversationByThread(
  { id, scope }: Workspace,
  channel: string,
  thread: string,
): Promise<Conversation | undefined> {
  const rows = await scope.query<ConversationRow>(
    `${SELECT} where tenant_id = $1 and workspace_id = $2 and channel = $3 and message_id = $4`,
    [scope.tenantId, id, channel, thread],
  );
  return rows[0] && conversationOf(rows[0]);
}

export async function findConversationByAnalysis(
  scope: TenantScope,
  analysisId: string,
): Promise<Conversation | undefined> {
  const rows = await scope.query<ConversationRow>(`${SELECT} where tenant_id = $1 and analysis_id = $2`, [
    scope.tenantId,
    analysisId,
  ]);
  return rows[0] && conversationOf(rows[0]);
}

/**
 * Remembers the message that shows the conversation; the first one stays.
 * @param insteadOf the one known so far, where it is gone and this one has taken its place.
 */
export async function rememberMessage(
  scope: TenantScope,
  id: string,
  messageId: string,
  insteadOf?: string,
): Promise<void> {
  await scope.query(
    `\
update conversations set message_id = $3
where tenant_id = $1 and id = $2 and message_id is not distinct from $4`,
    [scope.tenantId, id, messageId, insteadOf ?? null],
  );
}

/** Ends the search: with a pack and perhaps an analysis, or failed. The first end stays. */
export async function closeConversation(
  scope: TenantScope,
  db: Queryable,
  id: string,
  end: { state: "answered" | "failed"; pack?: Pack; analysisId?: string },
): Promise<void> {
  await db.query(
    `\
update conversations set state = $3, pack = $4, analysis_id = $5
where tenant_id = $1 and id = $2 and state = 'queued'`,
    [
      scope.tenantId,
      id,
      end.state,
      end.pack === undefined ? null : toJsonb(end.pack),
      end.analysisId ?? null,
    ],
  );
}

export interface Turn {
  author: "person" | "bot";
  body: string;
}

/** Adds what was said; the same act delivered again adds nothing. */
export async function addTurn(
  scope: TenantScope,
  conversationId: string,
  turn: Turn & { personId: string; onceId: string },
): Promise<void> {
  await scope.query(
    `\
insert into conversation_messages (tenant_id, conversation_id, author, person_id, body, once_id)
values ($1, $2, $3, $4, $5, $6)
on conflict (tenant_id, conversation_id, once_id) do nothing`,
    [scope.tenantId, conversationId, turn.author, turn.personId, turn.body, turn.onceId],
  );
}

/** The last turns, oldest first. */
export async function lastTurns(scope: TenantScope, conversationId: string, limit: number): Promise<Turn[]> {
  const rows = await scope.query<Turn>(
    `\
select author, body from conversation_messages
where tenant_id = $1 and conversation_id = $2
order by created_at desc, id desc limit $3`,
    [scope.tenantId, conversationId, limit],
  );
  return rows.reverse();
}

const SELECT = `\
select id, workspace_id, channel, message_id, service, namespace, window_start, window_end, state, pack, analysis_id, created_at
from conversations`;

interface ConversationRow {
  id: string;
  workspace_id: string;
  channel: string;
  message_id: string | null;
  service: string;
  namespace: string;
  window_start: Date;
  window_end: Date;
  state: Conversation["state"];
  pack: Pack | null;
  analysis_id: string | null;
  created_at: Date;
}

function conversationOf(row: ConversationRow): Conversation {
  return {
    id: row.id,
    workspaceId: row.workspace_id,
    channel: row.channel,
    ...(row.message_id !== null && { messageId: row.message_id }),
    service: row.service,
    namespace: row.namespace,
    window: { fromMs: row.window_start.getTime(), toMs: row.window_end.getTime() },
    state: row.state,
    ...(row.pack !== null && { pack: row.pack }),
    ...(row.analysis_id !== null && { analysisId: row.analysis_id }),
    createdAtMs: row.created_at.getTime(),
  };
}
