import { toJsonb } from "../database.ts";
import type { Redaction } from "../logs/redaction.ts";
import type { Queryable, TenantScope } from "../tenancy/scope.ts";

/** Where texts are kept that were redacted by the rules of their time. */
const KEPT: readonly { table: string; column: string; isJson?: true }[] = [
  { table: "error_clusters", column: "template" },
  { table: "error_clusters", column: "sample_message" },
  { table: "analysis_results", column: "root_cause" },
  { table: "analysis_results", column: "summary" },
  { table: "analysis_results", column: "suggested_action" },
  { table: "analysis_results", column: "evidence", isJson: true },
  { table: "conversations", column: "pack", isJson: true },
  { table: "conversations", column: "answer", isJson: true },
  { table: "conversation_messages", column: "body" },
  { table: "conversation_messages", column: "looked_up", isJson: true },
  { table: "feedback", column: "cause" },
  { table: "deploy_markers", column: "version" },
  { table: "deliveries", column: "card", isJson: true },
  { table: "console_messages", column: "body_card", isJson: true },
  { table: "console_messages", column: "body_text" },
  { table: "mutes", column: "reason" },
];
/** The keys of such texts in a pack, in evidence and in a card; what things are looked up by, and marks of a card's form, stay. */
const TEXTS: ReadonlySet<string> = new Set(
  "sample template version title text texts strong code label value heading detail log lines caption footnote columns rows alt rootCause cause summary suggestedAction lookAt note what".split(
    " ",
  ),
);
const ROWS_AT_ONCE = 500;

/**
 * Takes what a new pattern hides out of what was kept before, since later answers are made from it.
 * @param redaction the tenant's, the pattern among its rules
 * @returns in how many texts it stood
 */
export async function takeOutOfKept(
  scope: TenantScope,
  pattern: string,
  redaction: Redaction,
): Promise<number> {
  let changed = 0;
  for (const kept of KEPT) {
    changed += await takeOutOf(scope, kept, likeOf(pattern), redaction);
  }
  return changed;
}

/** For `ilike`, so that not every text is read: the longest part of the pattern that stands for itself. */
function likeOf(pattern: string): string {
  // Of other characters not every database knows the other case, and a backslash stands twice in JSON.
  const parts = pattern.match(/[!-[\]-~]+/g)?.flatMap((part) => part.split(/[*#]+/)) ?? [];
  const longest = parts.reduce((a, b) => (b.length > a.length ? b : a), "");
  return `%${longest.replace(/[%_]/g, "\\$&")}%`;
}

interface Batch {
  like: string;
  /** The last row of the one before. */
  after: string;
}

async function takeOutOf(
  scope: TenantScope,
  kept: (typeof KEPT)[number],
  like: string,
  redaction: Redaction,
): Promise<number> {
  let changed = 0;
  let after: string | undefined = "00000000-0000-0000-0000-000000000000";
  while (after !== undefined) {
    const batch: Batch = { like, after };
    const done: { changed: number; last: string | undefined } = await scope.transaction((db) =>
      takeOutOfBatch(scope, db, kept, batch, redaction),
    );
    changed += done.changed;
    after = done.last;
  }
  return changed;
}

/**
 * What somebody is just writing is read when they have, and nobody writes it meanwhile: for as short as that can be.
 * @returns the last row; undefined where there are no more
 */
async function takeOutOfBatch(
  scope: TenantScope,
  db: Queryable,
  { table, column, isJson }: (typeof KEPT)[number],
  { like, after }: Batch,
  { redact }: Redaction,
): Promise<{ changed: number; last: string | undefined }> {
  const { rows } = await db.query<{ id: string; kept: string }>(
    `\
select id, ${column}::text as kept from ${table}
where tenant_id = $1 and ${column}::text ilike $2 and id > $3
order by id limit $4
for no key update`,
    [scope.tenantId, like, after, ROWS_AT_ONCE],
  );
  const fresh = rows.flatMap(({ id, kept }) => {
    const without = isJson ? JSON.stringify(textsOf(JSON.parse(kept), redact)) : redact(kept);
    return without === (isJson ? JSON.stringify(JSON.parse(kept)) : kept) ? [] : [{ id, without }];
  });
  await db.query(
    `\
update ${table} set ${column} = f.without${isJson ? "::jsonb" : ""}
from jsonb_to_recordset($2) as f(id uuid, without text)
where ${table}.tenant_id = $1 and ${table}.id = f.id`,
    [scope.tenantId, toJsonb(fresh)],
  );
  return { changed: fresh.length, last: rows.at(-1)?.id };
}

function textsOf(value: unknown, redact: (text: string) => string, key = ""): unknown {
  if (typeof value === "string") return TEXTS.has(key) ? redact(value) : value;
  if (Array.isArray(value)) return value.map((one) => textsOf(one, redact, key));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, textsOf(one, redact, name)]));
}
