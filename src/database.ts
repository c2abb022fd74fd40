import pg from "pg";
import { addressWith, checkedAddress } from "./databaseAddress.ts";
import { type DatabaseNotices, type Hearing, listenTo } from "./databaseNotices.ts";
import { outageWatch } from "./databaseOutage.ts";
import { isDatabaseAway } from "./databaseTrouble.ts";
import type { Log } from "./log.ts";

/**
 * The two logins' pools. Connections of `app` are bound by row-level security from their first
 * statement on; those of `directory` see ids across tenants and belong to src/tenancy/directory.ts alone.
 */
export interface Database {
  app: pg.Pool;
  directory: pg.Pool;
  /** Everything that is asked of a pool goes through it. */
  watch: WatchDatabase;
  /** How the pools are used just now. */
  pools(): PoolUse[];
  /** Hears what is notified on a channel, on a connection of its own. */
  listen(channel: string, hearing: Hearing): DatabaseNotices;
  close(): Promise<void>;
}

/** Does what asks a pool, and may tell how long that took. */
export type WatchDatabase = <T>(pool: PoolUse["pool"], work: () => Promise<T>) => Promise<T>;

export interface PoolUse {
  pool: "app" | "directory";
  busy: number;
  idle: number;
  most: number;
  /** Queries that wait for a connection. */
  waiting: number;
}

export interface DatabaseOptions {
  /** A login that may take both roles: the owner that ran the migrations. */
  url: string;
  log: Log;
  /** Connections of the app pool at most. */
  maxConnections?: number;
  watch?: WatchDatabase;
}

export function openDatabase({
  url,
  log,
  maxConnections = 10,
  watch = (_, work) => work(),
}: DatabaseOptions): Database {
  const outage = outageWatch(log, isDatabaseAway);
  const app = openPool(url, "loghunter_app", maxConnections, log);
  const directory = openPool(url, "loghunter_directory", 2, log);
  return {
    app,
    directory,
    watch: (pool, work) => watch(pool, () => outage(pool, work)),
    pools: () => [useOf("app", app), useOf("directory", directory)],
    listen: (channel, hearing) =>
      listenTo({ ...hearing, connect: () => connectAs(url, "loghunter_directory"), channel, log }),
    async close() {
      await Promise.all([app.end(), directory.end()]);
    },
  };
}

/** One connection as the login itself, for who looks at the server or its schema. @throws where it cannot be made in time */
export async function asLogin<T>(url: string, work: (db: Asked) => Promise<T>): Promise<T> {
  return withClient(new pg.Client({ ...LOOKING, connectionString: checkedAddress(url) }), work);
}

/** The same with a role, as the pools take it. */
export async function asRole<T>(url: string, role: string, work: (db: Asked) => Promise<T>): Promise<T> {
  const connectionString = addressWith(url, `-c role=${role} -c timezone=UTC`);
  return withClient(new pg.Client({ ...LOOKING, connectionString }), work);
}

/** What a connection is asked. */
export interface Asked {
  query<Row extends object>(text: string, values?: unknown[]): Promise<{ rows: Row[] }>;
}

const LOOKING = {
  application_name: "loghunter-doctor",
  connectionTimeoutMillis: 5_000,
  statement_timeout: 5_000,
  query_timeout: 6_000,
};

async function withClient<T>(client: pg.Client, work: (db: Asked) => Promise<T>): Promise<T> {
  client.on("error", () => undefined); // The query in hand fails with the cause.
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

function useOf(pool: PoolUse["pool"], { totalCount, idleCount, waitingCount, options }: pg.Pool): PoolUse {
  return { pool, busy: totalCount - idleCount, idle: idleCount, most: options.max, waiting: waitingCount };
}

/** JSON that a jsonb column takes: it knows neither NUL nor half a surrogate pair. */
export function toJsonb(value: unknown): string {
  return JSON.stringify(value, (_, inner) =>
    typeof inner === "string" ? inner.replaceAll("\0", "\uFFFD").toWellFormed() : inner,
  );
}

/** PostgreSQL's text cannot hold NUL, and what people type can. */
export function storable(value: unknown): unknown {
  return typeof value === "string" ? value.replaceAll("\0", "\uFFFD") : value;
}

function connectAs(url: string, role: string): pg.Client {
  return new pg.Client({
    connectionString: addressWith(url, `-c role=${role} -c timezone=UTC`),
    application_name: role.replace("_", "-"),
    connectionTimeoutMillis: 5_000,
    // Nothing it is asked takes long, and who stops it waits for the answer.
    query_timeout: 3_000,
    keepAlive: true,
  });
}

function openPool(url: string, role: string, max: number, log: Log): pg.Pool {
  const pool = new pg.Pool({
    // The role of the session, not of a transaction: a query that forgot everything else is still bound.
    connectionString: addressWith(url, `-c role=${role} -c timezone=UTC`),
    max,
    application_name: role.replace("_", "-"),
    connectionTimeoutMillis: 5_000,
    statement_timeout: 30_000,
    // The server's own limit does not help on a connection that is gone without a word.
    query_timeout: 35_000,
    keepAlive: true,
    idle_in_transaction_session_timeout: 60_000,
    verify: (client, done) => {
      client.query<{ role: string }>("select current_user as role").then(
        ({ rows }) => done(rows[0]?.role === role ? undefined : notBound(role)),
        (err: Error) => done(err),
      );
    },
  });
  // Without a listener a connection lost while idle ends the process. The pool has dropped it already.
  pool.on("error", (err) => {
    if (!pool.ending) log.warn({ err: { message: err.message } }, "idle database connection lost");
  });
  // The same for one that is checked out: the query in hand fails with the cause, so nothing is hidden.
  pool.on("connect", (client) => {
    client.on("error", () => undefined);
  });
  return pool;
}

/** Some connection poolers drop start-up options in silence, and with them the wall between tenants. */
function notBound(role: string): Error {
  return new Error(
    `the database session does not act as ${role}: connect to PostgreSQL itself, or let the pooler pass "options" on`,
  );
}
