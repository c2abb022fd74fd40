import { rm } from "node:fs/promises";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { migrateJobs } from "../../src/jobs/migrate.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";
import { endPrograms, makeStateDirectory, startProgram } from "../support/program.ts";

let state: string;
let database: TestDatabase;
const sockets = new Set<Socket>();
const between = createServer((client) => {
  const to = new URL(database.url);
  const server = connect(Number(to.port), to.hostname.replaceAll(/[[\]]/g, ""));
  for (const socket of [client, server]) {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => {
      client.destroy();
      server.destroy();
    });
  }
  client.pipe(server).pipe(client);
});

beforeAll(async () => {
  state = await makeStateDirectory();
  database = await createTestDatabase();
  await migrateJobs(database.url);
  await new Promise<void>((resolve) => between.listen(0, "127.0.0.1", resolve));
});
afterAll(async () => {
  await endPrograms();
  for (const socket of sockets) socket.destroy();
  between.close();
  await database.drop();
  await rm(state, { recursive: true, force: true });
});

test("a stop that a database which hangs holds up ends all the same, and says what it waited for", async () => {
  const url = new URL(database.url);
  Object.assign(url, { hostname: "127.0.0.1", port: String((between.address() as AddressInfo).port) });
  const program = await startProgram({ STATE_DIR: state, DATABASE_URL: url.href });
  for (const socket of sockets) {
    socket.unpipe();
    socket.pause();
  }
  between.removeAllListeners("connection").on("connection", (socket) => sockets.add(socket));
  const begunMs = performance.now();
  const code = await program.end("SIGTERM");
  expect(performance.now() - begunMs).toBeLessThan(12_000);
  const last = program.output().trimEnd().split("\n").at(-1) as string;
  expect([code, JSON.parse(last)]).toEqual([
    1,
    expect.objectContaining({
      level: "error",
      waitsFor: expect.any(String),
      msg: expect.stringMatching(/^did not stop in time/),
    }),
  ]);
}, 60_000);
