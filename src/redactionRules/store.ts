import { beAlone } from "../tenancy/alone.ts";
import type { Queryable, TenantScope } from "../tenancy/scope.ts";

/** hide: it is redacted although no rule knows it. show: it is readable although a rule takes it for a secret. */
export type Effect = "hide" | "show";

/** One of a tenant's own rules. */
export interface RedactionPattern {
  id: string;
  /** As it was written; the same in upper and lower case. */
  pattern: string;
  effect: Effect;
  createdBy: string;
  createdAtMs: number;
}

export interface NewPattern {
  pattern: string;
  effect: Effect;
  createdBy: string;
}

/** Each costs some time on every line that is shown. */
export const MOST_OF_AN_EFFECT = 50;

/**
 * Keeps a pattern, in the place of the same one with the other effect.
 * @returns the one that is live now; undefined where the tenant has as many of that effect as it may have.
 */
export async function keepPattern(
  scope: TenantScope,
  db: Queryable,
  { pattern, effect, createdBy }: NewPattern,
): Promise<RedactionPattern | undefined> {
  // One at a time, or two admins together would pass the limit.
  await beAlone(db, "redaction", scope.tenantId);
  const live = (await livePatterns(scope, db)).filter((row) => row.effect === effect);
  const same = live.find((row) => row.pattern.toLowerCase() === pattern.toLowerCase());
  if (same !== undefined) return same;
  if (live.length >= MOST_OF_AN_EFFECT) return undefined;
  await db.query(
    `\
update redaction_patterns set deleted_at = now(), deleted_by = $3
where tenant_id = $1 and lower(pattern) = lower($2) and deleted_at is null`,
    [scope.tenantId, pattern, createdBy],
  );
  const { rows } = await db.query<PatternRow>(
    `\
insert into redaction_patterns (tenant_id, pattern, effect, created_by) values ($1, $2, $3, $4)
returning ${COLUMNS}`,
    [scope.tenantId, pattern, effect, createdBy],
  );
  return patternOf(rows[0] as PatternRow);
}

/** All live ones: what is hidden first, each by pattern. */
export async function listPatterns(scope: TenantScope): Promise<RedactionPattern[]> {
  return scope.transaction((db) => livePatterns(scope, db));
}

/** Ends the rule with this id. @returns what it was; undefined where it is not live. */
export async function removePattern(
  scope: TenantScope,
  db: Queryable,
  id: string,
  removedBy: string,
): Promise<RedactionPattern | undefined> {
  const { rows } = await db.query<PatternRow>(
    `\
update redaction_patterns set deleted_at = now(), deleted_by = $3
where tenant_id = $1 and id = $2 and deleted_at is null
returning ${COLUMNS}`,
    [scope.tenantId, id, removedBy],
  );
  return rows[0] && patternOf(rows[0]);
}

const COLUMNS = "id, pattern, effect, created_by, created_at";

async function livePatterns(scope: TenantScope, db: Queryable): Promise<RedactionPattern[]> {
  const { rows } = await db.query<PatternRow>(
    `\
select ${COLUMNS} from redaction_patterns where tenant_id = $1 and deleted_at is null
order by effect, lower(pattern)`,
    [scope.tenantId],
  );
  return rows.map(patternOf);
}

interface PatternRow {
  id: string;
  pattern: string;
  effect: Effect;
  created_by: string;
  created_at: Date;
}

function patternOf({ id, pattern, effect, created_by, created_at }: PatternRow): RedactionPattern {
  return { id, pattern, effect, createdBy: created_by, createdAtMs: created_at.getTime() };
}
