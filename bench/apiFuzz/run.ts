import { Agent, request } from "node:http";
import {
  type ApiDocument,
  createDocumentCheck,
  type DocumentCheck,
  nameOf,
} from "../../test/support/api/document.ts";
import { createRequests, type FuzzParts, type FuzzRequest } from "./requests.ts";

export interface RouteRow {
  route: string;
  requests: number;
  /** How many were answered how. */
  statuses: Map<number, number>;
  slowestMs: number;
}

export interface FuzzResult {
  rows: RouteRow[];
  /** What was answered otherwise than it should be, and by what. */
  faults: string[];
}

export interface FuzzRun extends Omit<FuzzParts, "cursors"> {
  url: string;
  requests: number;
}

interface Answer {
  /** 0: none, the connection ended. */
  status: number;
  type: string | undefined;
  text: string;
  ms: number;
}

const AT_ONCE = 4;
/** Nothing that is asked for takes so long. */
const HANGS_MS = 10_000;
/** What the API lets a body have. */
const MOST_BYTES = 256 * 1024;

/** Asks all routes, and holds each answer against the document. */
export async function runFuzz({ url, requests, ...parts }: FuzzRun): Promise<FuzzResult> {
  const cursors: string[] = [];
  const next = createRequests({ ...parts, cursors });
  const check = createDocumentCheck(parts.document);
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const rows = new Map<string, RouteRow>();
  const faults: string[] = [];
  let asked = 0;

  async function ask(): Promise<void> {
    while (asked < requests) {
      asked++;
      const sent = next();
      const answer = await send(url, agent, sent);
      const fault = faultOf(check, parts.document, sent, answer);
      if (fault !== undefined)
        faults.push(`${fault}\n    ${told(sent)}\n    ${answer.status} ${answer.text.slice(0, 300)}`);
      const cursor = /"nextCursor":"([^"]+)"/.exec(answer.text)?.[1];
      if (cursor !== undefined) cursors.push(cursor);
      count(rows, sent, answer);
    }
  }

  await Promise.all(Array.from({ length: AT_ONCE }, ask));
  agent.destroy();
  return { rows: [...rows.values()], faults };
}

function count(rows: Map<string, RouteRow>, { operation }: FuzzRequest, { status, ms }: Answer): void {
  const route = nameOf(operation);
  const row = rows.get(route) ?? { route, requests: 0, statuses: new Map(), slowestMs: 0 };
  row.requests++;
  row.statuses.set(status, (row.statuses.get(status) ?? 0) + 1);
  row.slowestMs = Math.max(row.slowestMs, ms);
  rows.set(route, row);
}

function faultOf(
  check: DocumentCheck,
  { operations }: ApiDocument,
  sent: FuzzRequest,
  answer: Answer,
): string | undefined {
  const { status, ms, text } = answer;
  const { operation, odd, method, body } = sent;
  if (ms >= HANGS_MS) return "hangs";
  if (sent.isCutOff) return undefined;
  // A body that is too large is refused before all of it was read, and who still writes may not hear of it.
  if (status === 0) return (body?.length ?? 0) > MOST_BYTES ? undefined : "no answer";
  if (status >= 500) return "fails";
  if (method === "HEAD") return text === "" ? undefined : "HEAD has a body";
  const asked = operations.find((one) => one.path === operation.path && one.method === method);
  const isElsewhere =
    asked === undefined || ((status === 404 || status === 405) && odd.includes("path parameter"));
  return check.answerFault(isElsewhere ? { ...operation, responses: ELSEWHERE } : asked, answer);
}

/** What is not there at all is in no operation of the document, and refused like everything else. */
const PROBLEM = { $ref: "#/components/schemas/Problem" };
const ELSEWHERE = Object.fromEntries(
  [400, 404, 405, 413, 415].map((status) => [
    status,
    { description: "", content: { "application/problem+json": { schema: PROBLEM } } },
  ]),
);

function told({ odd, method, target, headers, body }: FuzzRequest): string {
  const { authorization, ...rest } = headers;
  const auth = odd.includes("Authorization") ? { authorization: authorization?.slice(0, 40) } : {};
  return `[${odd.join(", ")}] ${method} ${target.slice(0, 300)} ${JSON.stringify({ ...rest, ...auth }).slice(0, 300)} ${body?.toString().slice(0, 300) ?? ""}`;
}

function send(
  url: string,
  agent: Agent,
  { method, target, headers, body, isCutOff }: FuzzRequest,
): Promise<Answer> {
  const fromMs = performance.now();
  return new Promise((resolve) => {
    const end = (status: number, type: string | undefined, text: string) =>
      resolve({ status, type, text, ms: performance.now() - fromMs });
    const length: Record<string, string> =
      body === undefined || headers["transfer-encoding"] !== undefined
        ? {}
        : { "content-length": String(isCutOff ? body.length + 10 : body.length) };
    const sent = request(
      url,
      {
        method,
        path: target,
        agent,
        headers: { ...headers, ...length },

        timeout: HANGS_MS,
      },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        const whole = () =>
          end(answer.statusCode ?? 0, answer.headers["content-type"], Buffer.concat(chunks).toString());
        answer.on("end", whole);
        answer.on("error", whole);
      },
    );
    sent.on("error", () => end(0, undefined, ""));
    sent.on("timeout", () => sent.destroy());
    if (isCutOff) {
      sent.write(body);
      setTimeout(() => sent.destroy(), 5);
    } else sent.end(body);
  });
}
