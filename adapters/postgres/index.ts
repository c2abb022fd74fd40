import type { Log } from "../../src/log.ts";
import { prepareBinaries } from "./binaries.ts";
import { createCluster, ensurePassword, hasCluster } from "./cluster.ts";
import { DATABASE, ensureDatabase, urlOf } from "./connection.ts";
import { friendly } from "./failures.ts";
import { type Home, openHome, shelters } from "./home.ts";
import { othersAreUsing, signIn } from "./instances.ts";
import { withLock } from "./lock.ts";
import { findServer } from "./running.ts";
import { startServer, stopServer } from "./server.ts";

export interface EmbeddedPostgres {
  /** postgres://… of the superuser, to the database "loghunter". Holds a password: not for logs. */
  url: string;
  /** Whether this start made the cluster, started an existing one, or joined a running server. */
  how: "created" | "started" | "adopted";
  /** Not always inside the directory that was asked for: see home.ts. */
  dataDirectory: string;
  /** Stops the server unless another instance, of this process or another, still uses it. */
  stop(): Promise<void>;
}

export interface EmbeddedPostgresOptions {
  /** The state folder asked for, such as `<checkout>/.loghunter/postgres`. */
  directory: string;
  log: Log;
  /** False trades safety against a crash of the machine for speed: for tests. */
  durable?: boolean;
  /** Server settings on top of our own; they count when this call starts the server. */
  settings?: Record<string, string>;
  /** For root: folders to try, in order, when the server's account cannot reach `directory`. */
  shelters?: readonly string[];
  /** The folder of the platform package; the installed one by default. */
  package?: string;
}

/**
 * Brings up a PostgreSQL 15 of our own in `directory`, or joins the one that already runs there.
 * Throws a UserError for what the person at the terminal can put right.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const home = await openHome(options.directory, options.shelters ?? shelters());
  return withLock(home.folder, () => bringUp(home, options)).catch((err) => {
    throw friendly(err, home.folder);
  });
}

async function bringUp(home: Home, options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const durable = options.durable ?? true;
  const running = await findServer(home);
  let how: EmbeddedPostgres["how"] = "adopted";
  let server = running;
  if (server === undefined) {
    const binaries = await prepareBinaries(home, options.package);
    how = (await hasCluster(home)) ? "started" : "created";
    if (how === "created") await createCluster(home, binaries, durable);
    else await ensurePassword(home, binaries);
    server = await startServer(home, binaries, settingsFor(durable, options.settings), options.log);
  }
  await ensureDatabase(home, server.port).catch(async (err) => {
    if (how !== "adopted") await stopServer(home, options.package);
    throw err;
  });
  const signOut = await signIn(home.instances);
  options.log.info(
    { how, dataDirectory: home.data, port: server.port, pid: server.pid },
    "embedded postgres",
  );

  let stopping: Promise<void> | undefined;
  const stop = () =>
    withLock(home.folder, async () => {
      await signOut();
      if (!(await othersAreUsing(home.instances))) await stopServer(home, options.package);
    });
  return {
    url: await urlOf(home, server.port, DATABASE),
    how,
    dataDirectory: home.data,
    stop: () => {
      stopping ??= stop();
      return stopping;
    },
  };
}

function settingsFor(durable: boolean, asked: Record<string, string> = {}): Record<string, string> {
  const fast = { fsync: "off", synchronous_commit: "off", full_page_writes: "off" };
  return { ...OWN_SETTINGS, ...(durable ? {} : fast), ...asked };
}

const OWN_SETTINGS = {
  listen_addresses: "127.0.0.1",
  // A socket would stand in /tmp, where every account of the machine can knock.
  unix_socket_directories: "",
  timezone: "UTC",
  log_timezone: "UTC",
  log_checkpoints: "off",
  // A statement or an error's detail may quote a log line, and log lines are never stored.
  log_min_error_statement: "panic",
  log_error_verbosity: "terse",
};
