import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer as createHttpServer, type RequestListener } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "@jest/globals";
import { createClient } from "../../src/cli/client.ts";
import { makeKey } from "../../src/keys/apiKey.ts";
import { run } from "../support/backups.ts";

const tls = (name: string) => fileURLToPath(new URL(`../fixtures/tls/${name}`, import.meta.url));
const LOGHUNTER_KEY = makeKey(randomUUID()).raw;
const DOWN = "LogHunter's database does not answer. Nothing is lost; try again in a minute.";

const open: ReturnType<typeof createHttpServer>[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** @returns its port */
async function listen(server: ReturnType<typeof createHttpServer>): Promise<number> {
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

/** An API that is down for so many requests. */
function failing(times: number, retryAfterS: number): RequestListener {
  let asked = 0;
  return (_, response) => {
    asked++;
    if (asked <= times)
      response.writeHead(503, { "retry-after": String(retryAfterS) }).end(JSON.stringify({ detail: DOWN }));
    else response.end(JSON.stringify({ items: [] }));
  };
}

test("what is waited for is told on stderr, once", async () => {
  const port = await listen(createHttpServer(failing(2, 1)));
  const ran = await run(["anomalies", "--json"], {
    LOGHUNTER_KEY,
    LOGHUNTER_URL: `http://127.0.0.1:${port}`,
  });
  expect(ran).toMatchObject({
    code: 0,
    err: "LogHunter's database does not answer; trying again for up to 2 s.\n",
  });
  expect(JSON.parse(ran.out)).toEqual({ items: [] });
  const gone = await run(["anomalies"], { LOGHUNTER_KEY, LOGHUNTER_URL: "http://127.0.0.1:9" });
  expect(gone).toEqual({
    code: 5,
    out: "",
    err: "LogHunter does not answer at http://127.0.0.1:9; trying again for up to 2 s.\nLogHunter does not answer at http://127.0.0.1:9. Start it, or name another address with LOGHUNTER_URL.\n",
  });
});

test("a script waits for a minute, and who sits at a terminal is told at once", async () => {
  const port = await listen(createHttpServer(failing(Number.POSITIVE_INFINITY, 30)));
  const askedBy = async (someoneWaits: boolean) => {
    const told: string[] = [];
    const waitedMs: number[] = [];
    const client = createClient({
      ...{ url: `http://127.0.0.1:${port}`, key: LOGHUNTER_KEY, newId: () => "1", fetch, someoneWaits },
      tell: (text) => told.push(text),
      pause: async (ms) => void waitedMs.push(ms),
    });
    await expect(client.get("/anomalies")).rejects.toMatchObject({ message: DOWN, code: 5 });
    return { told, waitedMs };
  };
  expect(await askedBy(true)).toEqual({ told: [], waitedMs: [] });
  expect(await askedBy(false)).toEqual({
    told: ["LogHunter's database does not answer; trying again for up to 60 s."],
    waitedMs: [30_000, 30_000],
  });
});

test("what an earlier try began, whose answer was lost, is waited for", async () => {
  let asked = 0;
  const ids = new Set<unknown>();
  const server = createHttpServer((request, response) => {
    ids.add(request.headers["idempotency-key"]);
    asked++;
    if (asked === 1) return void request.socket.destroy();
    if (asked < 8)
      return void response.writeHead(409, { "retry-after": "2" }).end(
        JSON.stringify({
          detail: "The same request is being done just now. Send it again in a few seconds.",
        }),
      );
    response.end(JSON.stringify({ id: "1" }));
  });
  const waitedMs: number[] = [];
  const client = createClient({
    ...{ url: `http://127.0.0.1:${await listen(server)}`, key: LOGHUNTER_KEY, newId: randomUUID, fetch },
    someoneWaits: true,
    tell: () => undefined,
    pause: async (ms) => void waitedMs.push(ms),
  });
  expect(await client.post("/analyses", { service: "checkout" })).toEqual({ id: "1" });
  expect(ids.size).toBe(1);
  expect(waitedMs).toEqual([1_000, ...new Array(6).fill(2_000)]);
});

test("what is no answer of the API is told as such, and one that breaks off is asked for again", async () => {
  const page = await listen(createHttpServer((_, response) => response.end("<html>Sign in</html>")));
  const asked = (port: number) =>
    run(["anomalies"], { LOGHUNTER_KEY, LOGHUNTER_URL: `http://127.0.0.1:${port}` });
  expect(await asked(page)).toEqual({
    ...{ code: 5, out: "", err: "What answered is not LogHunter's API (HTTP 200).\n" },
  });
  let times = 0;
  const breaking = createHttpServer((_, response) => {
    if (times++ > 0) return void response.end(JSON.stringify({ items: [] }));
    response.writeHead(200, { "content-length": "100" }).write('{"items":');
    setTimeout(() => response.destroy(), 50);
  });
  expect(await asked(await listen(breaking))).toMatchObject({ code: 0, out: "No anomalies.\n" });
});

test("a certificate that is not taken is told as such, and so is what speaks no TLS", async () => {
  const pair = { key: readFileSync(tls("server.key")), cert: readFileSync(tls("server.pem")) };
  const port = await listen(createHttpsServer(pair, failing(0, 1)));
  const plain = await listen(createHttpServer(failing(0, 1)));
  const asked = (host: string, at: number, more: Record<string, string> = {}) =>
    run(["anomalies"], { LOGHUNTER_KEY, LOGHUNTER_URL: `https://${host}:${at}`, ...more });
  const known = { NODE_EXTRA_CA_CERTS: tls("ca.pem") };
  expect(await asked("127.0.0.1", port)).toEqual({
    code: 5,
    out: "",
    err: `The certificate of https://127.0.0.1:${port} is not trusted: if its authority is your own, name the file with that one's certificate in NODE_EXTRA_CA_CERTS.\n`,
  });
  expect(await asked("127.0.0.1", port, known)).toMatchObject({ code: 0, err: "" });
  // The same machine by another name.
  expect(await asked("0.0.0.0", port, known)).toMatchObject({
    code: 5,
    err: expect.stringContaining("is for another name"),
  });
  expect(await asked("127.0.0.1", plain, known)).toMatchObject({
    code: 5,
    err: expect.stringContaining("does not speak TLS"),
  });
});
