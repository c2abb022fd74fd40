import { type AddressInfo, connect, createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import pg from "pg";
import { createMemoryCache } from "../../adapters/memory/index.ts";
import { type Database, openDatabase } from "../../src/database.ts";
import { runChecks } from "../../src/doctor/check.ts";
import { databaseChecks } from "../../src/doctor/database.ts";
import { storedChecks } from "../../src/doctor/doctor.ts";
import { readinessProbes } from "../../src/doctor/readiness.ts";
import { probeRoutes } from "../../src/http/probes.ts";
import { type HttpServer, startHttpServer } from "../../src/http/server.ts";
import { migrateJobs } from "../../src/jobs/migrate.ts";
import { createLog } from "../../src/log.ts";
import { migrateUp } from "../../src/migrations.ts";
import { createKeyring, type Keyring } from "../../src/secrets/keyring.ts";
import { createDirectory } from "../../src/tenancy/directory.ts";
import { createInstallations } from "../../src/tenancy/installations.ts";
import { kill, postmasterOf, scratchFolder, start } from "../adapters/postgres/scratch.ts";
import { until } from "../support/eventually.ts";
import { runCommand, runToEnd } from "../support/program.ts";

const log = createLog("silent");

/** A server of its own: these tests change roles, which all databases of a server share, and kill it. */
let directory: string;
let server: Awaited<ReturnType<typeof start>>;
let database: Database;
let readiness: HttpServer;
let steadyMs = 0;

beforeAll(async () => {
  directory = await scratchFolder();
  server = await start({ directory });
  database = openDatabase({ url: server.url, log });
  const cache = createMemoryCache({ now: Date.now });
  const probes = readinessProbes({ databaseUrl: server.url, database, cache });
  const at = { host: "127.0.0.1", port: 0, log };
  readiness = await startHttpServer(at, probeRoutes(probes, { steadyNow: () => (steadyMs += 2_000) }));
});
// The scratch folder's own end, which comes first, takes the server along.
afterAll(async () => {
  await Promise.all([readiness.close(), database.close().catch(() => undefined)]);
});

async function sql(text: string): Promise<void> {
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  await client.query(text);
  await client.end();
}

/** What is not well, with what mends it, by the name of the check. */
async function ills(keyring?: Keyring): Promise<string[]> {
  const stored = { databaseUrl: server.url, database, ...(keyring !== undefined && { keyring }) };
  const findings = await runChecks(storedChecks(stored), 10_000);
  const text = (said: (typeof findings)[number]["fix"]) =>
    typeof said === "string"
      ? said
      : (said ?? []).map((run) => (typeof run === "object" && "code" in run ? run.code : run)).join("");
  return findings
    .filter(({ state }) => state !== "well")
    .map(({ name, finding, fix }) => `${name}: ${text(finding)} -> ${text(fix)}`);
}

interface Ready {
  status: string;
  checks: { name: string; ok: boolean; why?: string; ms: number }[];
}

async function ready(): Promise<[number, Ready]> {
  const response = await fetch(`http://127.0.0.1:${readiness.port}/readyz`);
  return [response.status, (await response.json()) as Ready];
}

test("a database that is not laid out yet is said to be so, and is not ready", async () => {
  expect(await ills()).toEqual([
    expect.stringMatching(
      /^schema: The schema is behind: \d+_lay_foundations, .* and \d+ more did not run\. -> Run: npm run migrate$/,
    ),
    "tenants apart: Not looked at: the schema has to be mended first. -> ",
    "encryption keys: Not looked at: the schema has to be mended first. -> ",
  ]);
  const [status, { checks }] = await ready();
  expect(status).toBe(503);
  expect(checks).toContainEqual(
    expect.objectContaining({
      name: "schema",
      ok: false,
      why: expect.stringMatching(/^\d+ migrations did not run: npm run migrate\.$/),
    }),
  );
  await migrateUp(server.url);
  expect((await ills())[0]).toMatch(/^schema: The schema is behind: schema "jobs" of the job queue/);
  await migrateJobs(server.url);
  expect(await ills()).toEqual([]);
  expect(await ready()).toEqual([
    200,
    {
      status: "ready",
      checks: [
        { name: "database", ok: true, ms: expect.any(Number) },
        { name: "schema", ok: true, ms: expect.any(Number) },
        { name: "cache", ok: true, ms: expect.any(Number) },
      ],
    },
  ]);
});

/** What the check of the database says where its question takes so long each time it is asked, ms; at once after that. */
async function foundWith(waits: number[]): Promise<string> {
  const proxy = createServer((client) => {
    const through = connect(Number(new URL(server.url).port), "127.0.0.1");
    client.on("data", async (data) => {
      if (data.includes("server_version_num")) await pause(waits.shift() ?? 0);
      through.write(data);
    });
    through.pipe(client);
    for (const socket of [client, through])
      socket.on("error", () => undefined).on("close", () => [client, through].map((one) => one.destroy()));
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const slow = new URL(server.url);
  slow.host = `127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const checks = databaseChecks(slow.href).filter(({ name }) => name === "database");
  const findings = await runChecks(checks, 10_000);
  await new Promise((resolve) => proxy.close(resolve));
  return findings.map(({ state, finding }) => `${state}: ${finding}`).join();
}

test("PostgreSQL that is slow to answer is told of, and one busy moment is not", async () => {
  const found = await foundWith([700, 150, 700]);
  const [, ms] = /^warning: PostgreSQL takes (\d+) ms for the smallest question\.$/.exec(found) ?? [];
  expect(Number(ms)).toBeGreaterThanOrEqual(149);
  expect(Number(ms)).toBeLessThan(700);
  expect(await foundWith([300])).toMatch(
    /^well: PostgreSQL 15\S* answers in \d+ ms, and its clock agrees\.$/,
  );
});

const migrate = (env: Record<string, string>) => runCommand(env, ["migrate", "--yes"]);
const run = (what: string, why: string, fix: string) => `${what}: ${why} -> ${fix}`;
const ADMIN = "Let an administrator of the server run: ";

let starts = 0;
test.each([
  {
    name: "a migration that was changed after it ran",
    says: /Changed since it ran here: \d+_create_clusters\. .* Install LogHunter again/,
    harm: "update schema_migrations set sha256 = 'of another text' where name like '%_create_clusters'",
    mend: "select 1",
    found: [
      expect.stringMatching(
        /^schema: Changed since it ran here: \d+_create_clusters\. .* -> .*git checkout -- migrations$/,
      ),
    ],
  },
  {
    name: "a schema of a newer LogHunter",
    says: /of another LogHunter, which ran 20990101000000_later\. Run the version that laid it out/,
    harm: "update schema_migrations set sha256 = null; insert into schema_migrations (name, run_on) values ('20990101000000_later', now())",
    mend: "delete from schema_migrations where name = '20990101000000_later'",
    found: [
      run(
        "schema",
        "The schema is of another LogHunter, which ran 20990101000000_later.",
        "Run the version that laid it out, or restore the backup from before it.",
      ),
    ],
  },
  {
    name: "a role with BYPASSRLS",
    says: /loghunter_app has BYPASSRLS.*\n?.*alter role loghunter_app nosuperuser nobypassrls;/,
    harm: "alter role loghunter_app bypassrls",
    mend: "alter role loghunter_app nobypassrls",
    found: [
      run(
        "tenants apart",
        "The role loghunter_app has BYPASSRLS, so that row-level security does not bind it.",
        `${ADMIN}alter role loghunter_app nosuperuser nobypassrls;`,
      ),
      expect.stringContaining("A session that acts for no tenant sees tenants all the same"),
    ],
  },
  {
    name: "a role that is a superuser",
    says: /loghunter_directory is a superuser, so that .* run: alter role loghunter_directory nosuperuser nobypassrls;/,
    harm: "alter role loghunter_directory superuser",
    mend: "alter role loghunter_directory nosuperuser",
    found: [
      run(
        "tenants apart",
        "The role loghunter_directory is a superuser, so that row-level security does not bind it.",
        `${ADMIN}alter role loghunter_directory nosuperuser nobypassrls;`,
      ),
    ],
  },
  {
    name: "a role that owns a table",
    says: /loghunter_app owns the table mutes, .* run: alter table mutes owner to loghunter;/,
    harm: "alter table mutes owner to loghunter_app",
    mend: "alter table mutes owner to loghunter",
    found: [
      run(
        "tenants apart",
        "The role loghunter_app owns the table mutes, and could take its row-level security away.",
        `${ADMIN}alter table mutes owner to loghunter;`,
      ),
    ],
  },
  {
    name: "a table whose row security was switched off",
    says: /The table mutes does not tell the rows of tenants apart\./,
    harm: "alter table mutes disable row level security",
    mend: "alter table mutes enable row level security",
    found: [
      expect.stringContaining(
        "The table mutes does not tell the rows of tenants apart. -> Let an administrator of the server run: alter table mutes enable row level security, force row level security;",
      ),
    ],
  },
  {
    name: "a policy that lets everything through",
    says: /The table mutes does not tell the rows of tenants apart\./,
    harm: "create policy everybody on mutes to loghunter_app using (true)",
    mend: "drop policy everybody on mutes",
    found: [expect.stringContaining("The table mutes does not tell the rows of tenants apart.")],
  },
])(
  "$name is found, keeps it from starting, and what mends it is said",
  async ({ name, harm, mend, found, says }) => {
    await createDirectory(database).tenantOf("acme");
    await sql(harm);
    expect(await ills()).toEqual(found);
    const env = { DATABASE_URL: server.url, STATE_DIR: directory };
    // In either mode, which takes turns: each start takes seconds.
    starts += 1;
    const started = [await runToEnd({ ...env, ...(starts % 2 === 0 && { NODE_ENV: "production" }) })];
    const migrated =
      name.startsWith("a migration") || name.startsWith("a schema") ? [await migrate(env)] : [];
    await sql(mend);
    for (const { code, output } of [...started, ...migrated]) {
      expect(code).toBe(1);
      expect(output).toMatch(says);
      expect(output).not.toContain("up to date");
    }
  },
);

test("tokens that no key opens, or an older one, are found", async () => {
  const old = { name: "old", key: Buffer.alloc(32, 1) };
  const current = { name: "new", key: Buffer.alloc(32, 2) };
  const cache = createMemoryCache({ now: Date.now });
  const installation = { workspaceName: "Acme", installedBy: "U1", secret: "xoxb-canary" };
  await createInstallations({ database, keyring: createKeyring([old]), cache }).save(
    "slack",
    "T1",
    installation,
  );
  expect(await ills()).toEqual([
    "encryption keys: ENCRYPTION_KEYS is not set, and 1 stored installations are sealed. -> Set ENCRYPTION_KEYS to the keys that sealed them, and restart.",
  ]);
  expect((await ills(createKeyring([current])))[0]).toContain(
    "1 of 1 stored installations are sealed with a key that is not in ENCRYPTION_KEYS. -> Put that key back",
  );
  expect(await ills(createKeyring([current, old]))).toEqual([
    "encryption keys: 1 of 1 stored installations are sealed with an older key. -> Run: npm run reencrypt; then the older key can be taken out.",
  ]);
  expect(await ills(createKeyring([old]))).toEqual([]);
});

test("a database that is gone makes it not ready, with the reason, until it is back", async () => {
  await kill(await postmasterOf(server));
  await until(async () => (await ready())[0] === 503);
  const [, body] = await ready();
  expect(body).toMatchObject({
    status: "not ready",
    checks: [
      { name: "database", ok: false, why: "PostgreSQL does not answer." },
      {},
      { name: "cache", ok: true },
    ],
  });
  expect(JSON.stringify(body)).not.toMatch(/postgres:|127\.0\.0\.1|acme/);
  expect((await fetch(`http://127.0.0.1:${readiness.port}/healthz`)).status).toBe(200);
  server = await start({ directory });
  await until(async () => (await ready())[0] === 200);
});
