import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { type Answer, answer } from "./endpoints.ts";
import { type Fault, type FaultKind, Faults } from "./faults.ts";
import { rulesOf } from "./rules.ts";
import { Shelf } from "./shelf.ts";

export interface StandInLine {
  labels: Record<string, string>;
  atNs: bigint;
  text: string;
  metadata?: Record<string, string>;
}

export interface StandInLimits {
  /** 5,000 */
  maxEntries: number;
  /** 500 */
  maxSeries: number;
  /** 30 days and an hour. */
  maxQueryLengthMs: number;
  /** 0 for no limit. */
  maxLookbackMs: number;
  volumeEnabled: boolean;
  /** 11,000 */
  points: number;
}

export interface StandInOptions {
  tenants?: Record<string, readonly StandInLine[]>;
  limits?: Partial<StandInLimits>;
  /** "3.7.6". Below 3 there are no categorised labels, no `detected_level`, no `service_name` made up, no /drilldown-limits. */
  version?: string;
  /** Whether lines get `detected_level` as metadata, as Loki 3 gives it. */
  detectedLevel?: boolean;
  /** Answers of more than a few hundred bytes are compressed for who asks. */
  gzip?: boolean;
  /** "/loki-behind-a-proxy": part of `url`; elsewhere is nothing. */
  pathPrefix?: string;
  auth?: { basic: string } | { bearer: string };
  now?: () => number;
}

export interface StandInRequest {
  method: string;
  /** Without the prefix. */
  path: string;
  params: URLSearchParams;
  org: string | undefined;
  headers: Record<string, string>;
}

export interface StandInLoki {
  url: string;
  /** Everything asked, in order. */
  requests: StandInRequest[];
  push(org: string, lines: readonly StandInLine[]): void;
  /** The next request(s) that match get this instead of an answer. */
  fault(fault: Fault): void;
  close(): Promise<void>;
}

/**
 * A server on the loopback that answers as Loki 3.7 does, from lines in memory; what the recordings in
 * test/fixtures/loki show is kept to (standIn.test.ts). What Loki knows and this does not is answered with 501.
 */
export async function startStandInLoki(options: StandInOptions = {}): Promise<StandInLoki> {
  const rules = rulesOf(options);
  const shelf = new Shelf(rules);
  for (const [org, lines] of Object.entries(options.tenants ?? {})) shelf.push(org, lines);
  const faults = new Faults();
  const requests: StandInRequest[] = [];
  const prefix = options.pathPrefix ?? "";

  const serve = async (incoming: IncomingMessage, response: ServerResponse) => {
    const request = await read(incoming, prefix);
    requests.push(request);
    const fault = faults.take(request);
    if (fault?.kind === "cut") {
      incoming.socket.destroy();
      return;
    }
    if (fault?.kind === "slow") await new Promise((resolve) => setTimeout(resolve, fault.ms).unref());
    if (fault?.kind === "held") await fault.until;
    if (response.destroyed) return;
    const reply = faulty(fault) ?? answer(request, { shelf, rules, asked: requests.length });
    // The server's clock is the one it was given: clients compare it with theirs.
    response.setHeader("date", new Date(rules.now()).toUTCString());
    send(request, response, reply, options.gzip ?? false, fault?.kind === "truncated");
  };
  // Loki takes a request line of up to 1 MiB; Node's own limit would be 16 KiB.
  const server = createServer({ maxHeaderSize: 2 ** 20, keepAliveTimeout: 120_000 }, (incoming, response) => {
    serve(incoming, response).catch((problem: unknown) => {
      // A fault of the stand-in itself: a test should see what it is.
      const text = problem instanceof Error ? (problem.stack ?? problem.message) : String(problem);
      if (!response.headersSent) response.writeHead(500, { "content-type": "text/plain; charset=utf-8" });
      response.end(text);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}${prefix}`,
    requests,
    push: (org, lines) => shelf.push(org, lines),
    fault: (fault) => faults.add(fault),
    close: () =>
      new Promise((resolve, reject) => {
        server.close((problem) => (problem === undefined ? resolve() : reject(problem)));
        server.closeAllConnections();
      }),
  };
}

async function read(incoming: IncomingMessage, prefix: string): Promise<StandInRequest> {
  const [path = "", search = ""] = (incoming.url ?? "").split(/\?(.*)/s);
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) headers[name] = String(value);
  // As in Go, what the form says comes before what the address says.
  const params = new URLSearchParams();
  if (headers["content-type"]?.startsWith("application/x-www-form-urlencoded")) {
    for (const [name, value] of new URLSearchParams(Buffer.concat(chunks).toString()))
      params.append(name, value);
  }
  for (const [name, value] of new URLSearchParams(search)) params.append(name, value);
  return {
    method: incoming.method ?? "GET",
    // A request beside the prefix is no request to Loki.
    path: path.startsWith(prefix) ? path.slice(prefix.length) : `/elsewhere${path}`,
    params,
    org: headers["x-scope-orgid"] || undefined,
    headers,
  };
}

function faulty(fault: FaultKind | undefined): Answer | undefined {
  switch (fault?.kind) {
    case "status":
      return {
        status: fault.status,
        headers: { "content-type": "text/plain; charset=utf-8", ...fault.headers },
        body: fault.body,
      };
    case "body":
      return {
        status: 200,
        headers: { "content-type": "application/json; charset=UTF-8" },
        body: fault.body,
      };
    default:
      return undefined;
  }
}

function send(
  request: StandInRequest,
  response: ServerResponse,
  { status, headers, body }: Answer,
  gzip: boolean,
  truncated: boolean,
): void {
  const written = Buffer.from(body);
  // Recorded: a small answer stays plain, and so does an error.
  const compressed =
    gzip &&
    status === 200 &&
    written.length > 1_024 &&
    /\bgzip\b/.test(request.headers["accept-encoding"] ?? "");
  const bytes = compressed ? gzipSync(written, { level: 1 }) : written;
  response.writeHead(status, {
    ...headers,
    ...(gzip && { vary: "Accept-Encoding" }),
    ...(compressed && { "content-encoding": "gzip" }),
    "content-length": bytes.length,
  });
  if (!truncated) {
    response.end(bytes);
    return;
  }
  response.write(bytes.subarray(0, bytes.length >>> 1), () => response.destroy());
}
