import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { gunzipSync } from "node:zlib";
import { Redis } from "ioredis";
import type pg from "pg";

/** Something that was written down somewhere. */
export interface Heap {
  place: string;
  text: string;
}

/** Keeps each row that is written from now on, also where it is changed or deleted before anybody looks. */
export async function keepAllRows(client: pg.Client): Promise<void> {
  await client.query(`\
create schema kept;
create table kept.rows (of text, row text);
create function kept.keep() returns trigger language plpgsql security definer as $$
begin insert into kept.rows values (tg_table_schema || '.' || tg_table_name, new::text); return null; end $$`);
  for (const { name } of await tablesOf(client, "'kept'"))
    await client.query(
      `create trigger zz_keep after insert or update on ${name} for each row execute function kept.keep()`,
    );
}

/** Every column of every row of every table, and what `keepAllRows` kept. */
export async function databaseHeaps(client: pg.Client): Promise<Heap[]> {
  const heaps: Heap[] = [];
  for (const { name } of await tablesOf(client)) {
    const { rows } = await client.query<{ row: string }>(`select t::text as row from ${name} t`);
    heaps.push({ place: `table ${name}`, text: rows.map(({ row }) => row).join("\n") });
  }
  return heaps;
}

async function tablesOf(client: pg.Client, without = "''"): Promise<{ name: string }[]> {
  const { rows } = await client.query<{ name: string }>(`\
select format('%I.%I', schemaname, tablename) as name from pg_tables t
join pg_class c on c.oid = format('%I.%I', schemaname, tablename)::regclass and c.relkind = 'r'
where schemaname not in ('pg_catalog', 'information_schema', ${without})`);
  return rows;
}

/** As an operator saves it; undefined where there is no pg_dump that fits the server. */
export async function databaseDump(url: string): Promise<Heap | undefined> {
  try {
    const { stdout } = await promisify(execFile)("pg_dump", ["--dbname", url], { maxBuffer: 2 ** 28 });
    return { place: "pg_dump", text: stdout };
  } catch {
    return undefined;
  }
}

/** The files in which the server keeps a database's own tables and indexes, with what was deleted from them, and its log. */
export async function databaseFiles(client: pg.Client): Promise<Heap[]> {
  await client.query("checkpoint");
  const { rows } = await client.query<{ folder: string; path: string }>(`\
select current_setting('data_directory') as folder, pg_relation_filepath(c.oid) as path
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname not in ('pg_catalog', 'information_schema') and (
  n.nspname <> 'pg_toast' or exists (
    select from pg_class o where o.reltoastrelid = c.oid and o.relnamespace <> 'pg_catalog'::regnamespace))
  and pg_relation_filepath(c.oid) is not null`);
  const folder = rows[0]?.folder ?? "";
  const files = rows.map(({ path }) => join(folder, path));
  const there = [...files, join(dirname(folder), "server.log")].filter((file) => existsSync(file));
  return Promise.all(
    there.map(async (file) => ({ place: `file ${file}`, text: await readFile(file, "latin1") })),
  );
}

/** Names and values of all that Redis has, unpacked where it is packed. */
export async function redisHeaps(url: string): Promise<Heap[]> {
  const redis = new Redis(url);
  try {
    const heaps: Heap[] = [];
    for await (const keys of redis.scanStream({ count: 500 }))
      for (const key of keys as string[])
        heaps.push({ place: `Redis ${key}`, text: `${key}\n${unpacked(await valueIn(redis, key))}` });
    return heaps;
  } finally {
    redis.disconnect();
  }
}

async function valueIn(redis: Redis, key: string): Promise<string> {
  switch (await redis.type(key)) {
    case "string":
      return (await redis.get(key)) ?? "";
    case "hash":
      return JSON.stringify(await redis.hgetall(key));
    case "list":
      return (await redis.lrange(key, 0, -1)).join("\n");
    case "set":
      return (await redis.smembers(key)).join("\n");
    case "zset":
      return (await redis.zrange(key, 0, "-1", "WITHSCORES")).join("\n");
    case "stream":
      return JSON.stringify(await redis.xrange(key, "-", "+"));
    case "none":
      return ""; // Its time was over.
    default:
      throw new Error(`nobody knows how to read ${key}`);
  }
}

/** The base64 of what gzip made begins so. */
function unpacked(value: string): string {
  return value.startsWith("H4sI")
    ? `${value}\n${gunzipSync(Buffer.from(value, "base64")).toString()}`
    : value;
}

/** All files below a folder, with their names. */
export async function fileHeaps(folder: string): Promise<Heap[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return Promise.all(
    entries.map(async (entry) => {
      const path = join(entry.parentPath, entry.name);
      return {
        place: `file ${path}`,
        text: `${path}\n${entry.isFile() ? await readFile(path, "latin1") : ""}`,
      };
    }),
  );
}

/** What others on the machine see of a process, and what it was given; nothing where the system does not tell. */
export async function processHeaps(pid: number): Promise<Heap[]> {
  const files = ["cmdline", "environ"]
    .map((name) => `/proc/${pid}/${name}`)
    .filter((file) => existsSync(file));
  return Promise.all(files.map(async (place) => ({ place, text: await readFile(place, "latin1") })));
}
