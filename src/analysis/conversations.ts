import type { MessageRef } from "../chat/platform.ts";
import type { ShownAt } from "../chat/shownAt.ts";
import { toJsonb } from "../database.ts";
import type { Pack } from "../evidence/pack.ts";
import type { TimeRange } from "../logs/source.ts";
import type { Workspace } from "../tenancy/directory.ts";
import { BEFORE, forRetention, type Perishable } from "../tenancy/perishable.ts";
import type { Queryable, TenantScope } from "../tenancy/scope.ts";
import type { Answer } from "./answer.ts";
import { COLUMNS, type ConversationRow, conversationOf } from "./conversationRow.ts";

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
  end:
    | { state: "answered"; pack?: Pack; analysisId?: string; answer?: Answer; fence?: string }
    | { state: "failed"; why: string },
): Promise<void> {
  const { pack, analysisId, answer, fence } = end.state === "answered" ? end : {};
  await db.query(
    `\
update conversations set state = $3, pack = $4, analysis_id = $5, answer = $6, fence = $7, failure = $8
where tenant_id = $1 and id = $2 and state = 'queued'`,
    [
      scope.tenantId,
      id,
      end.state,
      pack === undefined ? null : toJsonb(pack),
      analysisId ?? null,
      answer === undefined ? null : toJsonb(answer),
      fence ?? null,
      end.state === "failed" ? end.why : null,
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

const SELECT = `select ${COLUMNS} from conversations`;
