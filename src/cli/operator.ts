import { createInterface } from "node:readline/promises";
import { countOf } from "../analysis/words.ts";
import type { Environment } from "../config.ts";
import { openDatabase } from "../database.ts";
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
  const { migrations, jobs } = await pendingOfOwnSchema(databaseUrl);
  const pending = [...migrations, ...jobs];
  if (pending.length === 0) {
    console.log("The schema is up to date.");
    return;
  }
  const parts = [
    ...(migrations.length === 0 ? [] : [countOf(migrations.length, "migration", "migrations")]),
    ...(jobs.length === 0 ? [] : ["the schema of the job queue"]),
  ];
  console.log(
    `${pending.length} to run, ${parts.join(" and ")}:\n${pending.map((name) => `  ${name}`).join("\n")}`,
  );
  if (!approved) await mustBeApproved();
  await migrateUp(databaseUrl);
  await migrateJobs(databaseUrl);
  console.log(`Ran all ${pending.length}.`);
}

/** After it an older key can be taken out of ENCRYPTION_KEYS. */
export async function reencrypt(url: string, { encryptionKeys }: Environment): Promise<void> {
  if (encryptionKeys === undefined)
    throw new UserError("Set ENCRYPTION_KEYS: the new key first, behind it the one that sealed until now.");
  const database = openDatabase({ url, log: createLog("silent") });
  try {
    const { sealedAnew, all } = await sealAnew(database, createKeyring(encryptionKeys));
    const first = encryptionKeys[0]?.name;
    console.log(
      `Of ${all} stored installations ${sealedAnew} were sealed anew. All are sealed with the key "${first}" now: the others can be taken out.`,
    );
  } finally {
    await database.close();
  }
}

/** Only a person at a terminal is asked: a pipe may never end, and a script says what it means by an option. */
async function mustBeApproved(): Promise<void> {
  if (!process.stdin.isTTY)
    throw new UserError("Nothing was run, since there is no terminal to ask at. Pass --yes.");
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const left = new Promise<string>((resolve) => terminal.once("close", () => resolve("")));
  const answer = await Promise.race([terminal.question("Run them? Type yes: "), left]);
  terminal.close();
  if (answer.trim().toLowerCase() !== "yes")
    throw new UserError("Nothing was run, since the answer was not yes.");
}
