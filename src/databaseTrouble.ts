import { UserError } from "./errors.ts";

/** Of a server that another one has taken over from, or is about to: what was asked can be asked again there. */
const READ_ONLY = "25006";
/** Codes of a server that is going, gone, coming back, or has too much to do: worth another try. PostgreSQL, appendix A. */
const CONNECTION_CODES = new Set([
  ...["57P01", "57P02", "57P03", "08000", "08001", "08003", "08006", READ_ONLY],
  // too_many_connections, out_of_memory, and query_canceled: by the time limit, for nobody cancels.
  ...["53300", "53200", "57014"],
]);
const SOCKET_CODES = new Set([
  ...["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT"],
  ...["ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"],
]);

/** What a person is told of a failed database. Of others that they call, people are told by a `UserError` alone. */
class DatabaseTrouble extends UserError {}

/**
 * Whether the database could not be reached or went away, as opposed to having refused what was asked. Logs and models are not reached
 * with the same codes: what a person is told of those is no trouble of the database.
 */
export function isDatabaseDown(error: unknown): boolean {
  if (!(error instanceof Error) || isOfAnother(error)) return false;
  const code = codeOf(error);
  return (
    CONNECTION_CODES.has(code) ||
    SOCKET_CODES.has(code) ||
    /Connection terminated|Query read timeout|timeout expired|timeout exceeded when trying to connect|Client has encountered a connection error/.test(
      error.message,
    ) ||
    isDatabaseDown(error.cause)
  );
}

/** The same, but for one statement that took too long: others may well be answered. */
export function isDatabaseAway(error: unknown): boolean {
  return isDatabaseDown(error) && !isTooSlow(error);
}

function isTooSlow(error: unknown): boolean {
  return (
    error instanceof Error &&
    (codeOf(error) === "57014" || /Query read timeout/.test(error.message) || isTooSlow(error.cause))
  );
}

function isOfAnother(error: Error): boolean {
  return error instanceof UserError && !(error instanceof DatabaseTrouble);
}

/** SQLSTATE disk_full; the embedded default meets it when the machine's disk is. */
export function isDiskFull(error: unknown): boolean {
  return hasCode(error, "53100");
}

/** Whether it has that code, or what caused it has. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && (codeOf(error) === code || hasCode(error.cause, code));
}

/** PostgreSQL's or Node's; "" where it has none. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

/** What a person can be told of a failed database; undefined where it is not the database that failed. */
export function databaseTrouble(error: unknown): UserError | undefined {
  if (hasCode(error, READ_ONLY)) {
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
export function explainUnreachable(error: unknown, url = ""): unknown {
  if (hasCode(error, READ_ONLY)) {
    return new UserError(
      "The database of DATABASE_URL can only be read. Give the address of the server that takes changes.",
      { cause: error },
    );
  }
  if (hasCode(error, "53300")) {
    return new UserError(
      "The server of DATABASE_URL takes no more connections of this user. Raise its limit (max_connections, or the connection limit of the role or the database).",
      { cause: error },
    );
  }
  if (isDatabaseDown(error) || isNoSocket(error)) {
    return new UserError(
      "The database of DATABASE_URL does not answer. Start it, or correct the host and port.",
      { cause: error },
    );
  }
  const code = codeOf(error);
  // The name of the file stands in it whatever language the server speaks.
  if (code === "28000" && /pg_hba\.conf/.test((error as Error).message)) {
    return new UserError(
      "The server of DATABASE_URL lets this user in from here only otherwise, or not at all, by its pg_hba.conf. Where it asks for encryption add sslmode=require to the address, else allow this host there.",
      { cause: error },
    );
  }
  if (code === "28P01" || code === "28000") {
    return new UserError("The database of DATABASE_URL refuses this user or password. Correct them.", {
      cause: error,
    });
  }
  const tls = tlsTrouble(error, url);
  if (tls !== undefined) return new UserError(tls, { cause: error });
  if (code === "3D000")
    return new UserError("The server of DATABASE_URL has no such database. Create it first.", {
      cause: error,
    });
  return error;
}

/** What is wrong with the encryption that the address asks for: Node's codes, https://nodejs.org/api/tls.html#x509-certificate-error-codes */
function tlsTrouble(error: unknown, url: string): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = codeOf(error);
  if (/does not support SSL/.test(error.message))
    return "The server of DATABASE_URL offers no TLS. Switch ssl on there, or leave sslmode out of the address.";
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID")
    return "The certificate of DATABASE_URL's server is for another name. Give the host the name that the certificate has.";
  if (/CERT|UNABLE_TO_(?:VERIFY|GET_ISSUER)/.test(code))
    return "The certificate of DATABASE_URL's server is not trusted. Name the file of its authority in the address: sslrootcert=/path/ca.pem.";
  if ((code === "ENOENT" || code === "EACCES") && filesOf(url).includes(pathOf(error)))
    return "A file that DATABASE_URL names (sslrootcert, sslcert or sslkey) cannot be read. Correct its path or its rights.";
  return undefined;
}

/** The driver reads them when it is given the address. */
function filesOf(url: string): string[] {
  const named = new URLSearchParams(url.slice(url.indexOf("?") + 1));
  return ["sslrootcert", "sslcert", "sslkey"].flatMap((name) => named.getAll(name));
}

function pathOf(error: Error): string {
  return "path" in error ? String(error.path) : "";
}

/** Of an address that leads to a socket in a folder. */
function isNoSocket(error: unknown): boolean {
  return /^(?:ENOENT|EACCES)$/.test(codeOf(error)) && (error as NodeJS.ErrnoException).syscall === "connect";
}
