import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import pg from "pg";
import { setPurpose } from "../../src/alerting/channels.ts";
import { oweNotice } from "../../src/alerting/deliveries.ts";
import { doctor } from "../../src/cli/doctor.ts";
import type { CliError } from "../../src/cli/exit.ts";
import { createTerminal } from "../../src/cli/terminal.ts";
import { readEnvironment } from "../../src/config.ts";
import { openDatabase } from "../../src/database.ts";
import { probeRoutes } from "../../src/http/probes.ts";
import { startHttpServer } from "../../src/http/server.ts";
import { migrateJobs } from "../../src/jobs/migrate.ts";
import { createLog } from "../../src/log.ts";
import { createDirectory, type Workspace } from "../../src/tenancy/directory.ts";
import { createEmptyDatabase } from "../support/backups.ts";
import { type Loopback, openLoopback, TOKEN } from "../support/discord/loopback.ts";
import { type StandInLoki, startStandInLoki } from "../support/loki/standIn.ts";
import { openWire, type Wire } from "../support/models/wire.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";
import { APP_TOKEN, openSlackServer, type SlackServer } from "../support/slack/server.ts";
import { ACME, LOGS } from "../support/slack/world.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const log = createLog("silent");
const SEND_MESSAGES = 0x800n;
/** Whatever of it is printed was in an address, a token or a key. */
const CANARY = "canary";

let database: TestDatabase;
let admin: pg.Client;
let slack: SlackServer;
let discord: Loopback;
let loki: StandInLoki;
let model: Wire;
let folder: string;
let server: Awaited<ReturnType<typeof startHttpServer>>;
let onSlack: Workspace;
let well: Record<string, string>;

beforeAll(async () => {
  database = await createTestDatabase();
  await migrateJobs(database.url);
  admin = new pg.Client({ connectionString: database.url });
  await admin.connect();
  slack = await openSlackServer();
  discord = await openLoopback({ contentGranted: false });
  discord.commands.push({ name: "loghunter" });
  const labels = { service_name: "checkout", level: "info" };
  loki = await startStandInLoki({
    auth: { bearer: `${CANARY}-loki` },
    tenants: {
      acme: Array.from({ length: 120 }, (_, n) => ({
        labels,
        atNs: BigInt(Date.now() - n * 20_000) * 1_000_000n,
        text: `order ${n} done`,
      })),
    },
  });
  model = await openWire();
  folder = await mkdtemp(join(tmpdir(), "loghunter-doctor-"));
  const probed = { host: "127.0.0.1", port: 0, log };
  server = await startHttpServer(probed, probeRoutes([]));
  const opened = openDatabase({ url: database.url, log });
  const directory = createDirectory(opened);
  const connect = (platform: string, externalId: string) =>
    directory.connect({ platform, externalId, workspaceName: "Acme", lokiOrgId: "acme" });
  onSlack = await connect("slack", ACME.id);
  const onDiscord = await connect("discord", discord.world.guild);
  for (const [workspace, channel] of [
    [onSlack, LOGS.id],
    [onDiscord, discord.world.channel],
  ] as const)
    await workspace.scope.transaction((db) => setPurpose(workspace, db, channel, "alerts", "U1"));
  const owed = { title: "t", tone: "neutral", body: [] } as const;
  await onSlack.scope.transaction((db) =>
    oweNotice(onSlack.scope, db, {
      ...{ workspaceId: onSlack.id, channel: LOGS.id, notice: "n", card: { ...owed, body: [] } },
    }),
  );
  await admin.query(
    "insert into watches (tenant_id, scanned_until) values ($1, now() + interval '5 minutes')",
    [onSlack.scope.tenantId],
  );
  await opened.close();
  well = {
    DATABASE_URL: database.url,
    STATE_DIR: folder,
    LOKI_URL: loki.url,
    LOKI_TOKEN: `${CANARY}-loki`,
    SLACK_API_URL: slack.apiUrl,
    SLACK_BOT_TOKEN: ACME.token,
    SLACK_APP_TOKEN: APP_TOKEN,
    DISCORD_API_URL: discord.apiUrl,
    DISCORD_TOKEN: TOKEN,
    OPENAI_API_KEY: `sk-${CANARY}`,
    OPENAI_MODELS: "gpt-5-mini",
    OPENAI_BASE_URL: model.url,
    HTTP_PORT: String(server.port),
  };
});
afterAll(async () => {
  await Promise.all([
    server.close(),
    slack.close(),
    discord.close(),
    loki.close(),
    model.close(),
    admin.end(),
  ]);
  await rm(folder, { recursive: true, force: true });
  await database.drop();
});

interface Told {
  state: string;
  findings: { name: string; state: string; finding: string; fix?: string }[];
}

/** The command, as src/cli.ts runs it. */
async function run(
  env: Record<string, string>,
  { org, json = false, withinMs }: { org?: string; json?: boolean; withinMs?: number } = {},
) {
  let out = "";
  const terminal = createTerminal({
    out: { write: (text) => (out += text) },
    err: { write: () => undefined },
    noColor: false,
  });
  const settings = readEnvironment(env);
  const asked = { env: settings, stateDirectory: settings.stateDir ?? folder, terminal, json };
  try {
    await doctor({
      ...asked,
      ...(org !== undefined && { org }),
      ...(withinMs !== undefined && { withinMs }),
    });
    return { code: 0, out, err: "" };
  } catch (error) {
    const { message, code } = error as CliError;
    return { code, out, err: message };
  }
}

/** The same in a process of its own, as it is typed. */
function typed(env: Record<string, string>, ...args: string[]) {
  const child = spawn(process.execPath, ["--import", "tsx", "src/cli.ts", "doctor", ...args], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, HOME: folder, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ran = { out: "", err: "" };
  child.stdout.on("data", (data: Buffer) => {
    ran.out += data.toString();
  });
  child.stderr.on("data", (data: Buffer) => {
    ran.err += data.toString();
  });
  return new Promise<{ code: number | null; out: string; err: string }>((resolve) =>
    child.on("close", (code) => resolve({ code, ...ran })),
  );
}

const MODELS = {
  status: 200,
  headers: { "content-type": "application/json" },
  body: [JSON.stringify({ object: "list", data: [{ id: "gpt-5-mini", object: "model" }] })],
};

test("what is well is said in a line, nothing is posted, and nothing is taken from the LogHunter that runs", async () => {
  model.next(MODELS);
  await admin.query("update deliveries set state = 'sent'");
  const ran = await run(well);
  expect(ran).toEqual({
    code: 0,
    out: expect.stringMatching(/^UNSEEN {2}from here: .*\nWELL {4}/s),
    err: "",
  });
  expect(ran.out.replaceAll(/\s+/g, " ")).toContain(
    "WELL loghunter, database, schema, tenants apart, encryption keys, cache, model openai, disk, logs, slack, discord, alert channels, messages, scans, API keys, root causes",
  );
  expect([slack.world.messages, slack.world.planned.size, slack.socket.opened()]).toEqual([[], 0, 0]);
  expect([discord.world.messages.size, discord.gateway.identifies]).toEqual([0, []]);
  expect([slack.complaints, discord.complaints]).toEqual([[], []]);
});

test("all that is broken is found at once, each with what mends it, within 80 columns and without a secret", async () => {
  const team = slack.world.teams[0] as (typeof slack.world.teams)[number];
  team.scopes = team.scopes.filter((scope) => scope !== "files:write");
  const logs = slack.world.channels.find(({ id }) => id === LOGS.id);
  if (logs !== undefined) logs.hasBot = false;
  const alerts = discord.world.channels.get(discord.world.channel);
  if (alerts !== undefined)
    alerts.permission_overwrites = [
      { id: discord.world.guild, type: 0, allow: "0", deny: SEND_MESSAGES.toString() },
    ];
  discord.commands.splice(0);
  model.next({
    status: 401,
    body: [JSON.stringify({ error: { message: `Incorrect API key: sk-${CANARY}` } })],
  });
  await admin.query("update deliveries set state = 'pending', created_at = now() - interval '10 minutes'");
  await admin.query("update watches set scanned_until = now() - interval '1 hour'");
  await admin.query(
    `insert into api_keys (tenant_id, name, key_hash, scopes, last_four, created_by, shown_at, expires_at)
values ($1, 'ci', '$2b$', '{read:logs}', 'aaaa', 'U1', now(), now() + interval '2 days')`,
    [onSlack.scope.tenantId],
  );
  const env = {
    ...well,
    LOKI_TOKEN: `${CANARY}-wrong`,
    REDIS_URL: `redis://:${CANARY}@127.0.0.1:1`,
    STATE_DIR: join(ROOT, "package.json", "state"),
    HTTP_PORT: "9",
  };
  const ran = await run(env);
  expect(ran.code).toBe(1);
  expect(ran.err).toBe("8 failures, 4 warnings.");
  expect(ran.out + ran.err).not.toContain(CANARY);
  expect(Math.max(...ran.out.split("\n").map(({ length }) => length))).toBeLessThanOrEqual(80);
  const said = ran.out.replaceAll(/\s+/g, " ");
  const FOUND = [
    "WARN loghunter: LogHunter does not answer at 127.0.0.1:9. -> Start it: npm start.",
    "FAILED cache: Redis does not answer: nothing is cached, limits are kept per process. -> Start Redis, or correct REDIS_URL",
    "FAILED model openai: OpenAI does not accept",
    "FAILED disk: The data folder is a file where a folder is needed",
    "FAILED logs: Loki, or the gateway before it, refuses LogHunter's credentials. -> Check LOKI_USERNAME and LOKI_PASSWORD, or LOKI_TOKEN.",
    "WARN slack: The scope files:write is missing: without it charts are told in words, and long texts are cut. -> Add it under OAuth & Permissions and install the app again.",
    "WARN discord: Discord has no commands of LogHunter's. -> Restart LogHunter: it registers them at its start.",
    "FAILED alert channels: Channel `C0LOGS001` on Slack takes no messages (not in channel: Slack says not_in_channel). -> LogHunter is not in the channel: invite it.",
    "on Discord takes no messages (not permitted: LogHunter lacks Send Messages",
    "FAILED messages: The oldest of 1 unsent message has waited 10 min. -> Mend what is said of the chat and its channels",
    "FAILED scans: Services were scanned last up to 1 h ago. -> Check that LogHunter runs",
    "WARN API keys: The key ci ends",
    "-> Type `keys rotate ci` in the key channel",
  ];
  expect(FOUND.filter((text) => !said.includes(text))).toEqual([]);
  // Failures first.
  expect(ran.out.lastIndexOf("FAILED")).toBeLessThan(ran.out.indexOf("WARN"));
  expect(said).toContain("WELL database, schema, tenants apart, encryption keys");
}, 30_000);

test("where the database is down, the rest is looked at all the same, and it is said what cannot be seen", async () => {
  const DATABASE_URL = `postgres://${CANARY}:${CANARY}@127.0.0.1:1/loghunter`;
  model.next(MODELS);
  const ran = await typed({ ...well, DATABASE_URL, SLACK_BOT_TOKEN: "xoxb-wrong" }, "--json");
  expect(ran.code).toBe(1);
  expect(ran.out + ran.err).not.toContain(CANARY);
  const { state, findings } = JSON.parse(ran.out) as Told;
  expect(state).toBe("failure");
  expect(findings.filter((one) => one.name === "database")).toEqual([
    {
      ...{ name: "database", state: "failure" },
      finding: "The database of DATABASE_URL does not answer.",
      fix: "Start it, or correct the host and port.",
    },
  ]);
  for (const name of ["schema", "tenants apart", "encryption keys"])
    expect(findings.filter((one) => one.name === name)).toEqual([
      { name, state: "unseen", finding: "Not looked at: the database has to be mended first." },
    ]);
  expect(findings.find(({ name }) => name === "slack")).toMatchObject({
    state: "failure",
    finding: "Slack does not accept SLACK_BOT_TOKEN.",
    fix: expect.stringContaining("Copy the Bot User OAuth Token"),
  });
  expect(findings.find(({ name }) => name === "from here")?.finding).toContain("they are in the database");
});

test("before the first start, of a database that was not migrated, the schema is the one thing to mend", async () => {
  const empty = await createEmptyDatabase();
  const env = { DATABASE_URL: empty.url, STATE_DIR: join(folder, "not", "yet"), HTTP_PORT: "9" };
  const ran = await run(env, { json: true });
  await empty.drop();
  const { findings } = JSON.parse(ran.out) as Told;
  expect(findings.filter(({ state }) => state === "failure")).toMatchObject([
    { name: "schema", fix: "Run: `npm run migrate`" },
  ]);
  for (const name of ["tenants apart", "encryption keys"])
    expect(findings.filter((one) => one.name === name)).toEqual([
      { name, state: "unseen", finding: "Not looked at: the schema has to be mended first." },
    ]);
});

test("warnings alone have a code of their own, and one organisation can be meant", async () => {
  const { OPENAI_API_KEY: _, SLACK_BOT_TOKEN: __, SLACK_APP_TOKEN: ___, DISCORD_TOKEN: ____, ...env } = well;
  await admin.query("update deliveries set state = 'sent'");
  await admin.query("update watches set scanned_until = now()");
  await admin.query("delete from workspaces where tenant_id = $1", [onSlack.scope.tenantId]);
  const ran = await typed(env, "--org", "acme");
  expect(ran).toMatchObject({ code: 6, err: "2 warnings.\n" });
  expect(ran.out).toContain("-> Type `channel alerts` in the channel that should.");
  const none = await run(env, { org: "acmee" });
  expect(none).toMatchObject({ out: "", err: 'There is no organisation "acmee" in this database.' });
});

test("what hangs is given up and told, and holds up nothing", async () => {
  const hung = createServer(() => undefined);
  await new Promise<void>((resolve) => hung.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(hung.address() as AddressInfo).port}`;
  const startedMs = performance.now();
  const ran = await run({ DATABASE_URL: database.url, LOKI_URL: url, HTTP_PORT: "9" }, { withinMs: 2_000 });
  hung.closeAllConnections();
  await new Promise((resolve) => hung.close(resolve));
  expect(performance.now() - startedMs).toBeLessThan(8_000);
  expect(ran.out).toContain("FAILED  logs: No answer within 2 s.");
  expect(ran.out).toMatch(/WELL {4}database, /);
});

test("a setting that is wrong is a finding like others", async () => {
  const { OPENAI_MODELS: _, SLACK_APP_TOKEN: __, ...env } = well;
  const ran = await run(
    { ...env, ENCRYPTION_KEYS: `1:${Buffer.alloc(32).toString("base64")}` },
    { json: true },
  );
  const { findings } = JSON.parse(ran.out) as Told;
  expect(findings.filter(({ state }) => state === "failure")).toMatchObject([
    { name: "model", finding: expect.stringContaining("OPENAI_MODELS is not") },
    { name: "chat", finding: "Slack's Socket Mode also needs SLACK_APP_TOKEN." },
  ]);
});
