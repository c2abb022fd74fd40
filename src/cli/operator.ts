import { createInterface } from "node:readline/promises";
import type { Environment } from "../config.ts";
import { openDatabase } from "../database.ts";
import { explainDatabase } from "../databaseAdvice.ts";
import { UserError } from "../errors.ts";
import { migrateJobs } from "../jobs/migrate.ts";
import { createLog } from "../log.ts";
import { migrateUp } from "../migrations.ts";
import { pendingOfOwnSchema } from "../prepareSchema.ts";
import { createKeyring } from "../secrets/keyring.ts";
import { sealAnew } from "../tenancy/installations.ts";

/** The database that is meant. @throws UserError where the environment names none */
export function databaseOf({ databaseUrl }: Environment): string {
  if (databaseUrl !== undefined) return databaseUrl;
  throw new UserError(
    "Set DATABASE_URL to the database that is meant. The embedded one is migrated at each start, and its address stands in STATE_DIR.",
  );
}

/** Shows what will run and waits for a yes: the approval gate of production. */
export async function migrate(databaseUrl: string, approved: boolean): Promise<void> {
  const explain = async (error: unknown) => {
    throw await explainDatabase(error, databaseUrl);
  };
  const pending = await pendingOfOwnSchema(databaseUrl).catch(explain);
  if (pending.length === 0) {
    console.log("The schema is up to date.");
    return;
  }
  console.log(
    `These ${pending.length} migrations will run:\n${pending.map((name) => `  ${name}`).join("\n")}`,
  );
  if (!approved && !(await askForYes("Run them?")))
    throw new UserError("Nothing was run. Answer yes, or pass --yes.");
  await migrateUp(databaseUrl).catch(explain);
  await migrateJobs(databaseUrl).catch(explain);
  console.log(`Ran ${pending.length} migrations.`);
}

/** After it an older key can be taken out of ENCRYPTION_KEYS. */
export async function reencrypt(url: string, { encryptionKeys }: Environment): Promise<void> {
  if (encryptionKeys === undefined)
    throw new UserError("Set ENCRYPTION_KEYS: the new key first, behind it the one that sealed until now.");
  const database = openDatabase({ url, log: createLog("warn") });
  try {
    const { sealedAnew, all } = await sealAnew(database, createKeyring(encryptionKeys)).catch(
      async (error: unknown) => {
        throw await explainDatabase(error, url);
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

async function askForYes(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) return false;
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(`${question} Type yes: `);
  terminal.close();
  return answer.trim().toLowerCase() === "yes";
}
