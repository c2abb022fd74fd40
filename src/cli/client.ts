import { z } from "zod";
import { CliError, EXIT, type ExitCode } from "./exit.ts";
import { plain } from "./terminal.ts";
import { explainTls } from "./tls.ts";

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
/** What an earlier try began is done within a minute, or by whoever asks then. */
const TRIES_IN_HAND = 32;
/** A script gets over a restart of the database. */
const MOST_WAIT_S = 65;
/** Somebody at a terminal would rather know, and ask again. */
const MOST_WAITED_S = 10;

export interface ClientParts {
  /** Without /v1. */
  url: string;
  key: string;
  /** Names a request that may be sent again. */
  newId: () => string;
  pause: (ms: number) => Promise<void>;
  fetch: typeof fetch;
  /** Tells what is waited for, once. */
  tell: (text: string) => void;
  /** Somebody sits before it. */
  someoneWaits: boolean;
}

interface Answer {
  ok: boolean;
  status: number;
  /** How long to wait before the same is asked again; undefined: it is answered. */
  waitS: number | undefined;
  body: unknown;
}

/** @throws CliError where the address would show the key to whoever listens on the way. */
export function createClient({ url, key, newId, pause, fetch, tell, someoneWaits }: ClientParts): Client {
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
    let told = false;
    let tries = TRIES;
    for (let attempt = 1; ; attempt++) {
      const answer = await once(address, {
        method,
        headers,
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const waitS = answer === undefined ? 1 : answer.waitS;
      // The answer to that was lost, and this request is the only one that gets it.
      if (answer?.status === 409 && waitS !== undefined) tries = TRIES_IN_HAND;
      if (attempt >= tries || waitS === undefined || waitS > (someoneWaits ? MOST_WAITED_S : MOST_WAIT_S)) {
        if (answer === undefined) throw unreachable(base);
        return read<T>(answer);
      }
      const why = answer === undefined ? `LogHunter does not answer at ${base}` : firstSentence(answer);
      if (!told) tell(`${why}; trying again for up to ${(tries - attempt) * Math.max(1, waitS)} s.`);
      told = true;
      await pause(waitS * 1_000);
    }
  }

  async function once(address: URL, init: RequestInit): Promise<Answer | undefined> {
    try {
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      const answer = await fetch(address, { ...init, redirect: "error", signal });
      const { ok, status } = answer;
      // An answer that breaks off is none.
      return { ok, status, waitS: waitOf(answer), body: readJson(await answer.text()) };
    } catch (error) {
      const refused = explainTls(error, base);
      if (refused !== undefined) throw refused;
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

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function waitOf({ status, headers }: Response): number | undefined {
  const isInHand = status === 409 && headers.has("retry-after");
  if (status !== 429 && status !== 503 && !isInHand) return undefined;
  const seconds = Number(headers.get("retry-after") ?? "1");
  return Number.isFinite(seconds) ? seconds : 1;
}

function read<T>(answer: Answer): T {
  if (!answer.ok) throw new CliError(detailOf(answer), codeOf(answer.status));
  // A page of something else: a proxy's own, or of another program that has the port.
  if (typeof answer.body !== "object" || answer.body === null)
    throw new CliError(detailOf(answer), EXIT.unreachable);
  return answer.body as T;
}

function detailOf({ body, status }: Answer): string {
  const problem = Problem.safeParse(body);
  // It may name services, whose names come from logs.
  return problem.success
    ? problem.data.detail.split("\n").map(plain).join("\n")
    : `What answered is not LogHunter's API (HTTP ${status}).`;
}

/** What is wrong; what to do about it is done just now. */
function firstSentence(answer: Answer): string {
  return detailOf(answer).replace(/[.!?](\s.*)?$/s, "");
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
