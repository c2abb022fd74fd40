import pg from "pg";
import { checkedAddress } from "../databaseAddress.ts";
import { explainUnreachable } from "../databaseTrouble.ts";

/** Variables of the environment, as Node gives them. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** Shown in pg_stat_activity; who it is that uses the database. */
const NAME = "loghunter-backup";

/** Nothing that would lead to another server than the address does. */
const INHERITED = /^(PATH|HOME|PGPASSFILE|PGCHANNELBINDING|PG(SSL|GSS|KRB)[A-Z]+)$/;

/** Parameters of an address that libpq reads from a variable. */
const BY_PARAMETER: Readonly<Record<string, string>> = {
  sslmode: "PGSSLMODE",
  sslrootcert: "PGSSLROOTCERT",
  sslcert: "PGSSLCERT",
  sslkey: "PGSSLKEY",
  options: "PGOPTIONS",
  channel_binding: "PGCHANNELBINDING",
};

/**
 * How PostgreSQL's own programs reach the database: by their environment, which only their own account can read, and
 * never by their arguments, which everybody on the machine can.
 * @param inherited of which they get what leads to programs, a password file and certificates
 */
export function libpqEnvironment(url: string, inherited: Variables): Record<string, string> {
  const given = Object.entries(inherited).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && INHERITED.test(entry[0]),
  );
  const { host, port, user, database, password } = new pg.Client({ connectionString: checkedAddress(url) });
  const env: Record<string, string> = {
    ...Object.fromEntries(given),
    LC_ALL: "C", // Their words are looked at, to say what mends a failure.
    PGHOST: host,
    PGPORT: String(port),
    PGAPPNAME: NAME,
    PGCONNECT_TIMEOUT: "10",
    ...(user !== undefined && { PGUSER: user }),
    ...(database !== undefined && { PGDATABASE: database }),
    ...(typeof password === "string" && { PGPASSWORD: password }),
  };
  const query = url.indexOf("?");
  for (const [name, value] of new URLSearchParams(query < 0 ? "" : url.slice(query))) {
    const variable = BY_PARAMETER[name];
    // What only Node's client knows: encrypted, without looking at the certificate.
    if (variable !== undefined) env[variable] = value === "no-verify" ? "require" : value;
  }
  return env;
}

/** @throws UserError where the database does not answer or does not let us in */
export async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({
    connectionString: checkedAddress(url),
    application_name: NAME,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  });
  client.on("error", () => undefined); // A lost connection fails the query in hand, which says why.
  await client.connect().catch((error: unknown) => {
    throw explainUnreachable(error, url);
  });
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** The same server, another database. */
export function withDatabase(url: string, database: string): string {
  const other = new URL(url);
  other.pathname = `/${database}`;
  return other.href;
}

/** The major version of the server: 15. */
export async function serverMajor(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ number: string }>(
    "select current_setting('server_version_num') as number",
  );
  return Math.floor(Number(rows[0]?.number) / 10_000);
}
