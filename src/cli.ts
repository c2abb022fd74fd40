import { createInterface } from "node:readline/promises";
import { parseArgs } from "node:util";
import { readEnvironment } from "./config.ts";
import { UserError } from "./errors.ts";
import { migrateJobs, pendingJobMigrations } from "./jobs/migrate.ts";
import { migrateUp, pendingMigrations } from "./migrations.ts";

const USAGE = "Usage: npm run migrate [-- --yes]";

/** Operator commands. `migrate` shows what will run and waits for a yes: the approval gate of production. */
async function main(): Promise<void> {
  try {
    const { values, positionals } = parseArgs({
      options: { yes: { type: "boolean" } },
      allowPositionals: true,
    });
    if (positionals[0] !== "migrate") throw new UserError(USAGE);
    const { databaseUrl } = readEnvironment(process.env);
    if (databaseUrl === undefined) {
      throw new UserError(
        "Set DATABASE_URL to the database to migrate. The embedded one is migrated at each start.",
      );
    }
    await migrate(databaseUrl, values.yes === true);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}

async function migrate(databaseUrl: string, approved: boolean): Promise<void> {
  const pending = [...(await pendingMigrations(databaseUrl)), ...(await pendingJobMigrations(databaseUrl))];
  if (pending.length === 0) {
    console.log("The schema is up to date.");
    return;
  }
  console.log(
    `These ${pending.length} migrations will run:\n${pending.map((name) => `  ${name}`).join("\n")}`,
  );
  if (!approved && !(await askForYes())) throw new UserError("Nothing was run. Answer yes, or pass --yes.");
  await migrateUp(databaseUrl);
  await migrateJobs(databaseUrl);
  console.log(`Ran ${pending.length} migrations.`);
}

async function askForYes(): Promise<boolean> {
  if (!process.stdin.isTTY) return false;
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question("Run them? Type yes: ");
  terminal.close();
  return answer.trim().toLowerCase() === "yes";
}

await main();
