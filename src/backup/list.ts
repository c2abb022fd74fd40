import type { Variables } from "./connection.ts";
import { failureOf, runProgram } from "./programs.ts";

/** The tables whose rows a dump holds, as "schema name". @throws where it cannot be read */
export async function tablesIn(
  pgRestore: string,
  dump: string,
  env: Variables,
  signal?: AbortSignal,
): Promise<Set<string>> {
  // "3512; 0 16398 TABLE DATA public tenants loghunter"
  const tables = (await readList(pgRestore, dump, env, signal)).matchAll(
    /^\d+; \d+ \d+ TABLE DATA (\S+) (\S+) /gm,
  );
  return new Set([...tables].map(([, schema, name]) => `${schema} ${name}`));
}

/**
 * A dump's list as pg_restore takes it, without what belongs to whoever made the database: the schema "public", and the
 * comments on extensions, which only their owner may write.
 */
export async function entriesOf(
  pgRestore: string,
  dump: string,
  env: Variables,
  signal?: AbortSignal,
): Promise<string> {
  const theirs = /^\d+; \d+ \d+ (SCHEMA - public|COMMENT - (SCHEMA public|EXTENSION)) /;
  return (await readList(pgRestore, dump, env, signal))
    .split("\n")
    .filter((line) => !theirs.test(line))
    .join("\n");
}

async function readList(pgRestore: string, dump: string, env: Variables, signal?: AbortSignal) {
  const options = { env: { PATH: env.PATH ?? "", LC_ALL: "C" }, signal };
  const { code, out, err } = await runProgram(pgRestore, ["--list", dump], options);
  if (code !== 0) throw failureOf(pgRestore, err, dump);
  return out;
}
