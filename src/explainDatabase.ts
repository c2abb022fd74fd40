import { databaseTrouble, explainUnreachable } from "./database.ts";
import { UserError } from "./errors.ts";

/** Codes of PostgreSQL for what the migrations make: a table, a column, a schema, and a role that a session asks for. */
const NOT_LAID_OUT = new Set(["42P01", "42703", "3F000", "22023"]);
const MAY_NOT = "42501";

/** What an operator met at the database, in words that mend it; as it is where it was not the database. */
export function explainDatabase(error: unknown): unknown {
  if (error instanceof UserError && error.cause === undefined) return error;
  const explained = explainUnreachable(error);
  if (explained !== error) return explained;
  // From here on the database answers: without a cause the shell is told that it failed.
  const trouble = databaseTrouble(error);
  if (trouble !== undefined) return new UserError(trouble.message);
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (NOT_LAID_OUT.has(code))
    return new UserError(
      "LogHunter's schema in the database of DATABASE_URL is not there, or behind. Run: loghunter migrate",
    );
  if (code === MAY_NOT)
    return new UserError(
      "The login of DATABASE_URL lacks rights in LogHunter's database. Use the login that ran its migrations: it owns the tables, and acts as both roles.",
    );
  return error;
}
