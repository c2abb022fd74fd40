import { createInterface } from "node:readline/promises";
import { parseArgs } from "node:util";
import { type Environment, readEnvironment } from "./config.ts";
import { explainUnreachable, openDatabase } from "./database.ts";
import { UserError } from "./errors.ts";
import { migrateJobs, pendingJobMigrations } from "./jobs/migrate.ts";
import { createLog } from "./log.ts";
import { migrateUp, pendingMigrations } from "./migrations.ts";
import { createKeyring } from "./secrets/keyring.ts";
import { sealAnew } from "./tenancy/installations.ts";

const USAGE = `Usage: npm run migrate [-- --yes]    bring the schema of DATABASE_URL up to date
       npm run reencrypt            seal stored tokens with the first of ENCRYPTION_KEYS`;

/** Operator commands. `migrate` shows what will run and waits for a yes: the approval gate of production. */
async function main(): Promise<void> {
  try {
    const { values, positionals } = parseArgs({
      options: { yes: { type: "boolean" } },
      allowPositionals: true,
    });
    const env = readEnvironment(process.env);
    if (positionals[0] === "migrate") return await migrate(databaseOf(env), values.yes === true);
    if (positionals[0] === "reencrypt") return await reencrypt(databaseOf(env), env);
    throw new UserError(USAGE);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}

function databaseOf({ databaseUrl }: Environment): string {
  if (databaseUrl !== undefined) return databaseUrl;
  throw new UserError(
    "Set DATABASE_URL to the database that is meant. The embedded one is migrated at each start, and its address stands in STATE_DIR.",
  );
}

/** After it an older key can be taken out of ENCRYPTION_KEYS. */
async function reencrypt(url: string, { encryptionKeys }: Environment): Promise<void> {
  if (encryptionKeys === undefined)
    throw new UserError("Set ENCRYPTION_KEYS: the new key first, behind it the one that sealed until now.");
  const database = openDatabase({ url, log: createLog("warn") });
  try {
    const { sealedAnew, all } = await sealAnew(database, createKeyring(encryptionKeys)).catch(
      (error: unknown) => {
        throw explainUnreachable(error);
      },
    );
    const first = encryptionKeys[0]?.name;
    console.log(
      `Of ${all} stored installations ${sealedAnew} were sealed anew. All are sealed with the key "${first}" now: the others can be taken out.`,
    );
  } finally {
    await database.close();
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
