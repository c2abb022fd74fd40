import { KEY_PATTERN } from "../../../src/keys/apiKey.ts";
import { createHashing } from "../../../src/keys/hashing.ts";
import { actingOutside, issueKey, keyWasShown } from "../../../src/keys/issue.ts";
import type { KeyScope } from "../../../src/keys/scopes.ts";
import type { TenantScope } from "../../../src/tenancy/scope.ts";
import type { RecordingPlatform } from "../recordingPlatform.ts";
import { createDocumentCheck, operationOf, readDocument } from "./document.ts";

/** Whoever may make keys in the tests' workspaces. */
export const ADMIN = { id: "admin", name: "Ada", platformAdmin: true };

export interface Answer<Body> {
  status: number;
  headers: Headers;
  text: string;
  /** As the test that asked expects it. */
  body: Body;
  ms: number;
}

export interface Asked {
  key?: string | undefined;
  /** A string is sent as it is, everything else as JSON. */
  body?: unknown;
  headers?: Record<string, string>;
}

/** Asks an API. The path may begin with /v1. */
export type Ask = <Body = unknown>(method: string, path: string, asked?: Asked) => Promise<Answer<Body>>;

/** Throws where an answer is not as the API's own document says. */
export async function createHeldAsk(apiUrl: string): Promise<Ask> {
  const document = await readDocument(apiUrl);
  const check = createDocumentCheck(document);
  const ask = createAsk(apiUrl);
  return async <Body>(method: string, path: string, asked?: Asked) => {
    const answer = await ask<Body>(method, path, asked);
    const whole = path.startsWith("/v1") ? path : `/v1${path}`;
    const operation = operationOf(document, method, whole);
    const { status, headers, text } = answer;
    const type = headers.get("content-type") ?? undefined;
    const fault = operation && check.answerFault(operation, { status, type, text });
    if (fault !== undefined) throw new Error(`${method} ${whole}: ${fault}\n${text.slice(0, 500)}`);
    return answer;
  };
}

export function createAsk(apiUrl: string): Ask {
  return async <Body>(method: string, path: string, { key, body, headers }: Asked = {}) => {
    const fromMs = performance.now();
    const answer = await fetch(`${apiUrl}${path.startsWith("/v1") ? path : `/v1${path}`}`, {
      method,
      headers: {
        ...(key !== undefined && { authorization: `Bearer ${key}` }),
        ...(body !== undefined && { "content-type": "application/json" }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    const ms = performance.now() - fromMs;
    return { status: answer.status, headers: answer.headers, text, body: JSON.parse(text) as Body, ms };
  };
}

/** Makes a key as an admin does, in the channel `keys`. @returns undefined where there is one of that name already */
export async function makeKeyInChat(
  chat: RecordingPlatform,
  name: string,
  scopes: readonly string[],
): Promise<string | undefined> {
  const options = { name, scopes: scopes.join(",") };
  const reply = await chat.fill("keys create", options, { channel: "keys", by: ADMIN });
  return KEY_PATTERN.exec(JSON.stringify(reply))?.[0];
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** What a quarter of them does not come to: what else the machine does is in the others. */
export function quickQuarter(values: readonly number[]): number {
  return quantile(values, 0.25);
}

function quantile(values: readonly number[], part: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * part)] ?? Number.NaN;
}

/** Makes a key as the operator does at the terminal. */
export async function issueTestKey(
  scope: TenantScope,
  name: string,
  scopes: readonly KeyScope[],
): Promise<string> {
  const acting = await actingOutside(scope, { kind: "operator" });
  const issued = await issueKey(acting, { name, scopes }, createHashing(4));
  await keyWasShown(acting, issued, Date.now());
  return issued.raw.raw;
}
