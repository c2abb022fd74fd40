import { createServer, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { UserError } from "../errors.ts";
import type { Log } from "../log.ts";

/** Everything whose path begins with the prefix is served by its listener. */
export interface HttpRoute {
  /** `/slack/` */
  prefix: string;
  listener: RequestListener;
}

export interface HttpServerOptions {
  host: string;
  port: number;
  log: Log;
  /** Aborted where the process is about to end: each connection is then left after what it asks for next. */
  leaving?: AbortSignal;
}

export interface HttpServer {
  port: number;
  close(): Promise<void>;
}

/** Slack gives up after 3 s; nobody who is served here needs longer to say what they want. */
const HEADERS_MS = 10_000;
const REQUEST_MS = 30_000;
/** What is being answered gets this long when the server closes. */
const FINISH_MS = 1_000;

/**
 * The door for requests from outside, apart from the web console: it may stand open to the internet.
 * @throws UserError where the port cannot be opened.
 */
export async function startHttpServer(
  { host, port, log, leaving }: HttpServerOptions,
  routes: readonly HttpRoute[],
): Promise<HttpServer> {
  const server = createServer((request, response) => {
    if (leaving?.aborted) response.setHeader("connection", "close");
    // Not by `URL`: it throws for what anybody can send, such as `http://[`.
    const path = (request.url ?? "").split("?", 1)[0] ?? "";
    const route = routes.find(({ prefix }) => path.startsWith(prefix));
    if (route === undefined) return nothingHere(response);
    try {
      route.listener(request, response);
    } catch (err) {
      log.error({ err, path }, "http: a request failed");
      if (!response.headersSent) response.writeHead(500);
      response.end();
    }
  });
  server.headersTimeout = HEADERS_MS;
  server.requestTimeout = REQUEST_MS;
  server.on("clientError", (_, socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once("error", (err: NodeJS.ErrnoException) => reject(explain(err, host, port)));
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      // One that says nothing, or half of something, would hold up everything that stops after this.
      const timer = setTimeout(() => server.closeAllConnections(), FINISH_MS);
      await closed;
      clearTimeout(timer);
    },
  };
}

function nothingHere(response: ServerResponse): void {
  response.writeHead(404, { "content-type": "text/plain; charset=utf-8" });
  response.end("There is nothing here.\n");
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
