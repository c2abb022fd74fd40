// Real PostgreSQL and Redis servers, each with its log in a file.
import { execFileSync, spawn } from "node:child_process";
import { chownSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { sleep } from "./lib/misc.mjs";

// PostgreSQL refuses to run as root: the account that its package made is used then.
const accountOf = (flag) =>
  process.getuid() === 0 ? Number(execFileSync("id", [flag, "postgres"])) : undefined;
const as = { uid: accountOf("-u"), gid: accountOf("-g") };
const bin = process.env.PG_BIN ?? execFileSync("pg_config", ["--bindir"]).toString().trim();

export function ownedByPostgres(dir) {
  mkdirSync(dir, { recursive: true });
  if (as.uid !== undefined) chownSync(dir, as.uid, as.gid);
  return dir;
}

export async function startPostgres({ home, name, port, database, schema, settings, logFile, env }) {
  const data = join(ownedByPostgres(join(home, "data")), name);
  const passwordFile = join(home, "data", `${name}.pw`);
  writeFileSync(passwordFile, "superuser-pw\n", { mode: 0o644 });
  execFileSync(
    join(bin, "initdb"),
    [
      "-D",
      data,
      "-U",
      "postgres",
      "-A",
      "scram-sha-256",
      "-E",
      "UTF8",
      "--locale=C",
      `--pwfile=${passwordFile}`,
    ],
    { ...as, env, cwd: "/" },
  );
  const all = {
    port,
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    log_timezone: "UTC",
    log_line_prefix: "%m [%p] %q%u@%d ",
    log_min_duration_statement: "250ms",
    checkpoint_timeout: "3min",
    ...settings,
  };
  const flags = Object.entries(all).flatMap(([key, value]) => ["-c", `${key}=${value}`]);
  const log = openSync(logFile, "a");
  const child = spawn(join(bin, "postgres"), ["-D", data, ...flags], {
    ...as,
    env,
    cwd: "/",
    stdio: ["ignore", log, log],
  });
  const admin = (db) => `postgres://postgres:superuser-pw@127.0.0.1:${port}/${db}`;
  await run(admin("postgres"), [`create database ${database}`]);
  await run(admin(database), schema);
  return child;
}

async function run(connectionString, statements) {
  for (let attempt = 1; ; attempt++) {
    const client = new pg.Client({ connectionString, application_name: "migrate" });
    client.on("error", () => {});
    try {
      await client.connect();
      for (const statement of statements) await client.query(statement);
      await client.end();
      return;
    } catch (error) {
      if (error.code !== "ECONNREFUSED" || attempt === 40) throw error;
      await sleep(250);
    }
  }
}

export const schemaFile = (path) => readFileSync(new URL(path, import.meta.url), "utf8");

export function startRedis({ home, port, password, logFile, env }) {
  const dir = join(home, "data", "sessions");
  mkdirSync(dir, { recursive: true });
  const log = openSync(logFile, "a");
  const flags = [
    "--port",
    port,
    "--bind",
    "127.0.0.1",
    "--requirepass",
    password,
    "--dir",
    dir,
    "--save",
    "60 20",
    "--loglevel",
    "verbose",
  ];
  return spawn(process.env.REDIS_SERVER ?? "redis-server", flags.map(String), {
    env,
    cwd: dir,
    stdio: ["ignore", log, log],
  });
}
