import { afterEach, expect, test } from "@jest/globals";
import { UserError } from "../../src/errors.ts";
import { type HttpServer, startHttpServer } from "../../src/http/server.ts";
import { createLog } from "../../src/log.ts";

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
