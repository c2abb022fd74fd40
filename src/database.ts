import pg from "pg";
import { type DatabaseNotices, type Hearing, listenTo } from "./databaseNotices.ts";
import { outageWatch } from "./databaseOutage.ts";
import { UserError } from "./errors.ts";
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
  const outage = outageWatch(log, (error) => isDatabaseDown(error) && !isTooSlow(error));
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
  return withClient(new pg.Client({ ...LOOKING, connectionString: url }), work);
}

/** The same with a role, as the pools take it. */
export async function asRole<T>(url: string, role: string, work: (db: Asked) => Promise<T>): Promise<T> {
  const connectionString = withOptions(url, `-c role=${role} -c timezone=UTC`);
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

/** Of a server that another one has taken over from, or is about to: what was asked can be asked again there. */
const READ_ONLY = "25006";
/** Codes of a server that is going, gone, coming back, or has too much to do: worth another try. PostgreSQL, appendix A. */
const CONNECTION_CODES = new Set([
  ...["57P01", "57P02", "57P03", "08000", "08001", "08003", "08006", READ_ONLY],
  // too_many_connections, out_of_memory, and query_canceled: by the time limit, for nobody cancels.
  ...["53300", "53200", "57014"],
]);
const SOCKET_CODES = new Set(["ECONNREFUSED", "ECONNRESET", "EPIPE", "ENOTFOUND", "ETIMEDOUT"]);

/** What a person is told of a failed database. Of others that they call, people are told by a `UserError` alone. */
class DatabaseTrouble extends UserError {}

/**
 * Whether the database could not be reached or went away, as opposed to having refused what was asked. Logs and models are not reached
 * with the same codes: what a person is told of those is no trouble of the database.
 */
export function isDatabaseDown(error: unknown): boolean {
  if (!(error instanceof Error) || isOfAnother(error)) return false;
  const code = "code" in error ? String(error.code) : "";
  return (
    CONNECTION_CODES.has(code) ||
    SOCKET_CODES.has(code) ||
    /Connection terminated|Query read timeout|timeout expired|timeout exceeded when trying to connect|Client has encountered a connection error/.test(
      error.message,
    ) ||
    isDatabaseDown(error.cause)
  );
}

/** What one statement took too long for; others may well be answered. */
function isTooSlow(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = "code" in error ? error.code : undefined;
  return code === "57014" || /Query read timeout/.test(error.message) || isTooSlow(error.cause);
}

function isOfAnother(error: Error): boolean {
  return error instanceof UserError && !(error instanceof DatabaseTrouble);
}

function isReadOnly(error: unknown): boolean {
  return error instanceof Error && (("code" in error && error.code === READ_ONLY) || isReadOnly(error.cause));
}

/** SQLSTATE disk_full; the embedded default meets it when the machine's disk is. */
export function isDiskFull(error: unknown): boolean {
  return error instanceof Error && (("code" in error && error.code === "53100") || isDiskFull(error.cause));
}

/** What a person can be told of a failed database; undefined where it is not the database that failed. */
export function databaseTrouble(error: unknown): UserError | undefined {
  if (isReadOnly(error)) {
    return new DatabaseTrouble(
      "LogHunter's database can only be read just now, as while another server takes over. Nothing is lost; try again in a minute.",
      { cause: error },
    );
  }
  if (isDatabaseDown(error)) {
    return new DatabaseTrouble(
      "LogHunter's database does not answer. Nothing is lost; try again in a minute.",
      {
        cause: error,
      },
    );
  }
  if (isDiskFull(error)) {
    return new DatabaseTrouble(
      "The disk that holds LogHunter's database is full. Free some space on it, then try again.",
      { cause: error },
    );
  }
  return undefined;
}

/** The commonest mistakes in DATABASE_URL, told without it: it holds a password. */
export function explainUnreachable(error: unknown): unknown {
  if (isReadOnly(error)) {
    return new UserError(
      "The database of DATABASE_URL can only be read. Give the address of the server that takes changes.",
      { cause: error },
    );
  }
  if (isDatabaseDown(error)) {
    return new UserError(
      "The database of DATABASE_URL does not answer. Start it, or correct the host and port.",
      { cause: error },
    );
  }
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "28P01" || code === "28000") {
    return new UserError("The database of DATABASE_URL refuses this user or password. Correct them.", {
      cause: error,
    });
  }
  if (code === "3D000")
    return new UserError("The server of DATABASE_URL has no such database. Create it first.", {
      cause: error,
    });
  return error;
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
    connectionString: withOptions(url, `-c role=${role} -c timezone=UTC`),
    application_name: role.replace("_", "-"),
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
  });
}

function openPool(url: string, role: string, max: number, log: Log): pg.Pool {
  const pool = new pg.Pool({
    // The role of the session, not of a transaction: a query that forgot everything else is still bound.
    connectionString: withOptions(url, `-c role=${role} -c timezone=UTC`),
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

/** In the address, where they join the operator's own options: pg lets the address win over everything else. */
function withOptions(url: string, options: string): string {
  const query = url.indexOf("?");
  const given = query < 0 ? null : new URLSearchParams(url.slice(query)).get("options");
  const all = given === null ? options : `${given} ${options}`;
  return `${url}${query < 0 ? "?" : "&"}options=${encodeURIComponent(all)}`;
}

/** Some connection poolers drop start-up options in silence, and with them the wall between tenants. */
function notBound(role: string): Error {
  return new Error(
    `the database session does not act as ${role}: connect to PostgreSQL itself, or let the pooler pass "options" on`,
  );
}
