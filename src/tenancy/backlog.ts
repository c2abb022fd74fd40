import type { QueryResult } from "pg";
import { hasComeSql } from "./dueTimes.ts";
import { type DueWatch, isDueSql, isFreeSql } from "./dueWatches.ts";
import type { TenantScope } from "./scope.ts";
import type { TenantRow } from "./tenantRow.ts";

/** Work that waits, of all tenants: whose turn it is. */
export interface Backlog {
  /** Tenants that owe a message now, the longest waiting first; by the database's clock where no other is given. */
  tenantsWithDueDeliveries(nowMs: number | undefined, limit: number): Promise<TenantScope[]>;
  /** How many messages are owed to all tenants together, by the database's clock. */
  countDeliveries(): Promise<DeliveryCounts>;
  /** What else all tenants together wait for. */
  countWaiting(): Promise<WaitingCounts>;
  /**
   * Tenants with a workspace whose services were not scanned up to `dueMs`, and that nobody scans now: those first that this
   * owner scanned last.
   * @param asked.failing those whose logs could not be read last time, or the others
   */
  tenantsToScan(asked: DueWatch & { failing: boolean }, limit: number): Promise<TenantScope[]>;
  /** All tenants in the order of their ids, those after one. */
  tenants(afterId: string | undefined, limit: number): Promise<TenantScope[]>;
  /** Questions of all tenants, asked before then, that nobody has answered yet. */
  unansweredConversations(
    createdBeforeMs: number,
    limit: number,
  ): Promise<{ scope: TenantScope; id: string }[]>;
  /** The same of questions about what was found. */
  unansweredTurns(createdBeforeMs: number, limit: number): Promise<{ scope: TenantScope; id: string }[]>;
}

export interface DeliveryCounts {
  pending: number;
  /** Of those that are pending, the ones somebody is sending. */
  inHand: number;
  /** How long the oldest of those that are pending has waited; absent where none is. */
  oldestForMs?: number;
  refused: number;
}

export interface WaitingCounts {
  /** Questions and root causes that nobody has answered yet. */
  questions: number;
  /** How long the oldest of them has waited; absent where none does. */
  oldestForMs?: number;
  /** Up to where the tenant is scanned that was scanned last, and the one that lags most; absent where none was. */
  scannedMs?: { newest: number; oldest: number };
}

/** Asks as the directory's own login. */
export type Ask = <Row extends object>(text: string, values: unknown[]) => Promise<QueryResult<Row>>;

export function createBacklog(ask: Ask, scopeFrom: (row: TenantRow) => TenantScope): Backlog {
  return {
    async tenantsWithDueDeliveries(nowMs, limit) {
      const { rows } = await ask<TenantRow>(
        `\
select t.id as tenant_id, t.name, t.loki_org_id
from tenants t join (
  select tenant_id, min(next_attempt_at) as waiting_since
  from deliveries, (select coalesce(to_timestamp($1::float8 / 1000.0), clock_timestamp()) as at) clock
  where state = 'pending' and ${hasComeSql("next_attempt_at")}
    and (lease_until is null or ${hasComeSql("lease_until")})
  group by tenant_id
) due on due.tenant_id = t.id
order by due.waiting_since
limit $2`,
        [nowMs ?? null, limit],
      );
      return rows.map(scopeFrom);
    },

    async countDeliveries() {
      const { rows } = await ask<{
        pending: number;
        in_hand: number;
        oldest_for_ms: number | null;
        refused: number;
      }>(
        `\
select count(*)::int as pending, count(*) filter (where lease_until > clock_timestamp())::int as in_hand,
  (extract(epoch from clock_timestamp() - min(created_at)) * 1000)::float8 as oldest_for_ms,
  (select count(*)::int from deliveries where state = 'refused') as refused
from deliveries where state = 'pending'`,
        [],
      );
      const row = rows[0];
      return {
        pending: row?.pending ?? 0,
        inHand: row?.in_hand ?? 0,
        ...(row?.oldest_for_ms != null && { oldestForMs: row.oldest_for_ms }),
        refused: row?.refused ?? 0,
      };
    },

    async countWaiting() {
      const { rows } = await ask<{
        questions: number;
        oldest_for_ms: number | null;
        newest_ms: number | null;
        oldest_ms: number | null;
      }>(
        `\
select questions, oldest_for_ms, newest_ms, oldest_ms
from (
  select count(*)::int as questions,
    (extract(epoch from clock_timestamp() - min(created_at)) * 1000)::float8 as oldest_for_ms
  from (
    select created_at from conversations where state = 'queued'
    union all
    select created_at from conversation_messages where state = 'queued'
  ) queued
) waiting, (
  select (extract(epoch from max(w.scanned_until)) * 1000)::float8 as newest_ms,
    (extract(epoch from min(w.scanned_until)) * 1000)::float8 as oldest_ms
  from watches w
  where exists (select from workspaces s where s.tenant_id = w.tenant_id and s.connected_at is not null)
) scanned`,
        [],
      );
      const { questions = 0, oldest_for_ms = null, newest_ms = null, oldest_ms = null } = rows[0] ?? {};
      return {
        questions,
        ...(oldest_for_ms !== null && { oldestForMs: oldest_for_ms }),
        ...(newest_ms !== null &&
          oldest_ms !== null && { scannedMs: { newest: newest_ms, oldest: oldest_ms } }),
      };
    },

    async tenantsToScan({ dueMs, nowMs, owner, failing }, limit) {
      const { rows } = await ask<TenantRow>(
        `\
select t.id as tenant_id, t.name, t.loki_org_id
from tenants t left join watches w on w.tenant_id = t.id
where exists (select from workspaces s where s.tenant_id = t.id and s.connected_at is not null)
  and ${isDueSql("$1")} and ${isFreeSql("$2")} and (w.failing_since is not null) = $5
order by (w.last_owner = $3) desc nulls last, w.scanned_until nulls first, t.id
limit $4`,
        [dueMs, nowMs, owner, limit, failing],
      );
      return rows.map(scopeFrom);
    },

    async tenants(afterId, limit) {
      const { rows } = await ask<TenantRow>(
        `\
select id as tenant_id, name, loki_org_id from tenants where $1::uuid is null or id > $1
order by id limit $2`,
        [afterId ?? null, limit],
      );
      return rows.map(scopeFrom);
    },

    async unansweredConversations(createdBeforeMs, limit) {
      const { rows } = await ask<TenantRow & { id: string }>(
        `\
select c.id, t.id as tenant_id, t.name, t.loki_org_id
from conversations c join tenants t on t.id = c.tenant_id
where c.state = 'queued' and c.created_at < to_timestamp($1 / 1000.0)
order by c.created_at
limit $2`,
        [createdBeforeMs, limit],
      );
      return rows.map((row) => ({ scope: scopeFrom(row), id: row.id }));
    },

    async unansweredTurns(createdBeforeMs, limit) {
      const { rows } = await ask<TenantRow & { id: string }>(
        `\
select m.id, t.id as tenant_id, t.name, t.loki_org_id
from conversation_messages m join tenants t on t.id = m.tenant_id
where m.state = 'queued' and m.created_at < to_timestamp($1 / 1000.0)
order by m.created_at
limit $2`,
        [createdBeforeMs, limit],
      );
      return rows.map((row) => ({ scope: scopeFrom(row), id: row.id }));
    },
  };
}
