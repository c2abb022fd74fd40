import type { MessageRef, Place } from "../chat/platform.ts";
import type { ShownAt } from "../chat/shownAt.ts";
import { toJsonb } from "../database.ts";
import type { Pack } from "../evidence/pack.ts";
import type { TimeRange } from "../logs/source.ts";
import type { Workspace } from "../tenancy/directory.ts";
import { BEFORE, forRetention, type Perishable } from "../tenancy/perishable.ts";
import type { Queryable, TenantScope } from "../tenancy/scope.ts";
import type { Answer } from "./answer.ts";
import { askAlone, checkRoom } from "./waiting.ts";

/** A thread in which a root cause is looked for and then discussed. */
export interface Conversation {
  id: string;
  /** Where it is shown; absent where it was asked through the API, and is shown nowhere. */
  at?: { workspaceId: string; channel: string };
  /** Absent until the platform has shown it. */
  shownAt?: ShownAt;
  /** The platform's id of the person. */
  askedBy: string;
  /** The act that began it. */
  onceId: string;
  /** The thread in which it is shown, or will be. */
  thread?: string;
  service: string;
  namespace: string;
  window: TimeRange;
  state: "queued" | "answered" | "failed";
  /** Absent until evidence has been gathered. It may be there before the answer is. */
  pack?: Pack;
  /** What was answered; absent where that is read off the pack, by the built-in analyzer. */
  answer?: Answer;
  /** The word around the evidence in what a model is sent; absent where none was asked. */
  fence?: string;
  analysisId?: string;
  /** The one whose answer it gets: it was asked first, and asks the same. */
  joinsId?: string;
  createdAtMs: number;
}

export interface NewConversation {
  /** Where it will be shown; absent: nowhere. */
  place?: Place;
  askedBy: string;
  /** The act that begins it: the same act delivered again finds the same conversation. */
  onceId: string;
  service: string;
  namespace: string;
  window: TimeRange;
}

/** Whoever asks: a workspace, or a key, which shows it nowhere. */
export type Asking = Pick<Workspace, "id" | "scope"> | { id?: never; scope: TenantScope };

/** Windows whose ends are so near to each other hold the same. */
const SAME_WINDOW_MS = 2 * 60_000;
/** What has been looked for longer may have gone wrong: it is asked anew. */
const JOINED_WITHIN = "interval '5 minutes'";

/**
 * Begins a conversation, or finds the one that this act began. One that asks what another of the tenant still waits for joins that;
 * the lock makes whoever answers that one either see this, or be seen to have answered.
 * @throws UserError where whoever asks waits for too much already
 */
export async function beginConversation(
  { id, scope }: Asking,
  begin: NewConversation,
): Promise<Conversation> {
  return scope.transaction(async (db) => {
    await askAlone(scope, db);
    const { rows: known } = await db.query(
      `\
select id from conversations
where tenant_id = $1 and once_id = $2 and ${id === undefined ? "workspace_id is null" : "workspace_id = $3"}`,
      [scope.tenantId, begin.onceId, ...(id === undefined ? [] : [id])],
    );
    const { rows: same } = await db.query<{ id: string }>(
      `\
select id from conversations
where tenant_id = $1 and state = 'queued' and joins_id is null and service = $2 and namespace = $3
  and abs(extract(epoch from window_start) * 1000 - $4::float8) <= $6
  and abs(extract(epoch from window_end) * 1000 - $5::float8) <= $6
  and created_at > now() - ${JOINED_WITHIN} and (workspace_id, once_id) is distinct from ($7::uuid, $8)
order by created_at limit 1
for share`,
      [
        scope.tenantId,
        begin.service,
        begin.namespace,
        begin.window.fromMs,
        begin.window.toMs,
        SAME_WINDOW_MS,
        id ?? null,
        begin.onceId,
      ],
    );
    if (known.length === 0 && same.length === 0) await checkRoom(scope, db, begin.askedBy);
    return insertConversation(scope, db, id, begin, same[0]?.id);
  });
}

async function insertConversation(
  scope: TenantScope,
  db: Queryable,
  workspaceId: string | undefined,
  begin: NewConversation,
  joinsId: string | undefined,
): Promise<Conversation> {
  const { rows } = await db.query<ConversationRow>(
    `\
insert into conversations (
  tenant_id, workspace_id, channel, asked_by, once_id, service, namespace, window_start, window_end, thread_id, state,
  joins_id, pack
) values (
  $1, $2, $3, $4, $5, $6, $7, to_timestamp($8 / 1000.0), to_timestamp($9 / 1000.0), $10, 'queued',
  $11, (select pack from conversations where tenant_id = $1 and id = $11)
)
on conflict ${workspaceId === undefined ? "(tenant_id, once_id) where workspace_id is null" : "(tenant_id, workspace_id, once_id)"}
do update set updated_at = now()
returning ${COLUMNS}`,
    [
      scope.tenantId,
      workspaceId ?? null,
      begin.place?.channel ?? null,
      begin.askedBy,
      begin.onceId,
      begin.service,
      begin.namespace,
      begin.window.fromMs,
      begin.window.toMs,
      begin.place?.thread ?? null,
      joinsId ?? null,
    ],
  );
  return conversationOf(rows[0] as ConversationRow);
}

/** Those that wait for the answer of another, locked: whoever answers that one answers them. */
export async function claimJoined(scope: TenantScope, db: Queryable, id: string): Promise<Conversation[]> {
  const { rows } = await db.query<ConversationRow>(
    `${SELECT} where tenant_id = $1 and joins_id = $2 and state = 'queued' order by created_at for update`,
    [scope.tenantId, id],
  );
  return rows.map(conversationOf);
}

/** The questions of a workspace that nobody has answered yet. */
export async function queuedConversations({ id, scope }: Workspace): Promise<Conversation[]> {
  const rows = await scope.query<ConversationRow>(
    `${SELECT} where tenant_id = $1 and workspace_id = $2 and state = 'queued' order by created_at limit 200`,
    [scope.tenantId, id],
  );
  return rows.map(conversationOf);
}

export async function findConversation(scope: TenantScope, id: string): Promise<Conversation | undefined> {
  const rows = await scope.query<ConversationRow>(`${SELECT} where tenant_id = $1 and id = $2`, [
    scope.tenantId,
    id,
  ]);
  return rows[0] && conversationOf(rows[0]);
}

/** The conversation of this thread: the newest that has something to answer from, where several were begun in it. */
export async function findConversationByThread(
  { id, scope }: Workspace,
  channel: string,
  thread: string,
): Promise<Conversation | undefined> {
  const rows = await scope.query<ConversationRow>(
    `\
${SELECT}
where tenant_id = $1 and workspace_id = $2 and channel = $3 and coalesce(thread_id, message_id) = $4
order by pack is not null desc, created_at desc
limit 1`,
    [scope.tenantId, id, channel, thread],
  );
  return rows[0] && conversationOf(rows[0]);
}

/**
 * Remembers where the conversation is shown, in place of where it was (`insteadOf`, or nowhere). That may be another
 * channel than it was asked in: one where the bot may write.
 * @returns false where it is shown somewhere else already: that stays.
 */
export async function rememberMessage(
  scope: TenantScope,
  id: string,
  { id: messageId, place }: MessageRef,
  insteadOf?: string,
): Promise<boolean> {
  const rows = await scope.query(
    `\
update conversations set message_id = $3, thread_id = $4, channel = $6
where tenant_id = $1 and id = $2 and (message_id is not distinct from $5 or message_id = $3)
returning id`,
    [scope.tenantId, id, messageId, place.thread ?? null, insteadOf ?? null, place.channel],
  );
  return rows.length > 0;
}

/**
 * Makes this transaction the one that answers. A job may run twice, even at once; an answer stands once.
 * @returns false where it has been answered already.
 */
export async function claimAnswer(scope: TenantScope, db: Queryable, id: string): Promise<boolean> {
  const { rows } = await db.query(
    "select id from conversations where tenant_id = $1 and id = $2 and state = 'queued' for update",
    [scope.tenantId, id],
  );
  return rows.length > 0;
}

/** Ends the search: with a pack and perhaps an analysis, or failed. The first end stays. */
export async function closeConversation(
  scope: TenantScope,
  db: Queryable,
  id: string,
  end: { state: "answered" | "failed"; pack?: Pack; analysisId?: string; answer?: Answer; fence?: string },
): Promise<void> {
  await db.query(
    `\
update conversations set state = $3, pack = $4, analysis_id = $5, answer = $6, fence = $7
where tenant_id = $1 and id = $2 and state = 'queued'`,
    [
      scope.tenantId,
      id,
      end.state,
      end.pack === undefined ? null : toJsonb(end.pack),
      end.analysisId ?? null,
      end.answer === undefined ? null : toJsonb(end.answer),
      end.fence ?? null,
    ],
  );
}

/** With what was said in them and is owed to them. One in which somebody still talks stays, and one that is just being sent. */
export const PAST_CONVERSATIONS: Perishable = {
  table: "conversations",
  by: "created_at",
  when: `\
not exists (
  select from conversation_messages m
  where m.tenant_id = $1 and m.conversation_id = r.id and m.created_at >= ${BEFORE} offset 0
) and not exists (
  select from deliveries d
  where d.tenant_id = $1 and d.conversation_id = r.id and d.state = 'pending'
    and (d.created_at >= ${BEFORE} or d.lease_until is not null) offset 0
)`,
  keptMs: forRetention,
};

const COLUMNS = `\
id, workspace_id, channel, message_id, thread_id, asked_by, once_id, service, namespace, window_start, window_end, state, pack, answer, fence,
  analysis_id, joins_id, created_at`;
const SELECT = `select ${COLUMNS} from conversations`;

interface ConversationRow {
  id: string;
  workspace_id: string | null;
  channel: string | null;
  message_id: string | null;
  thread_id: string | null;
  asked_by: string;
  once_id: string;
  service: string;
  namespace: string;
  window_start: Date;
  window_end: Date;
  state: Conversation["state"];
  pack: Pack | null;
  answer: Answer | null;
  fence: string | null;
  analysis_id: string | null;
  joins_id: string | null;
  created_at: Date;
}

function conversationOf(row: ConversationRow): Conversation {
  return {
    id: row.id,
    ...(row.workspace_id !== null &&
      row.channel !== null && { at: { workspaceId: row.workspace_id, channel: row.channel } }),
    ...(row.message_id !== null && {
      shownAt: { messageId: row.message_id, ...(row.thread_id !== null && { threadId: row.thread_id }) },
    }),
    askedBy: row.asked_by,
    onceId: row.once_id,
    ...(row.thread_id !== null && { thread: row.thread_id }),
    service: row.service,
    namespace: row.namespace,
    window: { fromMs: row.window_start.getTime(), toMs: row.window_end.getTime() },
    state: row.state,
    ...(row.pack !== null && { pack: row.pack }),
    ...(row.answer !== null && { answer: row.answer }),
    ...(row.fence !== null && { fence: row.fence }),
    ...(row.joins_id !== null && { joinsId: row.joins_id }),
    ...(row.analysis_id !== null && { analysisId: row.analysis_id }),
    createdAtMs: row.created_at.getTime(),
  };
}
