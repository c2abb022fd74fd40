import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import pg from "pg";
import { DATABASE, SUPERUSER } from "../../adapters/postgres/connection.ts";
import { openConsole, type SeenMessage } from "../support/consoleClient.ts";
import { endPrograms, makeStateDirectory, type Program, startProgram } from "../support/program.ts";

let stateDirectory: string;
let program: Program;

beforeAll(async () => {
  stateDirectory = await makeStateDirectory();
  program = await startProgram({ STATE_DIR: stateDirectory });
});
afterAll(async () => {
  await endPrograms();
  await rm(stateDirectory, { recursive: true, force: true });
});

/** What has been found is as old as it would be: the same minutes shown again would be the same episodes. */
async function makeOlder(): Promise<void> {
  const told = (file: string) => readFile(join(stateDirectory, "postgres", file), "utf8");
  const [port, password] = await Promise.all([told("port"), told("password")]);
  const at = { host: "127.0.0.1", port: Number(port), user: SUPERUSER, database: DATABASE };
  const client = new pg.Client({ ...at, password: password.trim() });
  await client.connect();
  await client.query(`\
update anomaly_events set started_at = started_at - interval '10 minutes', detected_at = detected_at - interval '10 minutes',
  last_odd_at = last_odd_at - interval '10 minutes'`);
  await client.end();
}

/** What `anomalies` lists, asked until the first scan is over: severity, service and what is wrong, and since when. */
async function anomalies(): Promise<string[]> {
  const page = await openConsole(program.address);
  let seen: SeenMessage | undefined;
  for (let tries = 0; tries < 40; tries++) {
    const isAnswer = ({ html, author, id }: SeenMessage) =>
      author === "bot" && id !== seen?.id && /Anomalies:|No anomalies/.test(html);
    seen = await page.ask("/loghunter anomalies", isAnswer);
    if (seen.html.includes("Anomalies:")) break;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  const text = (seen?.html ?? "").replace(/<[^>]+>/g, "\n");
  return [...text.matchAll(/(?:LOW|MEDIUM|HIGH|CRITICAL) {2}[a-z-]+\s+[a-z ]+/g)].map(([found]) =>
    found.replace(/\s+/g, " "),
  );
}

test("the recorded incidents are found by themselves at a bare start, and once when the process is killed and comes back", async () => {
  const found = await anomalies();
  for (const service of ["checkout", "gateway", "orders-db", "report-api", "profile", "auth", "web"])
    expect(found).toContainEqual(expect.stringMatching(`(HIGH|CRITICAL) ${service} more errors than usual`));

  await program.end("SIGKILL");
  program = await startProgram({ STATE_DIR: stateDirectory });
  const again = await anomalies();
  expect(again.map((line) => line.split(" ")[1]).sort()).toEqual(
    found.map((line) => line.split(" ")[1]).sort(),
  );

  const page = await openConsole(program.address);
  const status = await page.ask("/loghunter status", ({ html }) => html.includes("Watching"));
  expect(status.html).toMatch(/shadow mode: alerts are collected, not posted; learning, 3\d min of 24 h/);
});

test("a start after the end of the recording shows it anew, and what was open before has ended", async () => {
  expect(program.output()).toMatch(/replayed as if now until \d\d:\d\d:\d\d UTC/);
  expect((await anomalies()).length).toBeGreaterThan(8);
  await makeOlder();
  await program.end("SIGTERM");
  // As if it had been started ten minutes ago: the recording goes on for two.
  await writeFile(join(stateDirectory, "replayed-as"), String(Date.now() - 600_000));
  program = await startProgram({ STATE_DIR: stateDirectory });
  const page = await openConsole(program.address);
  const isScanned = ({ html }: SeenMessage) => /Anomalies: [1-9]\d* open/.test(html);
  let seen = "";
  // What the minutes before the start do not show yet, the next one does.
  for (let tries = 0; tries < 200 && seen === ""; tries++) {
    const { html } = await page.ask("/loghunter anomalies", ({ html }) => html.includes("Anomalies"));
    if (isScanned({ html } as SeenMessage)) seen = html;
    else await new Promise((resolve) => setTimeout(resolve, 500));
  }
  // Twenty are listed, the newest first: those of this showing, and of the others as many as have room.
  expect(seen).toMatch(/Anomalies: [1-9]\d* open, (?:[89]|1\d) resolved/);
  const cause = await page.ask("/loghunter analyze checkout", ({ html }) => html.includes("LIKELY CAUSE"));
  expect(cause.html).toContain("the database refuses connections");
});

test("a start with files of one's own says nothing of the recordings: no deploy, nothing open, nothing learnt, not live", async () => {
  const before = await openConsole(program.address);
  await before.ask("/loghunter watch live", ({ html }) => html.includes("live"));
  await program.end("SIGTERM");
  const logs = join(stateDirectory, "own");
  await mkdir(logs);
  const lines = Array.from({ length: 600 }, (_, i) => {
    const at = new Date(Date.now() - (600 - i) * 1_000).toISOString();
    return i < 450 ? `${at} INFO order ${i} done` : `${at} ERROR cannot write /data: No space left on device`;
  });
  await writeFile(join(logs, "shop.log"), `${lines.join("\n")}\n`);
  program = await startProgram({ STATE_DIR: stateDirectory }, ["--logs", logs]);
  const page = await openConsole(program.address);
  const said = async (command: string, isAnswer: (html: string) => boolean) =>
    (await page.ask(`/loghunter ${command}`, ({ html }) => isAnswer(html))).html.replace(/<[^>]+>/g, " ");
  expect(await said("anomalies state:open", () => true)).not.toContain("orders-db");
  const cause = await said("analyze shop", (html) => html.includes("CAUSE"));
  expect(cause).toContain("a disk it writes to is full");
  expect(cause).not.toContain("Last deploy");
  const watched = await said("watch status", () => true);
  expect(watched).toMatch(/Services watched\s+[01]\s/);
  expect(watched).toMatch(/shadow mode/i);
});
