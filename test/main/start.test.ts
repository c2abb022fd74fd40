import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { migrateJobs } from "../../src/jobs/migrate.ts";
import { makeKey } from "../../src/keys/apiKey.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";
import { endPrograms, makeStateDirectory, runCommand, runToEnd, startProgram } from "../support/program.ts";

const SECRET = "hunter2";
let state: string;
let database: TestDatabase;
const servers: Server[] = [];
const sockets = new Set<Socket>();

beforeAll(async () => {
  state = await makeStateDirectory();
  database = await createTestDatabase();
  await migrateJobs(database.url);
});
afterAll(async () => {
  await endPrograms();
  for (const socket of sockets) socket.destroy();
  for (const server of servers) server.close();
  await database.drop();
  await rm(state, { recursive: true, force: true });
});

/** @param answer to whatever is sent; none: it hangs */
async function listen(answer?: string): Promise<number> {
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("data", () => answer !== undefined && socket.write(answer));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

async function folderWith(env: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "loghunter-cwd-"));
  await writeFile(join(folder, ".env"), env);
  return folder;
}

const linesOf = (output: string, what: string) =>
  output.split("\n").flatMap((line) => (line.startsWith(`  ${what} `) ? [line.slice(12)] : []));
const logOf = (output: string) =>
  output.split("\n").flatMap((line) => (line.startsWith("{") ? [JSON.parse(line)] : []));

test("production that is not what was meant is told so, by names alone, and a start and a stop stand in the log", async () => {
  const program = await startProgram({
    STATE_DIR: state,
    NODE_ENV: "production",
    DATABASE_ULR: `postgres://u:${SECRET}@h/db`,
    LOKI_ULR_FILE: `/run/${SECRET}`,
    REDIS_URI: `redis://:${SECRET}@h`,
    OPENAI_API_KEYS: SECRET,
    // Of others, or not near enough.
    LOGNAME: "root",
    HTTP_PROXY: "http://127.0.0.1:9",
    PGHOST: "127.0.0.1",
    NODE_OPTIONS: "--max-old-space-size=512",
  });
  expect(await program.end("SIGTERM")).toBe(0);
  expect(linesOf(program.output(), "Attention")).toEqual([
    "DATABASE_ULR is no setting: did you mean DATABASE_URL?",
    "LOKI_ULR_FILE is no setting: did you mean LOKI_URL_FILE?",
    "REDIS_URI is no setting: did you mean REDIS_URL?",
    "OPENAI_API_KEYS is no setting: did you mean OPENAI_API_KEY?",
    `all data is in the embedded database below ${state}: set DATABASE_URL for a PostgreSQL of your own`,
    "recorded incidents are shown, not your logs: set LOKI_URL, or LOGS for log files",
  ]);
  expect(logOf(program.output()).slice(-2)).toEqual([
    { level: "info", time: expect.any(String), version: expect.stringMatching(/^\d+\./), msg: "ready" },
    { level: "info", time: expect.any(String), signal: "SIGTERM", msg: "stopping" },
  ]);
  expect(program.output()).not.toContain(SECRET);
});

test("a start says within seconds what is wrong with Redis and Loki, and reads .env of its folder", async () => {
  const refusing = await listen("-WRONGPASS invalid username-password pair or user is disabled.\r\n");
  const hanging = await listen();
  const folder = await folderWith(
    [
      "# Of this folder.",
      `LOKI_URL=http://127.0.0.1:${hanging}`,
      "REDIS_URL=redis://127.0.0.1:1",
      "NODE_ENV=prod",
      "",
    ].join("\n"),
  );
  const common = { STATE_DIR: state, DATABASE_URL: database.url };
  const wrong = await startProgram({ ...common, REDIS_URL: `redis://:${SECRET}@127.0.0.1:${refusing}` }, [], {
    cwd: folder,
  });
  const said = wrong.output();
  expect(linesOf(said, "Settings")).toEqual([".env and the environment"]);
  expect(linesOf(said, "Cache")).toEqual([
    "Redis refuses the user or password of REDIS_URL: nothing is cached, limits are kept per process. Correct them, then restart LogHunter.",
  ]);
  expect(linesOf(said, "Logs")).toEqual([
    "Loki has not answered for 4 s. See that it runs and is not busy; it is asked again by itself",
  ]);
  expect(linesOf(said, "Attention")).toEqual([
    "NODE_ENV=prod is taken for development: did you mean production?",
  ]);
  expect(said).not.toContain(SECRET);
  expect(await wrong.end("SIGTERM")).toBe(0);

  const [closed, hangs] = await Promise.all([
    startProgram({ ...common, LOKI_URL: "http://127.0.0.1:1" }, [], { cwd: folder }),
    startProgram({ ...common, LOKI_URL: "http://127.0.0.1:1", REDIS_URL: `redis://127.0.0.1:${hanging}` }),
  ]);
  expect(linesOf(closed.output(), "Cache")).toEqual([
    "Redis does not answer: nothing is cached, limits are kept per process",
  ]);
  expect(linesOf(hangs.output(), "Cache")[0]).toMatch(/^Redis .*(?:not answer|not answered)/);
  expect(linesOf(hangs.output(), "Settings")).toEqual([]);
  await Promise.all([closed.end("SIGTERM"), hangs.end("SIGTERM")]);
  await rm(folder, { recursive: true });
});

test("a .env that cannot be understood is refused with its line, and a folder of that name is none", async () => {
  const folder = await folderWith(`WEB_PORT=0\nDATABASE_URL ${SECRET}\nORG=acme\n`);
  const refused = await runToEnd({ STATE_DIR: state }, [], folder);
  expect(refused).toEqual({
    code: 1,
    output:
      "\nLine 2 of .env in the working directory is not of the form NAME=value. Correct it, or begin it with #.\n\n",
  });
  // The last line, and what a value of several lines holds.
  await writeFile(join(folder, ".env"), `NOTE="one\ntwo three"\nexport ORG=acme\nWEB_PORT 3286`);
  expect((await runToEnd({ STATE_DIR: state }, [], folder)).output).toMatch(/^\nLine 4 of \.env /);
  await rm(join(folder, ".env"));
  await mkdir(join(folder, ".env"));
  const none = await runCommand({}, ["migrate"], folder);
  expect(none).toMatchObject({ code: 1, output: expect.stringMatching(/^Set DATABASE_URL/) });
  await rm(folder, { recursive: true });
});

test("a command of an operator reads .env; one that sends an API key somewhere does not", async () => {
  let asked = 0;
  const thief = await listen();
  servers.at(-1)?.on("connection", () => asked++);
  const folder = await folderWith(
    `DATABASE_URL=${database.url}\nLOGHUNTER_URL=http://127.0.0.1:${thief}\nLOGHUNTER_KEY=lh_of_the_folder\n`,
  );
  expect(await runCommand({}, ["migrate"], folder)).toEqual({
    code: 0,
    output: "The schema is up to date.\n",
  });
  // What is set has the last word in its other form too.
  await writeFile(join(folder, ".env"), "DATABASE_URL_FILE=/run/secrets/of_the_folder\n");
  expect((await runCommand({ DATABASE_URL: database.url }, ["migrate"], folder)).code).toBe(0);
  const asking = await runCommand({ LOGHUNTER_KEY: makeKey(randomUUID()).raw }, ["key"], folder);
  expect(asking.code).not.toBe(0);
  expect(asked).toBe(0);
  await rm(folder, { recursive: true });
});
