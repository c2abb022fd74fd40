import { UserError } from "./errors.ts";
import { migrateJobs, pendingJobMigrations } from "./jobs/migrate.ts";
import { migrateUp, pendingMigrations } from "./migrations.ts";

/**
 * In development the schema follows the code; in production a person lets it.
 * @returns how many migrations ran
 * @throws UserError where somebody has to run them
 */
export async function prepareSchema(databaseUrl: string, gated: boolean): Promise<number> {
  if (!gated) {
    const ran = await migrateUp(databaseUrl);
    await migrateJobs(databaseUrl);
    return ran.length;
  }
  const pending = [...(await pendingMigrations(databaseUrl)), ...(await pendingJobMigrations(databaseUrl))];
  if (pending.length === 0) return 0;
  throw new UserError(
    `The schema of the database is behind (${pending.length} to run), and in production they run only when somebody says so. Run: npm run migrate`,
  );
}
