import type { Reach } from "../anomalies/announcer.ts";
import type { Delivery, RefusalReason } from "../chat/platform.ts";
import type { Workspace } from "../tenancy/directory.ts";
import type { TenantScope } from "../tenancy/scope.ts";

/** A reason that stays until somebody mends it, whatever is sent. */
export type PlaceTrouble = Exclude<RefusalReason, "message gone" | "not acceptable">;

export interface ChannelTrouble {
  workspaceId: string;
  channel: string;
  reason: PlaceTrouble;
  why: string;
  sinceMs: number;
}

export function isPlaceTrouble(reason: RefusalReason): reason is PlaceTrouble {
  return reason !== "message gone" && reason !== "not acceptable";
}

/** Notes why a channel takes no messages. @returns whether that is new: somebody is to be told then, once. */
export async function noteTrouble(
  scope: TenantScope,
  trouble: Omit<ChannelTrouble, "sinceMs">,
): Promise<boolean> {
  const rows = await scope.query<{ is_new: boolean }>(
    `\
with before as (
  select reason from channel_troubles where tenant_id = $1 and workspace_id = $2 and channel = $3
)
insert into channel_troubles (tenant_id, workspace_id, channel, reason, why) values ($1, $2, $3, $4, $5)
on conflict (tenant_id, workspace_id, channel) do update set reason = excluded.reason, why = excluded.why
returning not exists (select from before where reason = $4) as is_new`,
    [scope.tenantId, trouble.workspaceId, trouble.channel, trouble.reason, trouble.why],
  );
  return rows[0]?.is_new ?? false;
}

/** A message arrived there, or the workspace is connected: which it is everywhere, whatever was so in other channels. */
export async function clearTrouble(
  scope: TenantScope,
  workspaceId: string,
  channel: string | undefined,
): Promise<void> {
  await scope.query(
    `\
delete from channel_troubles
where tenant_id = $1 and workspace_id = $2 and (channel = $3 or reason = 'not installed')`,
    [scope.tenantId, workspaceId, channel ?? null],
  );
}

/** Keeps what came of a message to a channel: that it takes none, or that it does again. */
export async function noteReach(
  { id: workspaceId, scope }: Workspace,
  channel: string,
  delivery: Delivery | undefined,
): Promise<void> {
  if (delivery?.outcome === "sent") return clearTrouble(scope, workspaceId, channel);
  if (delivery?.outcome !== "refused" || !isPlaceTrouble(delivery.reason)) return;
  await noteTrouble(scope, { workspaceId, channel, reason: delivery.reason, why: delivery.why });
}

/** The channels that take no messages, of one workspace or of all, the latest first. */
export async function listTroubles(
  scope: TenantScope,
  limit: number,
  workspaceId?: string,
): Promise<ChannelTrouble[]> {
  const rows = await scope.query<{
    workspace_id: string;
    channel: string;
    reason: PlaceTrouble;
    why: string;
    created_at: Date;
  }>(
    `\
select workspace_id, channel, reason, why, created_at from channel_troubles
where tenant_id = $1 and ($3::uuid is null or workspace_id = $3) order by created_at desc, id limit $2`,
    [scope.tenantId, limit, workspaceId ?? null],
  );
  return rows.map((row) => ({
    workspaceId: row.workspace_id,
    channel: row.channel,
    reason: row.reason,
    why: row.why,
    sinceMs: row.created_at.getTime(),
  }));
}

/** Tried in vain so shortly ago that trying again would only be refused again. */
const IS_FRESH = "tenant_id = $1 and updated_at > now() - interval '10 minutes'";

/** The channels that are tried no more for now, and why they took nothing. */
export async function listFreshTroubles(
  scope: TenantScope,
): Promise<Pick<ChannelTrouble, "workspaceId" | "channel" | "reason">[]> {
  const rows = await scope.query<{ workspace_id: string; channel: string; reason: PlaceTrouble }>(
    `\
select workspace_id, channel, reason from channel_troubles where ${IS_FRESH}`,
    [scope.tenantId],
  );
  return rows.map(({ workspace_id, ...row }) => ({ ...row, workspaceId: workspace_id }));
}

/**
 * Channels as texts: those that were tried in vain so shortly ago, and those that refused a message since, whether or not they take
 * one by now. What was under way then may be told of twice.
 * @param sinceMs when this was asked before, by what it said then; undefined: never
 */
export async function readReach(scope: TenantScope, sinceMs: number | undefined): Promise<Reach> {
  const rows = await scope.query<{ at: Date; shut_out: string[]; refused: string[] }>(
    `\
select clock_timestamp() as at,
  array(
    select workspace_id || ' ' || channel from channel_troubles where ${IS_FRESH}
  ) as shut_out,
  array(
    select distinct workspace_id || ' ' || channel from deliveries
    where tenant_id = $1 and state = 'refused' and refusal = any($3)
      and updated_at > to_timestamp($2::float8 / 1000.0) - interval '10 seconds'
  ) as refused`,
    [scope.tenantId, sinceMs ?? null, Object.keys(MENDING)],
  );
  const { at, shut_out, refused } = rows[0] as (typeof rows)[number];
  return { atMs: at.getTime(), shutOut: shut_out, refused };
}

/** What a person does about it, a sentence. */
export function mendingOf(reason: PlaceTrouble): string {
  return MENDING[reason];
}

const MENDING: Record<PlaceTrouble, string> = {
  "channel gone":
    "The channel is not there any more, or is private: choose another with channel alerts, or invite LogHunter to it.",
  "channel archived": "The channel is archived: unarchive it, or choose another with channel alerts.",
  "not in channel": "LogHunter is not in the channel: invite it.",
  "not permitted": "Give LogHunter the permission that is named, in that channel.",
  "not installed": "The workspace has removed LogHunter, or its token is not accepted: install it again.",
};
