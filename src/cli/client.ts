import { z } from "zod";
import { CliError, EXIT, type ExitCode } from "./exit.ts";

/** The HTTP API, as the command line asks it. */
export interface Client {
  get<T = unknown>(path: string, query?: Record<string, string | undefined>): Promise<T>;
  /** Sent again by itself where the answer was lost: it is done once. */
  post<T = unknown>(path: string, body: object): Promise<T>;
  put<T = unknown>(path: string, body: object): Promise<T>;
  remove<T = unknown>(path: string): Promise<T>;
}

const Problem = z.object({ detail: z.string() });
const TIMEOUT_MS = 60_000;
const TRIES = 3;
const MOST_WAIT_S = 65;

export interface ClientParts {
  /** Without /v1. */
  url: string;
  key: string;
  /** Names a request that may be sent again. */
  newId: () => string;
  pause: (ms: number) => Promise<void>;
  fetch: typeof fetch;
}

/** @throws CliError where the address would show the key to whoever listens on the way. */
export function createClient({ url, key, newId, pause, fetch }: ClientParts): Client {
  const base = readAddress(url);

  async function ask<T>(
    method: string,
    path: string,
    { query = {}, body }: { query?: Record<string, string | undefined>; body?: object } = {},
  ): Promise<T> {
    const address = new URL(`${base}/v1${path}`);
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) address.searchParams.set(name, value);
    const headers = {
      authorization: `Bearer ${key}`,
      accept: "application/json",
      ...(body !== undefined && { "content-type": "application/json" }),
      ...(method === "POST" && { "idempotency-key": newId() }),
    };
    for (let attempt = 1; ; attempt++) {
      const answer = await once(address, {
        method,
        headers,
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const waitS = answer === undefined ? 1 : waitOf(answer);
      if (answer !== undefined && waitS === undefined) return read<T>(answer);
      if (attempt >= TRIES || (waitS ?? 0) > MOST_WAIT_S) {
        if (answer === undefined) throw unreachable(base);
        return read<T>(answer);
      }
      await pause((waitS ?? 1) * 1_000);
    }
  }

  async function once(address: URL, init: RequestInit): Promise<Response | undefined> {
    try {
      return await fetch(address, { ...init, redirect: "error", signal: AbortSignal.timeout(TIMEOUT_MS) });
    } catch {
      return undefined;
    }
  }

  return {
    get: (path, query = {}) => ask("GET", path, { query }),
    post: (path, body) => ask("POST", path, { body }),
    put: (path, body) => ask("PUT", path, { body }),
    remove: (path) => ask("DELETE", path),
  };
}

/** How long to wait before the same is asked again; undefined: it is answered. */
function waitOf({ status, headers }: Response): number | undefined {
  if (status !== 429 && status !== 503) return undefined;
  const seconds = Number(headers.get("retry-after") ?? "1");
  return Number.isFinite(seconds) ? seconds : 1;
}

async function read<T>(answer: Response): Promise<T> {
  const body: unknown = await answer.json().catch(() => undefined);
  if (answer.ok) return body as T;
  const problem = Problem.safeParse(body);
  throw new CliError(
    problem.success ? problem.data.detail : `What answered is not LogHunter's API (HTTP ${answer.status}).`,
    codeOf(answer.status),
  );
}

function codeOf(status: number): ExitCode {
  if (status === 401 || status === 403) return EXIT.notAllowed;
  if (status === 429 || status === 503) return EXIT.unreachable;
  return status >= 500 ? EXIT.failed : EXIT.refused;
}

function unreachable(base: string): CliError {
  return new CliError(
    `LogHunter does not answer at ${base}. Start it, or name another address with LOGHUNTER_URL.`,
    EXIT.unreachable,
  );
}

function readAddress(url: string): string {
  let address: URL;
  try {
    address = new URL(url);
  } catch {
    throw new CliError(`LOGHUNTER_URL is no address: "${url.slice(0, 80)}".`, EXIT.usage);
  }
  const isHere = ["127.0.0.1", "localhost", "[::1]"].includes(address.hostname);
  if (address.protocol === "https:" || (address.protocol === "http:" && isHere))
    return address.href.replace(/\/+$/, "");
  throw new CliError(
    "LOGHUNTER_URL begins with https://, unless LogHunter is on this machine: the key would be there for all to read on the way.",
    EXIT.usage,
  );
}
