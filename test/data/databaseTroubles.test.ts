import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { setPurpose } from "../../src/alerting/channels.ts";
import { startDeliverer } from "../../src/alerting/deliver.ts";
import { oweNotice } from "../../src/alerting/deliveries.ts";
import { asLogin, openDatabase } from "../../src/database.ts";
import { explainUnreachable } from "../../src/databaseTrouble.ts";
import { UserError } from "../../src/errors.ts";
import { createLog } from "../../src/log.ts";
import { createDirectory, type Workspace } from "../../src/tenancy/directory.ts";
import { until } from "../support/eventually.ts";
import { startListenProxy } from "../support/listenProxy.ts";
import { createRecordingPlatform } from "../support/recordingPlatform.ts";
import { openTestTenants, type TestTenants } from "../support/tenants.ts";

const SILENT = createLog("silent");
let t: TestTenants;

beforeAll(async () => {
  t = await openTestTenants();
});
afterAll(() => t.close());
beforeEach(async () => {
  await t.admin.query("truncate deliveries cascade");
});

const nameOf = () => new URL(t.url).pathname.slice(1);
/** For whoever connects from now on, as when an address leads to a server that another one has taken over from. */
const onlyRead = (isReadOnly: boolean) =>
  t.admin.query(
    `alter database ${nameOf()} set default_transaction_read_only = ${isReadOnly ? "on" : "off"}`,
  );

const write = ({ scope, id }: Workspace, channel: string) =>
  scope.transaction((db) => setPurpose({ scope, id } as Workspace, db, channel, "alerts", "U1"));

test("a database that only reads just now is said to be that, and is left as soon as its address leads to one that writes", async () => {
  await onlyRead(true);
  const pools = openDatabase({ url: t.url, log: SILENT, maxConnections: 1 });
  try {
    const tenant = await createDirectory(pools).findWorkspace(t.a.platform, t.a.externalId);
    if (tenant === undefined) throw new Error("no workspace");
    const refused = await write(tenant, "C1").catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(UserError);
    expect((refused as Error).message).toBe(
      "LogHunter's database can only be read just now, as while another server takes over. Nothing is lost; try again in a minute.",
    );
    expect((explainUnreachable(refused) as Error).message).toMatch(
      /^The database of DATABASE_URL can only be read\./,
    );

    await onlyRead(false);
    // The pool has one connection: had it been kept, this would be refused as well.
    await write(tenant, "C1");
  } finally {
    await onlyRead(false);
    await pools.close();
  }
});

test("a database that goes away is logged once, and once that it is back", async () => {
  const proxy = await startListenProxy(t.url, "nothing");
  const lines: {
    msg: string;
    level: number;
    awayForMs?: number;
    err?: { message: string; cause: object };
  }[] = [];
  const log = createLog("warn", { write: (line: string) => void lines.push(JSON.parse(line)) });
  const pools = openDatabase({ url: proxy.url, log });
  const outage = () => lines.filter(({ msg }) => msg.startsWith("the database "));
  try {
    const directory = createDirectory(pools);
    const find = () => directory.findWorkspace(t.a.platform, t.a.externalId);
    const tenant = await find();
    if (tenant === undefined) throw new Error("no workspace");
    await write(tenant, "C1");
    // A statement that is too slow is no outage.
    const slow = tenant.scope.transaction(async (db) => {
      await db.query("set local statement_timeout = 50");
      await db.query("select pg_sleep(5)");
    });
    await expect(slow).rejects.toThrow(UserError);
    expect(outage()).toEqual([]);

    proxy.goDown();
    for (let n = 0; n < 3; n++) {
      await expect(write(tenant, "C1")).rejects.toThrow(UserError);
      await expect(find()).rejects.toThrow(UserError);
    }
    proxy.heal();
    await write(tenant, "C1");
    await find();
    expect(outage().map(({ msg }) => msg)).toEqual([
      "the database does not answer; nothing is lost, and everything waits for it",
      "the database answers again",
    ]);
    expect(outage()[1]?.awayForMs).toBeGreaterThan(0);
  } finally {
    await pools.close();
    await proxy.close();
  }
});

test("a connection for notices that says nothing when it is to listen is given up, and ends when it is stopped", async () => {
  const proxy = await startListenProxy(t.url, "a_channel");
  const pools = openDatabase({ url: proxy.url, log: SILENT });
  try {
    proxy.swallow();
    let began = 0;
    const notices = pools.listen("a_channel", { heard: () => undefined, began: () => began++ });
    while (proxy.listeners() === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    const fromMs = performance.now();
    await notices.stop();
    expect(performance.now() - fromMs).toBeLessThan(10_000);
    expect(began).toBe(0);
  } finally {
    await pools.close();
    await proxy.close();
  }
});

test("encryption that the server does not offer is told with what mends it", async () => {
  const refused = await asLogin(`${t.url}?sslmode=require`, async () => undefined).catch(
    (error: unknown) => error,
  );
  const told = explainUnreachable(refused);
  expect(told).toBeInstanceOf(UserError);
  expect((told as Error).message).toMatch(/^The server of DATABASE_URL offers no TLS\. Switch ssl on there/);
});

test("a file that the address names is told apart from other files, and from a socket that is not there", async () => {
  const meant = `${t.url}?sslmode=verify-full&sslrootcert=/nowhere/own%20ca.pem`;
  // Node's own errors are none of Jest's.
  const failureAt = (url: string) =>
    asLogin(url, async () => undefined).catch((error: object) => Object.assign(new Error("no"), error));
  const missing = await failureAt(meant);
  expect((explainUnreachable(missing, meant) as Error).message).toContain("sslrootcert, sslcert or sslkey");
  const dump = Object.assign(new Error("no such file"), {
    code: "ENOENT",
    syscall: "open",
    path: "/backups/x",
  });
  expect(explainUnreachable(dump, meant)).toBe(dump);
  const socket = "postgres://u@%2Fnowhere/x";
  const away = await failureAt(socket);
  expect((explainUnreachable(away, socket) as Error).message).toMatch(
    /^The database of .* does not answer\./,
  );
});

test("a server that lets no more connections in, or none from here, is not told as one that is away", async () => {
  const login = `full_${randomBytes(4).toString("hex")}`;
  await t.admin.query(`create role ${login} login connection limit 0 password 'x'`);
  try {
    const url = new URL(t.url);
    Object.assign(url, { username: login, password: "x" });
    const full = await asLogin(url.href, async () => undefined).catch(explainUnreachable);
    expect((full as Error).message).toMatch(
      /^The server of DATABASE_URL takes no more connections of this user\./,
    );
  } finally {
    await t.admin.query(`drop role ${login}`);
  }
  const said =
    'no pg_hba.conf entry for host "10.0.0.9", user "loghunter", database "loghunter", no encryption';
  const shut = explainUnreachable(Object.assign(new Error(said), { code: "28000" }));
  expect((shut as Error).message).toContain("sslmode=require");
  expect((shut as Error).message).not.toContain("10.0.0.9");
});

test("a query that took too long is told as a database that does not answer", async () => {
  const slow = t.a.scope.transaction(async (db) => {
    await db.query("set local statement_timeout = 50");
    await db.query("select pg_sleep(5)");
  });
  await expect(slow).rejects.toThrow("LogHunter's database does not answer.");
});

test("a disk that stays full is logged once and not at every look, and what is owed goes out once there is room", async () => {
  const card = { title: "owed", tone: "neutral", body: [] } as const;
  const notice = { workspaceId: t.a.id, channel: "C1", notice: "n1", card: { ...card, body: [] } };
  await t.a.scope.transaction((db) => oweNotice(t.a.scope, db, notice));
  await t.admin.query(`\
create sequence tries;
create function fill_disk() returns trigger language plpgsql security definer as
$$ begin perform nextval('tries'); raise exception 'could not extend file: No space left on device' using errcode = '53100'; end $$`);
  await t.admin.query(
    "create trigger full_disk before update on deliveries for each row execute function fill_disk()",
  );
  const logged: unknown[] = [];
  const log = createLog("silent");
  log.error = (data: unknown) => void logged.push(data);
  const chat = createRecordingPlatform(t.a.externalId, t.a.platform);
  const directory = createDirectory(t.database);
  const deliverer = startDeliverer({
    ...{ directory, platforms: [chat], log, owner: crypto.randomUUID() },
  });
  try {
    await until(async () => {
      deliverer.wake();
      // What a transaction that failed took from a sequence stays taken.
      const { rows } = await t.admin.query<{ tries: number }>("select last_value::int as tries from tries");
      return (rows[0]?.tries ?? 0) >= 5;
    }, "five looks");
    expect(logged).toHaveLength(1);
    expect(chat.cards.size).toBe(0);

    await t.admin.query("drop trigger full_disk on deliveries");
    await until(() => chat.cards.size > 0, "the card that is owed");
    expect([...chat.cards.values()].map(({ title }) => title)).toEqual(["owed"]);
  } finally {
    await deliverer.stop();
    await t.admin.query("drop function fill_disk cascade; drop sequence tries");
  }
});
