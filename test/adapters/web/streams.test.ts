import { type ClientRequest, get, type IncomingMessage, request } from "node:http";
import { type AddressInfo, connect, createServer } from "node:net";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { WebConsoleOptions } from "../../../adapters/web/index.ts";
import type { Card } from "../../../src/chat/card.ts";
import type { KeptMessage, MessageHistory } from "../../../src/chat/history.ts";
import { createMemoryHistory } from "../../support/memoryHistory.ts";
import { createScriptedCore } from "../../support/scriptedCore.ts";
import { type OpenWeb, openWeb } from "./harness.ts";

let web: OpenWeb;
let streams: Stream[];
beforeEach(() => {
  streams = [];
});
afterEach(async () => {
  for (const { close } of streams) close();
  await web.platform.stop();
});

const place = { platform: "web", workspace: "here", channel: "logs" };
const plain = (text: string): Card => ({ title: text, tone: "neutral", body: [] });

async function open(own: Partial<WebConsoleOptions> = {}): Promise<void> {
  web = await openWeb(createScriptedCore(), own);
}

interface Stream {
  status: number;
  refusal: () => Promise<string>;
  /** Resolves once so much of the text has come. */
  holds: (text: string) => Promise<void>;
  close: () => void;
}

/** Every address of 127.0.0.0/8 is this machine: pages of several people. */
function listen(from = "127.0.0.1", after?: number): Promise<Stream> {
  return new Promise((resolve, reject) => {
    const asked = get(
      `${web.origin}/events?channel=logs${after === undefined ? "" : `&after=${after}`}`,
      { headers: { cookie: web.cookie }, agent: false, localAddress: from },
      (answer) => {
        const stream = streamOf(asked, answer);
        streams.push(stream);
        resolve(stream);
      },
    );
    asked.on("error", reject);
  });
}

function streamOf(asked: ClientRequest, answer: IncomingMessage): Stream {
  let all = "";
  let look = () => {};
  answer.setEncoding("utf8").on("data", (chunk: string) => {
    all += chunk;
    look();
  });
  answer.on("error", () => {});
  asked.removeAllListeners("error").on("error", () => {});
  const ended = new Promise<void>((resolve) => answer.on("close", resolve));
  return {
    status: answer.statusCode ?? 0,
    refusal: async () => {
      await ended;
      return (JSON.parse(all) as { error: string }).error;
    },
    holds: (text) =>
      new Promise((resolve) => {
        look = () => all.includes(text) && resolve();
        look();
      }),
    close: () => asked.destroy(),
  };
}

function listenAll(count: number, from?: string): Promise<Stream[]> {
  return Promise.all(Array.from({ length: count }, () => listen(from)));
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await pauseMs(10);
}

function pauseMs(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

test("one address has room for 50 pages, and the next one learns why it has to wait", async () => {
  await open();
  const [first] = await listenAll(50);
  const refused = await listen();
  const why =
    "50 pages of this console are open at your address already, as many as it serves: close some. This one tries again by itself.";
  expect([refused.status, await refused.refusal()]).toEqual([429, why]);
  const asked = await web.get("/room");
  expect([asked.status, asked.headers.get("retry-after"), await asked.json()]).toEqual([
    429,
    "15",
    { error: why },
  ]);
  expect((await listen("127.0.0.2")).status).toBe(200);
  first?.close();
  await until(async () => (await web.get("/room")).status === 200);
  expect((await listen()).status).toBe(200);
});

test("there is room for 200 pages in all", async () => {
  await open();
  for (const from of ["127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4"]) await listenAll(50, from);
  const refused = await listen("127.0.0.5");
  expect(refused.status).toBe(429);
  expect(await refused.refusal()).toMatch(
    /^200 pages of this console are open already, .* tries again by itself\.$/,
  );
});

test("behind a proxy its address says nothing about people", async () => {
  const port = await freePort();
  await open({ port, publicUrl: `http://127.0.0.1:${port}/` });
  const found = await listenAll(60);
  expect(found.every(({ status }) => status === 200)).toBe(true);
});

test("asking for the head of a stream takes no room", async () => {
  await open();
  const head = () =>
    new Promise<void>((resolve) => {
      const options = { method: "HEAD", headers: { cookie: web.cookie }, agent: false };
      request(`${web.origin}/events?channel=logs`, options, (answer) =>
        answer.resume().on("close", resolve),
      ).end();
    });
  for (let n = 0; n < 51; n++) await head();
  expect((await web.get("/room")).status).toBe(200);
});

test("a message is read and rendered once for all pages of a zone", async () => {
  const history = createMemoryHistory(Date.now);
  const work = { reads: 0, rendered: 0 };
  const counting = (message: KeptMessage): KeptMessage => ({
    ...message,
    get createdAtMs() {
      work.rendered++;
      return message.createdAtMs;
    },
  });
  const watched: MessageHistory = {
    ...history,
    async changedSince(...asked) {
      const changed = await history.changedSince(...asked);
      if (changed.length > 0) work.reads++;
      return changed.map(counting);
    },
  };
  async function workFor(pages: number): Promise<typeof work> {
    await open({ history: watched });
    const found = await listenAll(pages);
    await Promise.all(found.map(({ holds }) => holds("event: messages")));
    Object.assign(work, { reads: 0, rendered: 0 });
    await web.platform.post(place, plain(`for ${pages}`), { deliveryId: `d${pages}` });
    await Promise.all(found.map(({ holds }) => holds(`for ${pages}`)));
    const done = { ...work };
    for (const { close } of found) close();
    await web.platform.stop();
    return done;
  }
  const alone = await workFor(1);
  expect(alone).toMatchObject({ reads: 1 });
  expect(await workFor(50)).toEqual(alone);
});

test("a page that does not read is cut off, and no more is kept for it than one batch", async () => {
  let nowMs = Date.now();
  const history = createMemoryHistory(Date.now);
  let reads = 0;
  const watched: MessageHistory = {
    ...history,
    async changedSince(channel, revision, limit) {
      const changed = await history.changedSince(channel, revision, limit);
      if (changed.length > 0) reads++;
      return changed;
    },
  };
  await open({ history: watched, now: () => nowMs });
  // All other places of the address are taken, so that it shows when this one is free.
  for (let n = 0; n < 49; n++) await listen("127.0.0.1", 1_000_000);
  const { port } = new URL(web.origin);
  const deaf = connect(Number(port), "127.0.0.1").on("error", () => {});
  const closed = new Promise((resolve) => deaf.on("close", resolve));
  deaf.pause();
  deaf.write(`GET /events?channel=logs HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nCookie: ${web.cookie}\r\n\r\n`);
  await until(async () => (await web.get("/room")).status === 429);
  // 18 MB a batch: the system takes some megabytes on its own before a write has to wait.
  const large: Card = { ...plain("large"), body: [{ kind: "text", text: "y".repeat(90_000) }] };
  for (let n = 0; n < 800; n++) await history.append(message(large, `large ${n}`));
  await until(async () => reads > 0);
  let before = 0;
  // A busy machine goes on for some seconds until the deaf end takes no more.
  while (before !== reads) {
    before = reads;
    await pauseMs(1_000);
  }
  for (let n = 0; n < 800; n++) await history.append(message(large, `more ${n}`));
  await pauseMs(1_000);
  expect(reads).toBe(before);
  expect((await web.get("/room")).status).toBe(429);
  nowMs += 31_000;
  await until(async () => (await web.get("/room")).status === 200);
  deaf.resume();
  await closed;
});

function message(card: Card, onceId: string) {
  return { channel: "logs", author: { kind: "bot" as const }, body: { card }, onceId };
}
