import { createServer } from "node:http";

export class UpstreamError extends Error {
  name = "UpstreamError";
  constructor(message, status, options) {
    super(message, options);
    this.status = status;
  }
}

/**
 * A small HTTP server. routes: ['GET', /^\/x\/(\w+)$/, (call) => ({status, body})].
 * done(call, status, ms) is told of every answer; status 499 means that the client went away.
 * failed(call, error) turns a thrown error into an answer.
 */
export function serve({ port, routes, done, failed }) {
  const server = createServer(async (req, res) => {
    const began = performance.now();
    const [path, query = ""] = req.url.split("?");
    const call = {
      method: req.method,
      path,
      query: new URLSearchParams(query),
      headers: req.headers,
      ip: req.headers["x-forwarded-for"] ?? "127.0.0.1",
      id: req.headers["x-request-id"] ?? Math.random().toString(16).slice(2, 12),
    };
    const spent = () => Math.round(performance.now() - began);
    let left = false;
    res.on("close", () => {
      if (res.writableFinished) return;
      left = true;
      done(call, 499, spent());
    });
    const answer = await route(req, call, routes).catch((error) => failed(call, error));
    if (left) return;
    res.writeHead(answer.status, { "content-type": "application/json" });
    res.end(JSON.stringify(answer.body ?? {}));
    done(call, answer.status, spent());
  });
  server.listen(port, "127.0.0.1");
  return server;
}

async function route(req, call, routes) {
  const chunks = [];
  for await (const chunk of req) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  call.body = text === "" ? {} : JSON.parse(text);
  for (const [method, pattern, handler] of routes) {
    const match = method === call.method && pattern.exec(call.path);
    if (match) return handler({ ...call, params: match.slice(1) });
  }
  return { status: 404, body: { error: "not found" } };
}

/** Calls another service. Answers of 500 and above, timeouts and broken connections throw an UpstreamError. */
export async function call(name, url, { method = "GET", body, headers = {}, timeoutMs = 2000 } = {}) {
  const host = new URL(url).host;
  let response;
  try {
    response = await fetch(url, {
      method,
      headers: { "content-type": "application/json", ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(timeoutMs),
    });
    const answer = { status: response.status, body: await response.json() };
    if (answer.status < 500) return answer;
    throw new UpstreamError(
      `${name} (${host}) answered ${answer.status}: ${answer.body.error}`,
      answer.status,
    );
  } catch (error) {
    if (error instanceof UpstreamError) throw error;
    if (error.name === "TimeoutError") {
      throw new UpstreamError(`${name} (${host}) timed out after ${timeoutMs}ms`, 504);
    }
    throw new UpstreamError(`${name} (${host}) unreachable: ${error.cause?.message ?? error.message}`, 502, {
      cause: error.cause,
    });
  }
}
