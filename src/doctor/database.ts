import { duration } from "../analysis/words.ts";
import { calledAs, IS_BUILT } from "../calledAs.ts";
import type { Inline, Text } from "../chat/card.ts";
import { type Asked, asLogin, asRole } from "../database.ts";
import { explainDatabase } from "../databaseAdvice.ts";
import { pendingJobMigrations } from "../jobs/migrate.ts";
import { type Ledger, readLedger } from "../migrations.ts";
import { quickest } from "../quickest.ts";
import { inspectWall, tryWall, type Wall } from "../tenancy/wall.ts";
import type { Check } from "./check.ts";
import { type Found, well } from "./found.ts";

/** What is tested. Older ones lack what migrations use. */
const OLDEST = 15;
/** Each command asks several times. */
const SLOW_MS = 100;
/** Leases and waits are by the database's clock, times of lines by this machine's. */
const MOST_SKEW_MS = 5_000;
const NAMED = 5;

const FIX = "Start PostgreSQL, or correct DATABASE_URL.";
const MIGRATE: Text = ["Run: ", { code: calledAs("migrate") }];
const RESTORE_FILES: Text = IS_BUILT
  ? "Install LogHunter again, with the files as they were released."
  : ["Put the files back as they were released: ", { code: "git checkout -- migrations" }];

/** PostgreSQL: there, of a version that will do, laid out as this program expects, and keeping tenants apart. */
export function databaseChecks(url: string): Check[] {
  const asked = <T>(work: (db: Asked) => Promise<T>) =>
    asLogin(url, work).catch(async (error: unknown) => {
      throw await explainDatabase(error, url);
    });
  return [
    { name: "database", fix: FIX, run: () => asked(server) },
    { name: "schema", standsOn: "database", fix: FIX, run: () => asked((db) => schema(db, url)) },
    { name: "tenants apart", standsOn: "schema", fix: FIX, run: () => asked((db) => apart(db, url)) },
  ];
}

async function server(db: Asked): Promise<Found[]> {
  const { answer, ms } = await quickest(async () => {
    const beforeMs = Date.now();
    const { rows } = await db.query<{ version: number; shown: string; now_ms: number }>(
      `\
select current_setting('server_version_num')::int as version, split_part(current_setting('server_version'), ' ', 1) as shown,
  (extract(epoch from clock_timestamp()) * 1000)::float8 as now_ms`,
    );
    return { ...(rows[0] as (typeof rows)[number]), beforeMs };
  }, SLOW_MS);
  const { version, shown, now_ms, beforeMs } = answer;
  const found: Found[] = [];
  if (Math.floor(version / 10_000) < OLDEST)
    found.push({
      state: "failure",
      finding: `PostgreSQL is of version ${shown}.`,
      fix: `Move to PostgreSQL ${OLDEST} or newer: pg_dump here, restore there.`,
    });
  const aheadMs = now_ms - (beforeMs + ms / 2);
  if (Math.abs(aheadMs) > MOST_SKEW_MS)
    found.push({
      state: "warning",
      finding: `The database's clock is ${duration(Math.abs(aheadMs))} ${aheadMs > 0 ? "ahead of" : "behind"} this machine's.`,
      fix: "Set both by NTP: messages are late or early by as much.",
    });
  if (ms > SLOW_MS)
    found.push({
      state: "warning",
      finding: `PostgreSQL takes ${Math.round(ms)} ms for the smallest question.`,
      fix: "Run it nearer to LogHunter, or see what keeps it busy: select * from pg_stat_activity;",
    });
  return found.length > 0
    ? found
    : [well(`PostgreSQL ${shown} answers in ${Math.ceil(ms)} ms, and its clock agrees.`)];
}

async function schema(db: Asked, url: string): Promise<Found[]> {
  const ledger = await readLedger(db);
  const { pending } = ledger;
  const jobs = await pendingJobMigrations(url);
  const found: Found[] = [];
  if (pending.length + jobs.length > 0)
    found.push({
      state: "failure",
      finding: `The schema is behind: ${listed([...pending, ...jobs])} did not run.`,
      fix: MIGRATE,
      blocks: "schema",
    });
  found.push(...foundInLedger(ledger));
  return found.length > 0 ? found : [well("All migrations ran, unchanged.")];
}

/** What makes a schema another one than this program was written for, whatever is still to run. */
export function foundInLedger({ foreign, altered }: Pick<Ledger, "foreign" | "altered">): Found[] {
  const found: Found[] = [];
  if (foreign.length > 0)
    found.push({
      state: "failure",
      finding: `The schema is of another LogHunter, which ran ${listed(foreign)}.`,
      fix: "Run the version that laid it out, or restore the backup from before it.",
    });
  if (altered.length > 0)
    found.push({
      state: "failure",
      finding: `Changed since it ran here: ${listed(altered)}. The schema may not be what the program expects.`,
      fix: RESTORE_FILES,
    });
  return found;
}

async function apart(db: Asked, url: string): Promise<Found[]> {
  const found = await foundBetweenTenants(db, url);
  return found.length > 0 ? found : [well("Row-level security binds both roles, in every table of tenants.")];
}

/** What keeps tenants from being told apart, by what the catalogue says and by trying. Nothing where they are. */
export async function foundBetweenTenants(db: Asked, url: string): Promise<Found[]> {
  const wall = await inspectWall(db);
  const found = foundInWall(wall);
  if (wall.missingRoles.length > 0) return found;
  const { actsAs, seesTenants } = await asRole(url, "loghunter_app", tryWall);
  if (actsAs !== "loghunter_app")
    found.push({
      state: "failure",
      finding: `A session that asks for the role loghunter_app acts as ${actsAs}: something before PostgreSQL drops its options.`,
      fix: 'Connect to PostgreSQL itself, or let the pooler pass "options" on (PgBouncer: not in ignore_startup_parameters).',
    });
  else if (seesTenants)
    found.push({
      state: "failure",
      finding:
        "A session that acts for no tenant sees tenants all the same: row-level security does not hold.",
      fix: "Stop LogHunter until what is said of the roles and tables is mended.",
    });
  return found;
}

function foundInWall({ owner, missingRoles, unboundRoles, owned, open }: Wall): Found[] {
  return [
    ...missingRoles.map((role) =>
      failure(`The role ${role} is missing.`, [`create role ${role} nologin;`, `grant ${role} to ${owner};`]),
    ),
    ...unboundRoles.map(({ role, why }) =>
      failure(`The role ${role} ${why}, so that row-level security does not bind it.`, [
        `alter role ${role} nosuperuser nobypassrls;`,
      ]),
    ),
    ...owned.map(({ table, role }) =>
      failure(`The role ${role} owns the table ${table}, and could take its row-level security away.`, [
        `alter table ${table} owner to ${owner};`,
      ]),
    ),
    ...open.map((table) =>
      failure(`The table ${table} does not tell the rows of tenants apart.`, [
        `alter table ${table} enable row level security, force row level security;`,
        ...POLICY,
      ]),
    ),
  ];
}

const POLICY = ["-- and if it has no policies: restore the schema from a backup, or from the migrations"];

function failure(finding: string, statements: readonly string[]): Found {
  const shown = statements.flatMap((one, at): Inline[] => [at === 0 ? "" : " ", { code: one }]);
  return { state: "failure", finding, fix: ["Let an administrator of the server run: ", ...shown] };
}

function listed(names: readonly string[]): string {
  const more = names.length - NAMED;
  return `${names.slice(0, NAMED).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
