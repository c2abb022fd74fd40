import type { Block, Card } from "../chat/card.ts";
import type { Author, KeptMessage, MessageHistory, NewMessage } from "../chat/history.ts";
import { toJsonb } from "../database.ts";
import type { TenantDirectory } from "../tenancy/directory.ts";
import type { TenantScope } from "../tenancy/scope.ts";

/** Log lines shown and not kept, by message: for as long as this process lives, and no more of them than this. */
const MAX_TRANSIENT_MESSAGES = 200;

/**
 * The web console's messages, in PostgreSQL: the console is the one chat platform with no server of
 * its own. Raw log lines are not kept: a card's transient lines stay in this process's memory.
 */
export function createConsoleHistory(
  directory: TenantDirectory,
  platform: string,
  externalId: string,
): MessageHistory {
  const transient = new Map<string, Card>();

  return {
    async append(message) {
      const { scope, id } = await workspaceOf();
      const author = message.author.kind === "bot" ? undefined : message.author;
      const card = "card" in message.body ? message.body.card : undefined;
      const rows = await scope.query<MessageRow>(
        `\
with added as (
  insert into console_messages (
    tenant_id, workspace_id, channel, thread_id, author_id, author_name, body_text, body_card, only_for, once_id
  ) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
  on conflict (workspace_id, once_id) do nothing
  returning *
)
select * from added
union all
select * from console_messages where tenant_id = $1 and workspace_id = $2 and once_id = $10
limit 1`,
        [
          scope.tenantId,
          id,
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
      return kept(rows[0] as MessageRow, card);
    },

    async edit(messageId, card) {
      const { scope, id } = await workspaceOf();
      const rows = await scope.query<MessageRow>(
        `\
update console_messages set body_card = $4, revision = nextval('console_revisions')
where tenant_id = $1 and workspace_id = $2 and id = $3 and body_card is not null
returning *`,
        [scope.tenantId, id, messageId, toJsonb(withoutTransient(card))],
      );
      return rows[0] && kept(rows[0], card);
    },

    async get(messageId) {
      return first("id = $3", messageId);
    },

    async findOnce(onceId) {
      return first("once_id = $3", onceId);
    },

    async latest(channel, limit) {
      const { scope, id } = await workspaceOf();
      const rows = await scope.query<MessageRow>(
        `\
select * from console_messages where tenant_id = $1 and workspace_id = $2 and channel = $3
order by created_at desc, revision desc limit $4`,
        [scope.tenantId, id, channel, limit],
      );
      return rows.reverse().map((row) => kept(row));
    },

    async changedSince(channel, revision, limit) {
      const { scope, id } = await workspaceOf();
      const rows = await scope.query<MessageRow>(
        `\
select * from console_messages where tenant_id = $1 and workspace_id = $2 and channel = $3 and revision > $4
order by revision limit $5`,
        [scope.tenantId, id, channel, revision, limit],
      );
      return rows.map((row) => kept(row));
    },
  };

  async function workspaceOf(): Promise<{ scope: TenantScope; id: string }> {
    const workspace = await directory.findWorkspace(platform, externalId);
    if (workspace === undefined) throw new Error(`the ${platform} workspace is not mapped to a tenant`);
    return workspace;
  }

  async function first(condition: string, value: string): Promise<KeptMessage | undefined> {
    const { scope, id } = await workspaceOf();
    const rows = await scope.query<MessageRow>(
      `select * from console_messages where tenant_id = $1 and workspace_id = $2 and ${condition}`,
      [scope.tenantId, id, value],
    );
    return rows[0] && kept(rows[0]);
  }

  /** @param card as it was given, where it was just now: its transient lines are remembered. */
  function kept(row: MessageRow, card?: Card): KeptMessage {
    if (card !== undefined && hasTransient(card)) {
      transient.set(row.id, card);
      const oldest = transient.keys().next();
      if (transient.size > MAX_TRANSIENT_MESSAGES && !oldest.done) transient.delete(oldest.value);
    } else if (card !== undefined) {
      transient.delete(row.id);
    }
    return messageOf(row, transient.get(row.id));
  }
}

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

function hasTransient(card: Card): boolean {
  return card.body.some((block) => block.kind === "log" && block.transient === true);
}

function withoutTransient(card: Card): Card {
  if (!hasTransient(card)) return card;
  const body = card.body.map((block): Block => {
    if (block.kind !== "log" || block.transient !== true) return block;
    return {
      kind: "text",
      text: [...captionOf(block), ". The lines themselves are not kept: ask again to see them."],
    };
  });
  return { ...card, body };
}

function captionOf(block: Extract<Block, { kind: "log" }>) {
  return block.caption === undefined
    ? []
    : typeof block.caption === "string"
      ? [block.caption]
      : block.caption;
}
