import type { Acts } from "../chat/acts.ts";
import type { TenantDirectory, Workspace } from "./directory.ts";
import type { Perishable } from "./perishable.ts";

/** Longer than any answer takes; then another process may take up what one that died left. */
const IN_HAND_MS = 3 * 60_000;

/** No platform delivers one again after two days; `beginAct` forgets some too, where many come. */
export const PAST_ACTS: Perishable = { table: "acts", by: "created_at", keptMs: () => 2 * 24 * 60 * 60_000 };

/** Acts in the database, for platforms that deliver to whichever process is there. */
export function createActs(directory: Pick<TenantDirectory, "findWorkspace">, now: () => number): Acts {
  return {
    async begin({ platform, workspace }, actId) {
      const found = await directory.findWorkspace(platform, workspace);
      // Nothing can be done twice that does harm where no tenant is.
      return found === undefined ? true : beginAct(found, actId, now());
    },
    async end({ platform, workspace }, actId) {
      const found = await directory.findWorkspace(platform, workspace);
      if (found !== undefined) await endAct(found, actId, now());
    },
  };
}

/** Takes an act in hand; false where it has ended or is in hand elsewhere. Acts of days ago go, a few each time. */
export async function beginAct({ id, scope }: Workspace, actId: string, nowMs: number): Promise<boolean> {
  const rows = await scope.query(
    `\
with old as (
  delete from acts where id in (
    select id from acts where tenant_id = $1 and created_at < now() - interval '2 days' order by created_at limit 20
  )
)
insert into acts (tenant_id, workspace_id, act_id, in_hand_until)
values ($1, $2, $3, to_timestamp(($4::float8 + $5) / 1000.0))
on conflict (tenant_id, workspace_id, act_id) do update set in_hand_until = excluded.in_hand_until
where acts.ended_at is null and acts.in_hand_until <= to_timestamp($4::float8 / 1000.0)
returning id`,
    [scope.tenantId, id, actId, nowMs, IN_HAND_MS],
  );
  return rows.length > 0;
}

export async function endAct({ id, scope }: Workspace, actId: string, nowMs: number): Promise<void> {
  await scope.query(
    `\
update acts set ended_at = to_timestamp($4 / 1000.0)
where tenant_id = $1 and workspace_id = $2 and act_id = $3 and ended_at is null`,
    [scope.tenantId, id, actId, nowMs],
  );
}
