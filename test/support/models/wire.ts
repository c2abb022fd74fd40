import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

/** What the wire does with one request instead of passing it on. */
export interface Script {
  /** Absent: not even a status is sent. */
  status?: number;
  headers?: Record<string, string>;
  /** Sent one by one, each in a write of its own. */
  body?: readonly string[];
  /** What comes after. `end` where absent; `cut` destroys the socket; `hang` leaves it as it is. */
  ending?: "end" | "cut" | "hang";
}

export interface SeenRequest {
  method: string;
  path: string;
  headers: Readonly<Record<string, string>>;
  /** As it was sent, parsed; undefined where there was none. */
  // biome-ignore lint/suspicious/noExplicitAny: tests reach into providers' own forms.
  body: any;
}

export interface Hold {
  /** Requests that it has stopped, the ones included that were hung up on. */
  held: number;
  letGo(): void;
}

/**
 * A server on loopback between an adapter and aimock. It keeps what was asked as it was written, which aimock turns into one
 * form for all, and does what aimock does not: hang, cut in the middle, send elsewhere, say what it likes.
 */
export interface Wire {
  url: string;
  seen: SeenRequest[];
  /** For the requests to come, first come first served. */
  next(...scripts: Script[]): void;
  /** Requests that match wait from now on until they are let go. */
  hold(matches: (request: SeenRequest) => boolean): Hold;
  /** Requests whose answer has neither ended nor been hung up on. */
  underWay(): number;
  /** How many answers have come to where they were told to hang, since the last reset. */
  hung(): number;
  reset(): void;
  close(): Promise<void>;
}

export async function openWire(upstream: () => string | undefined = () => undefined): Promise<Wire> {
  const scripts: Script[] = [];
  const holds: { matches: (request: SeenRequest) => boolean; stop(): Promise<void> }[] = [];
  const sockets = new Set<Socket>();
  const seen: SeenRequest[] = [];
  let underWay = 0;
  let hung = 0;

  const server = createServer(async (req, res) => {
    const text = await textOf(req);
    const request: SeenRequest = {
      method: req.method ?? "",
      path: req.url ?? "",
      headers: Object.fromEntries(Object.entries(req.headers).map(([name, value]) => [name, String(value)])),
      body: text === "" ? undefined : JSON.parse(text),
    };
    seen.push(request);
    underWay += 1;
    res.on("close", () => {
      underWay -= 1;
    });
    await holds.find(({ matches }) => matches(request))?.stop();
    if (res.destroyed) return;
    const script = scripts.shift();
    const to = upstream();
    if (script !== undefined) {
      await play(script, res);
      if (script.ending === "hang") hung += 1;
    } else if (to === undefined) res.writeHead(404).end();
    else passOn(to, req, text, res);
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket)).on("error", () => undefined);
  });
  // As servers do that are spoken to in TLS.
  server.on("clientError", (_error, socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    next: (...more) => scripts.push(...more),
    hold(matches) {
      let letGo = () => {};
      const over = new Promise<void>((resolve) => {
        letGo = resolve;
      });
      const hold: Hold = {
        held: 0,
        letGo() {
          holds.splice(holds.indexOf(entry), 1);
          letGo();
        },
      };
      const entry = {
        matches,
        stop() {
          hold.held += 1;
          return over;
        },
      };
      holds.push(entry);
      return hold;
    },
    underWay: () => underWay,
    hung: () => hung,
    reset() {
      hung = 0;
      scripts.length = 0;
      seen.length = 0;
    },
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

async function play(
  { status, headers, body = [], ending = "end" }: Script,
  res: ServerResponse,
): Promise<void> {
  if (status !== undefined) {
    res.writeHead(status, headers);
    res.flushHeaders();
  }
  for (const piece of body) {
    if (res.destroyed) return;
    res.write(piece);
    // So that each arrives for itself.
    await delay(1);
  }
  if (ending === "end" && status !== undefined) res.end();
  if (ending === "cut") res.socket?.destroy();
}

function passOn(to: string, req: IncomingMessage, text: string, res: ServerResponse): void {
  const onward = request(`${to}${req.url}`, { method: req.method, headers: req.headers }, (answer) => {
    res.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.on("error", () => res.socket?.destroy());
    answer.pipe(res);
  });
  onward.on("error", () => res.socket?.destroy());
  onward.end(text);
}

async function textOf(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
