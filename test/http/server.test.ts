import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, expect, test } from "@jest/globals";
import { UserError } from "../../src/errors.ts";
import { type HttpServer, startHttpServer } from "../../src/http/server.ts";
import { createLog } from "../../src/log.ts";
import { eventually } from "../support/eventually.ts";

const at = { host: "127.0.0.1", port: 0, log: createLog("silent") };
const open: HttpServer[] = [];
afterEach(() => Promise.all(open.splice(0).map((server) => server.close())));

async function serve() {
  const server = await startHttpServer(at, [
    { prefix: "/slack/", listener: (request, response) => void response.end(`slack ${request.url}`) },
    {
      prefix: "/broken/",
      listener: () => {
        throw new Error("no");
      },
    },
  ]);
  open.push(server);
  const get = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`);
    return [response.status, await response.text()];
  };
  return { server, get };
}

test("each path goes to the one that serves it, and others to nobody", async () => {
  const { get } = await serve();
  expect(await get("/slack/events?x=1")).toEqual([200, "slack /slack/events?x=1"]);
  expect(await get("/")).toEqual([404, "There is nothing here.\n"]);
  expect(await get("/slackish")).toEqual([404, "There is nothing here.\n"]);
});

test("what is no path is met like one that nobody serves, and the process goes on", async () => {
  const { server, get } = await serve();
  const targets = ["http://[", "//", "*", "http://x:y/", "/%", "/\\\\"];
  for (const target of targets) expect([target, await raw(server.port, target)]).toEqual([target, 404]);
  expect(await get("/slack/1")).toEqual([200, "slack /slack/1"]);
});

test("it closes within a moment although somebody is connected who says nothing, or half of something", async () => {
  const { server } = await serve();
  open.pop();
  const silent = connect(server.port, "127.0.0.1");
  const half = connect(server.port, "127.0.0.1");
  await Promise.all([once(silent, "connect"), once(half, "connect")]);
  half.write("POST /slack/events HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nhal");
  for (const socket of [silent, half]) socket.on("error", () => undefined);
  const startedMs = performance.now();
  await server.close();
  expect(performance.now() - startedMs).toBeLessThan(3_000);
});

test("what is being answered when it closes is answered, on a connection that ends with it, and nothing else is taken", async () => {
  let answer: (() => void) | undefined;
  const server = await startHttpServer(at, [
    {
      prefix: "/",
      listener: (request, response) => {
        request.resume();
        request.on("end", () => {
          answer = () => void response.end("here it is");
        });
      },
    },
  ]);
  const asked = fetch(`http://127.0.0.1:${server.port}/`, { method: "POST", body: "all of it" });
  const arrived = await eventually(() => answer);
  const closed = server.close();
  await expect(fetch(`http://127.0.0.1:${server.port}/`)).rejects.toThrow();
  setTimeout(arrived, 1_500);
  const response = await asked;
  expect([await response.text(), response.headers.get("connection")]).toEqual(["here it is", "close"]);
  await closed;
});

/** The status that a request with this very target gets. */
async function raw(port: number, target: string): Promise<number> {
  const socket = connect(port, "127.0.0.1");
  socket.end(`GET ${target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
  let text = "";
  for await (const chunk of socket) text += String(chunk);
  return Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]);
}

test("one that fails ends its request, and no other", async () => {
  const { get } = await serve();
  expect(await get("/broken/1")).toEqual([500, ""]);
  expect(await get("/slack/2")).toEqual([200, "slack /slack/2"]);
});

test("a port that is taken, and a host that is not there, are told with what mends them", async () => {
  const { server } = await serve();
  const again = startHttpServer({ ...at, port: server.port }, []);
  await expect(again).rejects.toThrow(UserError);
  await expect(again).rejects.toThrow("set HTTP_PORT to another port");
  await expect(startHttpServer({ ...at, host: "203.0.113.9" }, [])).rejects.toThrow("Set HTTP_HOST");
});
