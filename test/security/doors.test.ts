import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type Door, openConsole, openHttp, sayRaw, statusesIn } from "./doors.ts";

const LIMITS = { headersMs: 600, requestMs: 1_200, lookMs: 50, connections: 40 };

describe.each([
  ["the web console", openConsole],
  ["the HTTP server", openHttp],
])("%s", (_, open) => {
  let door: Door;
  beforeAll(async () => {
    door = await open(LIMITS);
  });
  afterAll(() => door.close());

  const ask = (path: string, init: RequestInit = {}) =>
    fetch(`http://127.0.0.1:${door.port}${path}`, { redirect: "manual", ...init });
  const withHeaders = (head: string) =>
    `${head}host: localhost\r\nconnection: close\r\n${Object.entries(door.headers)
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join("")}`;

  test("says with every answer that nothing is guessed, framed, kept or told to the next site", async () => {
    for (const path of door.paths)
      for (const headers of [{}, door.headers]) {
        const answer = await ask(path, { headers });
        await answer.body?.cancel();
        const said = [
          "x-content-type-options",
          "referrer-policy",
          "cache-control",
          "content-security-policy",
        ];
        expect([path, ...said.map((name) => answer.headers.get(name))]).toEqual([
          path,
          ...["nosniff", "no-referrer"],
          expect.stringMatching(/no-store|no-cache/),
          expect.stringMatching(/default-src 'none'.*frame-ancestors 'none'/),
        ]);
        // Nor what it is made of, and no page of another site may read it.
        for (const name of ["x-powered-by", "server", "access-control-allow-origin"])
          expect([path, answer.headers.get(name)]).toEqual([path, null]);
      }
  });

  test("reads no more of a body than it takes, said or not how long it is", async () => {
    for (const { path, mostBytes } of door.posts) {
      const sized = withHeaders(`POST ${path} HTTP/1.1\r\n`);
      const length = mostBytes + 1;
      const { text } = await sayRaw(
        door.port,
        `${sized}content-length: ${length}\r\n\r\n${"x".repeat(length)}`,
      );
      expect([path, statusesIn(text)]).toEqual([path, [413]]);
      const chunk = `${length.toString(16)}\r\n${"x".repeat(length)}\r\n`;
      const inPieces = await sayRaw(door.port, `${sized}transfer-encoding: chunked\r\n\r\n${chunk}`);
      expect([path, statusesIn(inPieces.text)]).toEqual([path, [413]]);
    }
  });

  test("takes no headers without end", async () => {
    const { text } = await sayRaw(
      door.port,
      `${withHeaders("GET / HTTP/1.1\r\n")}x-x: ${"x".repeat(20_000)}\r\n\r\n`,
    );
    expect(statusesIn(text).filter((status) => status !== 431)).toEqual([]);
  });

  test("ends the connection of who takes too long to say a line, or a body", async () => {
    const asked = door.posts.map(({ path }) => withHeaders(`POST ${path} HTTP/1.1\r\n`));
    const slow = [
      "GET / HTT",
      withHeaders("GET / HTTP/1.1\r\n"),
      ...asked.map((head) => `${head}content-length: 100\r\n\r\n{`),
      ...asked.map((head) => `${head}transfer-encoding: chunked\r\n\r\n1\r\n{\r\n`),
    ];
    for (const { text, afterMs } of await Promise.all(slow.map((bytes) => sayRaw(door.port, bytes)))) {
      expect(afterMs).toBeLessThan(LIMITS.requestMs + 3_000);
      expect(statusesIn(text).filter((status) => status < 400)).toEqual([]);
    }
  });

  test("is there for others while somebody holds as many connections as they can", async () => {
    const held: Socket[] = [];
    let ended = 0;
    for (let n = 0; n < LIMITS.connections + 20; n++) {
      const socket = connect(door.port, "127.0.0.1");
      socket.on("error", () => undefined).on("close", () => ended++);
      held.push(socket);
    }
    // More than it takes are turned away at once, the others when they have said nothing for too long.
    const startedMs = performance.now();
    while (ended < 20 && performance.now() - startedMs < 5_000) await new Promise(setImmediate);
    expect(ended).toBeGreaterThanOrEqual(20);
    const asked = withHeaders(`GET ${door.paths[0]} HTTP/1.1\r\n`);
    let statuses: number[] = [];
    while (statuses.length === 0 && performance.now() - startedMs < 20_000)
      statuses = statusesIn((await sayRaw(door.port, `${asked}\r\n`)).text);
    expect(statuses).toHaveLength(1);
    expect(performance.now() - startedMs).toBeGreaterThan(LIMITS.headersMs / 2);
    for (const socket of held) socket.destroy();
  });

  describe("what two servers could read in two ways", () => {
    const HIDDEN = "GET /v1/health HTTP/1.1\r\nhost: localhost\r\n\r\n";
    const chunked = `0\r\n\r\n${HIDDEN}`;
    test.each([
      [
        "a length and pieces",
        `content-length: ${chunked.length}\r\ntransfer-encoding: chunked\r\n\r\n${chunked}`,
      ],
      ["two lengths", `content-length: 0\r\ncontent-length: ${HIDDEN.length}\r\n\r\n${HIDDEN}`],
      ["two lengths in one", `content-length: 0, ${HIDDEN.length}\r\n\r\n${HIDDEN}`],
      ["a length with a sign", `content-length: +${HIDDEN.length}\r\n\r\n${HIDDEN}`],
      ["pieces that are not last", `transfer-encoding: chunked, identity\r\n\r\n${chunked}`],
      ["pieces by another name", `transfer-encoding: xchunked\r\n\r\n${chunked}`],
      ["a space before the colon", `content-length : 0\r\n\r\n${HIDDEN}`],
      ["a folded header", `x-x: 1\r\n content-length: 0\r\ntransfer-encoding:\r\n chunked\r\n\r\n${chunked}`],
      ["a bare line end in a header", `x-x: 1\ncontent-length: 0\r\ncontent-length: 5\r\n\r\n${HIDDEN}`],
      ["a size of a piece that is none", `transfer-encoding: chunked\r\n\r\n0x0\r\n\r\n${HIDDEN}`],
      ["a piece longer than it says", `transfer-encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n${HIDDEN}`],
    ])("is refused, and what stands behind it is no request: %s", async (_, rest) => {
      // Of a connection that stays open: what is hidden would be answered.
      const kept = (path: string) =>
        withHeaders(`POST ${path} HTTP/1.1\r\n`).replace("connection: close\r\n", "");
      for (const { path } of door.posts) {
        const { text } = await sayRaw(door.port, kept(path) + rest);
        const statuses = statusesIn(text);
        expect([path, statuses.filter((status) => status < 400), statuses.length < 2]).toEqual([
          path,
          [],
          true,
        ]);
      }
    });

    test.each(["", "host: localhost\r\nhost: elsewhere\r\n"])(
      "is refused: no host, or two",
      async (hosts) => {
        for (const path of ["/", "/v1/health", "/setup"]) {
          const others = withHeaders("").replace("host: localhost\r\n", "");
          const { text } = await sayRaw(door.port, `GET ${path} HTTP/1.1\r\n${hosts}${others}\r\n`);
          expect(statusesIn(text).filter((status) => status !== 400 && status !== 403)).toEqual([]);
        }
      },
    );
  });
});
