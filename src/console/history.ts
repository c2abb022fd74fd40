import type { Card } from "../chat/card.ts";
import type { Author, KeptMessage, MessageHistory, NewMessage } from "../chat/history.ts";
import { withoutTransient } from "../chat/transient.ts";
import { toJsonb } from "../database.ts";
import { redactionOf } from "../redactionRules/tenantRedaction.ts";
import type { TenantDirectory, Workspace } from "../tenancy/directory.ts";
import { BEFORE, forRetention, type Perishable } from "../tenancy/perishable.ts";
import type { Queryable } from "../tenancy/scope.ts";
import { createShownLines } from "./shownLines.ts";

/**
 * The web console's messages, in PostgreSQL: the console is the one chat platform with no server of
 * its own. Raw log lines are not kept: a card's transient lines stay in this process's memory.
 */
export function createConsoleHistory(
  directory: TenantDirectory,
  platform: string,
  externalId: string,
): MessageHistory {
  const shown = createShownLines();

  return {
    redactor: async () => (await redactionOf((await workspaceOf()).scope)).redact,

    async append(message) {
      const workspace = await workspaceOf();
      const author = message.author.kind === "bot" ? undefined : message.author;
      const card = "card" in message.body ? message.body.card : undefined;
      const { row, added } = await changing(workspace, async (db) => {
        const { tenantId } = workspace.scope;
        const earlier = await db.query<MessageRow>(
          `select ${COLUMNS} from console_messages where tenant_id = $1 and workspace_id = $2 and once_id = $3`,
          [tenantId, workspace.id, message.onceId],
        );
        if (earlier.rows[0] !== undefined) return { row: earlier.rows[0], added: false };
        const { rows } = await db.query<MessageRow>(
          `\
insert into console_messages (
  tenant_id, workspace_id, channel, thread_id, author_id, author_name, body_text, body_card, only_for, once_id
) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
returning ${COLUMNS}`,
          [
            tenantId,
            workspace.id,
            message.channel,
            message.thread ?? null,
            author?.id ?? null,
            author?.name ?? null,
            "text" in message.body ? message.body.text : null,
            card === undefined ? null : toJsonb(withoutTransient(card)),
            message.onlyFor ?? null,
            message.onceId,
          ],
        );
        return { row: rows[0] as MessageRow, added: true };
      });
      return added ? kept(row, card) : kept(row);
    },

    async edit(messageId, card) {
      if (!ROW_ID.test(messageId)) return undefined;
      const workspace = await workspaceOf();
      const row = await changing(workspace, async (db) => {
        const { rows } = await db.query<MessageRow>(
          `\
update console_messages set body_card = $4, revision = nextval('console_revisions')
where tenant_id = $1 and workspace_id = $2 and id = $3 and body_card is not null
returning ${COLUMNS}`,
          [workspace.scope.tenantId, workspace.id, messageId, toJsonb(withoutTransient(card))],
        );
        return rows[0];
      });
      return row && kept(row, card);
    },

    async get(messageId) {
      return ROW_ID.test(messageId) ? first("id = $3", messageId) : undefined;
    },

    async findOnce(onceId) {
      return first("once_id = $3", onceId);
    },

    async latest({ channel, thread }, { limit, reader, before }) {
      if ([thread, before].some((id) => id !== undefined && !ROW_ID.test(id))) return [];
      const { scope, id } = await workspaceOf();
      const values: unknown[] = [scope.tenantId, id, channel, reader, limit];
      const place = (value: unknown) => `$${values.push(value)}`;
      const rows = await scope.query<MessageRow>(
        `\
select ${COLUMNS} from console_messages
where tenant_id = $1 and workspace_id = $2 and channel = $3 and (only_for is null or only_for = $4)
  and thread_id ${thread === undefined ? "is null" : `= ${place(thread)}`}
  ${before === undefined ? "" : `and (created_at, id) < (select created_at, id from console_messages where tenant_id = $1 and id = ${place(before)})`}
order by created_at desc, id desc limit $5`,
        values,
      );
      return rows.reverse().map((row) => kept(row));
    },

    async threads(roots, { limit, reader }) {
      const { scope, id } = await workspaceOf();
      const values = [scope.tenantId, id, roots, reader];
      const replies = `\
from console_messages m
where m.tenant_id = $1 and m.workspace_id = $2 and m.thread_id = root and (m.only_for is null or m.only_for = $4)`;
      const counts = await scope.query<{ root: string; replies: number; last_at: Date | null }>(
        `\
select root, t.replies, t.last_at from unnest($3::uuid[]) root
cross join lateral (select count(*)::int as replies, max(m.created_at) as last_at ${replies}) t`,
        values,
      );
      const newest = await scope.query<MessageRow>(
        `\
select ${COLUMNS} from unnest($3::uuid[]) root
cross join lateral (select m.* ${replies} order by m.created_at desc, m.id desc limit $5) t
order by created_at, id`,
        [...values, limit],
      );
      return new Map(
        counts.flatMap(({ root, replies, last_at }) => {
          if (last_at === null) return [];
          const own = newest.filter((row) => row.thread_id === root).map((row) => kept(row));
          return [[root, { replies, lastAtMs: last_at.getTime(), newest: own }]];
        }),
      );
    },

    async revision(channel) {
      const { scope, id } = await workspaceOf();
      const rows = await scope.query<{ highest: string | null }>(
        "select max(revision) as highest from console_messages where tenant_id = $1 and workspace_id = $2 and channel = $3",
        [scope.tenantId, id, channel],
      );
      return Number(rows[0]?.highest ?? 0);
    },

    async changedSince(channel, revision, limit) {
      const { scope, id } = await workspaceOf();
      const rows = await scope.query<MessageRow>(
        `\
select ${COLUMNS} from console_messages
where tenant_id = $1 and workspace_id = $2 and channel = $3 and revision > $4
order by revision limit $5`,
        [scope.tenantId, id, channel, revision, limit],
      );
      return rows.map((row) => kept(row));
    },
  };

  async function workspaceOf(): Promise<Workspace> {
    const workspace = await directory.findWorkspace(platform, externalId);
    if (workspace === undefined) throw new Error(`the ${platform} workspace is not mapped to a tenant`);
    return workspace;
  }

  /**
   * One change at a time in a workspace: a revision is taken before its message can be seen, so of two
   * changes at once the higher one could be seen first, and who had read up to it would miss the lower.
   */
  function changing<T>({ scope, id }: Workspace, work: (db: Queryable) => Promise<T>): Promise<T> {
    return scope.transaction(async (db) => {
      await db.query("select pg_advisory_xact_lock(hashtextextended($1, 0))", [id]);
      return work(db);
    });
  }

  async function first(condition: string, value: string): Promise<KeptMessage | undefined> {
    const { scope, id } = await workspaceOf();
    const rows = await scope.query<MessageRow>(
      `select ${COLUMNS} from console_messages where tenant_id = $1 and workspace_id = $2 and ${condition}`,
      [scope.tenantId, id, value],
    );
    return rows[0] && kept(rows[0]);
  }

  /** @param card as it was given, where it was just now: its transient lines are remembered. */
  function kept(row: MessageRow, card?: Card): KeptMessage {
    if (card !== undefined) shown.remember(row.id, card);
    return messageOf(row, shown.cardOf(row.id));
  }
}

/** What stands in a thread goes first: whoever deleted its root would delete all of it in one statement. */
export const PAST_REPLIES: Perishable = {
  table: "console_messages",
  by: "created_at",
  when: `r.thread_id is not null and r.updated_at < ${BEFORE}`,
  keptMs: forRetention,
};

export const PAST_MESSAGES: Perishable = {
  table: "console_messages",
  by: "created_at",
  when: `\
r.thread_id is null and r.updated_at < ${BEFORE}
and not exists (select from console_messages reply where reply.tenant_id = $1 and reply.thread_id = r.id offset 0)`,
  keptMs: forRetention,
};

/** Ids come back from browsers. */
const ROW_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const COLUMNS =
  "id, channel, thread_id, author_id, author_name, body_text, body_card, only_for, once_id, revision, created_at, updated_at";

interface MessageRow {
  id: string;
  channel: string;
  thread_id: string | null;
  author_id: string | null;
  author_name: string | null;
  body_text: string | null;
  body_card: Card | null;
  only_for: string | null;
  once_id: string;
  revision: string;
  created_at: Date;
  updated_at: Date;
}

function messageOf(row: MessageRow, remembered: Card | undefined): KeptMessage {
  const author: Author =
    row.author_id === null
      ? { kind: "bot" }
      : { kind: "person", id: row.author_id, name: row.author_name ?? "" };
  const body: NewMessage["body"] =
    row.body_card === null ? { text: row.body_text ?? "" } : { card: remembered ?? row.body_card };
  return {
    id: row.id,
    channel: row.channel,
    ...(row.thread_id !== null && { thread: row.thread_id }),
    author,
    body,
    ...(row.only_for !== null && { onlyFor: row.only_for }),
    onceId: row.once_id,
    revision: Number(row.revision),
    createdAtMs: row.created_at.getTime(),
    updatedAtMs: row.updated_at.getTime(),
  };
}
