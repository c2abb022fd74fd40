import { readFile } from "node:fs/promises";
import { Agent, type Dispatcher, ProxyAgent } from "undici";
import { UserError } from "../../src/errors.ts";

/** How one Loki, or the gateway before it, is reached. */
export interface LokiConnection {
  /** With the path before `/loki/api`, where there is one. */
  url: string;
  username?: string;
  password?: string;
  /** A bearer token, instead of a user. */
  token?: string;
  /** Files in PEM form: an own authority, and a client certificate with its key. */
  caFile?: string;
  certFile?: string;
  keyFile?: string;
  /** Address of an HTTP proxy. */
  proxy?: string;
}

/** A connection that is open: where to, with which headers, through what. */
export interface OpenConnection {
  /** Without a slash at its end. */
  base: string;
  headers: Readonly<Record<string, string>>;
  dispatcher: Dispatcher;
  close(): Promise<void>;
}

/** Longer than Loki works on a query; what it takes is bounded per request. */
const CONNECT_TIMEOUT_MS = 5_000;

/** @throws UserError naming the setting that cannot be used. */
export async function openConnection(connection: LokiConnection): Promise<OpenConnection> {
  const url = new URL(connection.url);
  if (url.username !== "" || url.password !== "") {
    throw new UserError("LOKI_URL holds a user or password. Put them into LOKI_USERNAME and LOKI_PASSWORD.");
  }
  const [ca, cert, key] = await Promise.all([
    pem(connection.caFile, "LOKI_CA_FILE"),
    pem(connection.certFile, "LOKI_CERT_FILE"),
    pem(connection.keyFile, "LOKI_KEY_FILE"),
  ]);
  const tls = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
  // Idle sockets are given back before gateways close them (60 s is usual), which would look like a cut query.
  const options = {
    keepAliveTimeout: 10_000,
    keepAliveMaxTimeout: 30_000,
    headersTimeout: 0,
    bodyTimeout: 0,
  };
  const dispatcher =
    connection.proxy === undefined
      ? new Agent({ ...options, connect: { ...tls, timeout: CONNECT_TIMEOUT_MS } })
      : new ProxyAgent({ ...options, uri: connection.proxy, requestTls: tls });
  return {
    base: `${url.origin}${url.pathname.replace(/\/+$/, "")}`,
    headers: authorization(connection),
    dispatcher,
    close: () => dispatcher.destroy(),
  };
}

function authorization({ username, password, token }: LokiConnection): Record<string, string> {
  if (token !== undefined) return { authorization: `Bearer ${token}` };
  if (username === undefined && password === undefined) return {};
  return {
    authorization: `Basic ${Buffer.from(`${username ?? ""}:${password ?? ""}`, "utf8").toString("base64")}`,
  };
}

async function pem(file: string | undefined, setting: string): Promise<string | undefined> {
  if (file === undefined) return undefined;
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    throw new UserError(`The file of ${setting} cannot be read. Correct its path or its rights.`, { cause });
  }
}
