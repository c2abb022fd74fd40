import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createMemoryCache } from "../../adapters/memory/index.ts";
import { createKeyring } from "../../src/secrets/keyring.ts";
import { createActs } from "../../src/tenancy/acts.ts";
import { createInstallations, sealAnew } from "../../src/tenancy/installations.ts";
import { runCommand } from "../support/program.ts";
import { openTestTenants, type TestTenants } from "../support/tenants.ts";

const OLD = randomBytes(32);
const NEW = randomBytes(32);
const installation = { workspaceName: "Shop", installedBy: "U1", secret: '{"bot":"xoxb-very-secret"}' };

let t: TestTenants;
let nowMs = Date.now();
beforeAll(async () => {
  t = await openTestTenants();
});
afterAll(() => t.close());

const open = (...keys: { name: string; key: Buffer }[]) =>
  createInstallations({
    database: t.database,
    keyring: createKeyring(keys),
    cache: createMemoryCache({ now: () => nowMs }),
  });

describe("an installation", () => {
  test("is found again, by its platform and workspace only, and stands nowhere in clear", async () => {
    const kept = open({ name: "1", key: OLD });
    await kept.save("slack", "T1", installation);
    expect(await kept.find("slack", "T1")).toEqual(installation);
    expect(await kept.find("slack", "T2")).toBeUndefined();
    expect(await kept.find("discord", "T1")).toBeUndefined();
    const { rows } = await t.admin.query("select * from workspaces where external_id = 'T1'");
    expect(JSON.stringify(rows)).not.toContain("very-secret");
  });

  test("lets the workspace see nothing until it is connected, and keeps its tokens then", async () => {
    const kept = open({ name: "1", key: OLD });
    expect(await t.directory.findWorkspace("slack", "T1")).toBeUndefined();
    const { rows: before } = await t.admin.query(
      "select name from tenants where loki_org_id like 'unconnected/%'",
    );
    expect(before).toEqual([{ name: "Shop" }]);
    const workspace = await t.directory.connect({
      platform: "slack",
      externalId: "T1",
      workspaceName: "Shop",
      lokiOrgId: "a",
    });
    expect(workspace).toMatchObject({ scope: { tenantId: t.a.scope.tenantId }, toldPerson: "U1" });
    const { rows: after } = await t.admin.query(
      "select name from tenants where loki_org_id like 'unconnected/%'",
    );
    expect(after).toEqual([]);
    expect((await kept.find("slack", "T1"))?.secret).toBe(installation.secret);
  });

  test("is replaced by the next one of that workspace, and forgotten without the workspace's organisation", async () => {
    const kept = open({ name: "1", key: OLD });
    await kept.save("slack", "T1", { ...installation, secret: "again" });
    expect((await kept.find("slack", "T1"))?.secret).toBe("again");
    await kept.forget("slack", "T1");
    expect(await kept.find("slack", "T1")).toBeUndefined();
    expect((await t.directory.findWorkspace("slack", "T1"))?.scope.lokiOrgId).toBe("a");
  });

  test("that was copied to another workspace's row does not open there", async () => {
    const kept = open({ name: "1", key: OLD });
    await kept.save("slack", "T1", installation);
    await kept.save("slack", "T2", { ...installation, secret: "of T2" });
    await t.admin.query(
      "update workspaces set installation = (select installation from workspaces where external_id = 'T1') where external_id = 'T2'",
    );
    await expect(kept.find("slack", "T2")).rejects.toThrow();
    await t.admin.query("delete from workspaces where external_id = 'T2'");
  });

  test("is sealed anew by the operator's command, so that the older key can go", async () => {
    await open({ name: "1", key: OLD }).save("slack", "T1", installation);
    const command = (keys: string) =>
      runCommand({ DATABASE_URL: t.url, ENCRYPTION_KEYS: keys }, ["reencrypt"]);
    const [older, newer] = [`1:${OLD.toString("base64")}`, `2:${NEW.toString("base64")}`];
    const without = await command(newer);
    expect(without.code).toBe(1);
    expect(without.output).toContain('The encryption key "1" is missing.');
    const ran = await command(`${newer},${older}`);
    expect(ran.output).toContain(
      'Of 1 stored installations 1 were sealed anew. All are sealed with the key "2" now',
    );
    expect(ran.code).toBe(0);
    expect((await open({ name: "2", key: NEW }).find("slack", "T1"))?.secret).toBe(installation.secret);
    expect((await command(`${newer},${older}`)).output).toContain("0 were sealed anew");
    await expect(open({ name: "1", key: OLD }).find("slack", "T1")).rejects.toThrow('key "2" is missing');
  });

  test("that is renewed while it is sealed anew is sealed anew too, by whoever still seals with the older key", async () => {
    const older = open({ name: "1", key: OLD });
    await older.save("slack", "T1", installation);
    const before = await t.admin.query("select installation from workspaces where external_id = 'T1'");
    await older.save("slack", "T1", { ...installation, secret: "renewed" });
    const renewed = await t.admin.query("select installation from workspaces where external_id = 'T1'");
    const put = "update workspaces set installation = $1 where external_id = 'T1'";
    await t.admin.query(put, [before.rows[0].installation]);
    await t.admin.query("begin");
    await t.admin.query(put, [renewed.rows[0].installation]);
    const keyring = createKeyring([
      { name: "2", key: NEW },
      { name: "1", key: OLD },
    ]);
    const sealing = sealAnew(t.database, keyring);
    while ((await t.admin.query("select from pg_locks where not granted")).rowCount === 0);
    await t.admin.query("commit");

    expect(await sealing).toEqual({ sealedAnew: 1, all: 1 });
    expect((await open({ name: "2", key: NEW }).find("slack", "T1"))?.secret).toBe("renewed");
  });

  test("is asked for with a word that is good once", async () => {
    const kept = open({ name: "1", key: OLD });
    expect(await kept.useOnce("nonce-1", 600_000)).toBe(true);
    expect(await kept.useOnce("nonce-1", 600_000)).toBe(false);
    expect(await kept.useOnce("nonce-2", 600_000)).toBe(true);
    for (const word of ["slack-oauth:x/y+z==", "", "ä\n".repeat(500)]) {
      expect([await kept.useOnce(word, 600_000), await kept.useOnce(word, 600_000)]).toEqual([true, false]);
    }
  });
});

describe("an act that is delivered again", () => {
  const at = { platform: "web", workspace: "team-a" };

  test("is in hand in one process only, and done once", async () => {
    const [one, two] = [createActs(t.directory, () => nowMs), createActs(t.directory, () => nowMs)];
    const began = await Promise.all([one.begin(at, "act-1"), two.begin(at, "act-1"), one.begin(at, "act-1")]);
    expect(began.filter(Boolean)).toHaveLength(1);
    await one.end(at, "act-1");
    nowMs += 24 * 60 * 60_000;
    expect(await two.begin(at, "act-1")).toBe(false);
    expect(await two.begin({ ...at, workspace: "team-b" }, "act-1")).toBe(true);
  });

  test("is taken up by another process once the one that had it in hand is surely gone", async () => {
    const acts = createActs(t.directory, () => nowMs);
    expect(await acts.begin(at, "act-2")).toBe(true);
    nowMs += 60_000;
    expect(await acts.begin(at, "act-2")).toBe(false);
    nowMs += 4 * 60_000;
    expect(await acts.begin(at, "act-2")).toBe(true);
  });

  test("of days ago is not kept", async () => {
    await t.admin.query("update acts set created_at = now() - interval '3 days'");
    await createActs(t.directory, () => nowMs).begin(at, "act-3");
    const { rows } = await t.admin.query("select act_id from acts where tenant_id = $1", [
      t.a.scope.tenantId,
    ]);
    expect(rows).toEqual([{ act_id: "act-3" }]);
  });

  test("of a workspace that is connected to nothing is never held back", async () => {
    const nowhere = { platform: "slack", workspace: "T404" };
    const acts = createActs(t.directory, () => nowMs);
    expect(await acts.begin(nowhere, "act-1")).toBe(true);
    await acts.end(nowhere, "act-1");
  });
});
