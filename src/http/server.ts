import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { UserError } from "../errors.ts";
import type { Log } from "../log.ts";

/** Everything whose path begins with the prefix is served by its listener. */
export interface HttpRoute {
  /** `/slack/` */
  prefix: string;
  listener: RequestListener;
}

export interface HttpServer {
  port: number;
  /** Takes nothing more, and ends when what is being answered is, or has taken too long. */
  close(): Promise<void>;
}

export interface HttpServerOptions {
  host: string;
  port: number;
  log: Log;
  /** Aborted where the process is about to end: each connection is then left after what it asks for next. */
  leaving?: AbortSignal;
  limits?: ServerLimits;
}

/** What one client, or many, may hold of this server. */
export interface ServerLimits {
  headersMs: number;
  requestMs: number;
  /** How often it is looked whether somebody takes longer. Node's own 30 s would give them three times as long. */
  lookMs: number;
  connections: number;
}

/**
 * Slack gives up after 3 s; nobody who is served here needs longer to say what they want. Before its key is looked at, a
 * request may hold 256 kB of its body: so many connections are 128 MB.
 */
const LIMITS: ServerLimits = { headersMs: 10_000, requestMs: 30_000, lookMs: 2_000, connections: 512 };
/** What a browser is told of every answer; a route that shows a page says more itself. */
const HEADERS = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};
/** When the server closes, what is being answered gets this long: longer than the logs it may wait for. */
const FINISH_MS = 4_500;
/** Who says nothing then, or half of something, is not waited for. */
const SILENT_MS = 1_000;

/**
 * The door for requests from outside, apart from the web console: it may stand open to the internet.
 * @throws UserError where the port cannot be opened.
 */
export async function startHttpServer(
  { host, port, log, leaving, limits = LIMITS }: HttpServerOptions,
  routes: readonly HttpRoute[],
): Promise<HttpServer> {
  const sockets = new Set<Socket>();
  const inHand = new Set<ServerResponse>();
  const server = createServer({ connectionsCheckingInterval: limits.lookMs }, (request, response) => {
    inHand.add(response);
    response.once("close", () => inHand.delete(response));
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    if (leaving?.aborted) response.setHeader("connection", "close");
    if (hostsOf(request) > 1) return answer(response, 400, "A request names one host.\n");
    // Not by `URL`: it throws for what anybody can send, such as `http://[`.
    const path = (request.url ?? "").split("?", 1)[0] ?? "";
    const route = routes.find(({ prefix }) => path.startsWith(prefix));
    if (route === undefined) return answer(response, 404, "There is nothing here.\n");
    try {
      route.listener(request, response);
    } catch (err) {
      log.error({ err, path }, "http: a request failed");
      if (!response.headersSent) response.writeHead(500);
      response.end();
    }
  });
  server.headersTimeout = limits.headersMs;
  server.requestTimeout = limits.requestMs;
  server.maxConnections = limits.connections;
  server.on("clientError", (_, socket) => socket.destroy());
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.on("error", (err: NodeJS.ErrnoException) => {
      if (server.listening) log.error({ err }, "http: the server reports an error");
      else reject(explain(err, host, port));
    });
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      for (const response of inHand) if (!response.headersSent) response.setHeader("connection", "close");
      const silence = setTimeout(() => {
        const busy = new Set([...inHand].flatMap(({ req }) => (req.complete ? [req.socket] : [])));
        for (const socket of sockets) if (!busy.has(socket)) socket.destroy();
      }, SILENT_MS);
      const end = setTimeout(() => server.closeAllConnections(), FINISH_MS);
      await closed;
      clearTimeout(silence);
      clearTimeout(end);
    },
  };
}

/** Node takes the first of several, what stands before it perhaps the last: https://www.rfc-editor.org/rfc/rfc9112#section-3.2 */
function hostsOf({ rawHeaders }: IncomingMessage): number {
  return rawHeaders.filter((text, at) => at % 2 === 0 && text.toLowerCase() === "host").length;
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8" });
  response.end(text);
}

function explain(err: NodeJS.ErrnoException, host: string, port: number): Error {
  if (err.code === "EADDRINUSE")
    return new UserError(
      `Port ${port} is already in use. Stop that program, or set HTTP_PORT to another port.`,
    );
  if (err.code === "EACCES")
    return new UserError(`Port ${port} may not be opened by this user. Set HTTP_PORT to one above 1023.`);
  if (err.code === "EADDRNOTAVAIL" || err.code === "ENOTFOUND")
    return new UserError(
      `This machine has no address "${host}". Set HTTP_HOST to one it has, such as 127.0.0.1.`,
    );
  return err;
}
