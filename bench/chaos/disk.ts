import { onDatabase } from "../../test/support/postgres.ts";

/** What PostgreSQL says when its disk is full: https://www.postgresql.org/docs/15/errcodes-appendix.html */
const RAISES = `raise exception 'could not extend file "base/16384/2619": No space left on device' using errcode = '53100'`;

/** Puts a trigger before every write of every table, which lets all through until the disk is said to be full. */
export async function prepareDisk(databaseUrl: string): Promise<void> {
  await onDatabase(databaseUrl, async (client) => {
    await client.query(guard("return new"));
    const { rows } = await client.query<{ name: string }>(
      "select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('public', 'jobs')",
    );
    for (const { name } of rows)
      await client.query(
        `create trigger chaos_disk before insert or update on ${name} for each row execute function public.chaos_disk()`,
      );
  });
}

export async function fillDisk(databaseUrl: string, isFull: boolean): Promise<void> {
  await onDatabase(databaseUrl, (client) => client.query(guard(isFull ? RAISES : "return new")));
}

function guard(body: string): string {
  return `create or replace function public.chaos_disk() returns trigger language plpgsql as $$ begin ${body}; end $$`;
}

/** As after a fail-over to a replica: every transaction may read only, and who is connected has to come again. */
export async function makeReadOnly(databaseUrl: string, isReadOnly: boolean): Promise<void> {
  await onDatabase(databaseUrl, async (client) => {
    const name = new URL(databaseUrl).pathname.slice(1);
    await client.query("set default_transaction_read_only = off");
    await client.query(
      `alter database ${name} set default_transaction_read_only = ${isReadOnly ? "on" : "off"}`,
    );
    await client.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and pid <> pg_backend_pid()",
      [name],
    );
  });
}
