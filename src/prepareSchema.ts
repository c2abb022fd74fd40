import { calledAs } from "./calledAs.ts";
import { inlineText } from "./chat/plainText.ts";
import { asLogin } from "./database.ts";
import { explainDatabase } from "./databaseAdvice.ts";
import { foundBetweenTenants, foundInLedger } from "./doctor/database.ts";
import type { Found } from "./doctor/found.ts";
import { UserError } from "./errors.ts";
import { migrateJobs, pendingJobMigrations } from "./jobs/migrate.ts";
import { migrateUp, readLedger } from "./migrations.ts";

export interface SchemaOwner {
  /** Its schema follows the code, in production too. */
  isEmbedded: boolean;
  isProduction: boolean;
}

/**
 * In development the schema follows the code; in production a person lets it. A database of the operator's own is refused where it
 * was laid out by another LogHunter, or would not keep tenants apart.
 * @returns how many migrations ran
 * @throws UserError where somebody has to do something first
 */
export async function prepareSchema(
  databaseUrl: string,
  { isEmbedded, isProduction }: SchemaOwner,
): Promise<number> {
  if (isEmbedded) return bringUp(databaseUrl);
  try {
    const { migrations, jobs } = await pendingOfOwnSchema(databaseUrl);
    const pending = [...migrations, ...jobs];
    if (isProduction && pending.length > 0)
      throw new UserError(
        `The schema of the database is behind (${pending.length} to run), and in production they run only when somebody says so. Run: ${calledAs("migrate")}`,
      );
    const ran = pending.length > 0 ? await bringUp(databaseUrl) : 0;
    refuse(await asLogin(databaseUrl, (db) => foundBetweenTenants(db, databaseUrl)));
    return ran;
  } catch (error) {
    throw await explainDatabase(error, databaseUrl);
  }
}

/** What is to run, oldest first. @throws UserError where the schema is not one of this LogHunter's */
export async function pendingOfOwnSchema(
  databaseUrl: string,
): Promise<{ migrations: string[]; jobs: string[] }> {
  const ledger = await asLogin(databaseUrl, readLedger);
  refuse(foundInLedger(ledger));
  return { migrations: ledger.pending, jobs: await pendingJobMigrations(databaseUrl) };
}

async function bringUp(databaseUrl: string): Promise<number> {
  const ran = await migrateUp(databaseUrl);
  await migrateJobs(databaseUrl);
  return ran.length;
}

/** Says what `doctor` says. */
function refuse(found: readonly Found[]): void {
  if (found.length === 0) return;
  throw new UserError(
    found.map(({ finding, fix = "" }) => `${inlineText(finding)} ${inlineText(fix)}`.trim()).join("\n"),
  );
}
