import type { Place } from "../chat/platform.ts";
import type { TimeRange } from "../logs/source.ts";
import type { Workspace } from "../tenancy/directory.ts";
import type { Queryable, TenantScope } from "../tenancy/scope.ts";
import { COLUMNS, type ConversationRow, conversationOf } from "./conversationRow.ts";
import type { Conversation } from "./conversations.ts";
import { askAlone, checkRoom } from "./waiting.ts";

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
