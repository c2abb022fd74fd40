import { spawn } from "node:child_process";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import pg from "pg";
import { KEY_PATTERN } from "../../src/keys/apiKey.ts";
import { SCOPE_NAMES } from "../../src/keys/scopes.ts";
import { builtFile } from "../support/build.ts";
import { createLinesSource, lineAt } from "../support/linesSource.ts";
import { openTestApp, type TestApp } from "../support/testApp.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** Would clear the screen. */
const STEERING = "st\u001B[2Jeer";
const ADMIN = { id: "admin", name: "Ada", platformAdmin: true };

let t: TestApp;
let key: string;
let folder: string;

beforeAll(async () => {
  const atMs = Date.now() - 60_000;
  t = await openTestApp({
    logs: createLinesSource([
      ...Array.from({ length: 240 }, (_, n) =>
        lineAt(atMs - n * 15_000, `order ${n} done`, { level: "INFO" }),
      ),
      ...Array.from({ length: 90 }, (_, n) =>
        lineAt(atMs - n * 1_000, "\u001B[31mconnection refused\u001B[0m to orders-db", { level: "ERROR" }),
      ),
      ...Array.from({ length: 3 }, (_, n) =>
        lineAt(atMs - n * 1_000, `{"level":50,"time":${atMs},"pid":7,"msg":"no stock left"}`, {
          service: "stock",
          level: "ERROR",
        }),
      ),
      ...Array.from({ length: 30 }, (_, n) =>
        lineAt(atMs - n * 1_000, "disk full", { service: STEERING, level: "ERROR" }),
      ),
    ]),
  });
  folder = await mkdtemp(join(tmpdir(), "loghunter-cli-"));
  await t.chat.fill("channel keys", {}, { channel: "keys", by: ADMIN });
  key = await make("all", SCOPE_NAMES.join(","));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await t.close();
});

async function make(name: string, scopes: string): Promise<string> {
  const reply = await t.chat.fill("keys create", { name, scopes }, { channel: "keys", by: ADMIN });
  return KEY_PATTERN.exec(JSON.stringify(reply))?.[0] as string;
}

interface Ran {
  code: number | null;
  out: string;
  err: string;
}

async function run(
  args: readonly string[],
  env: Record<string, string> = { LOGHUNTER_KEY: key },
): Promise<Ran> {
  const child = spawn(process.execPath, [await builtFile("src/cli"), ...args], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, HOME: folder, LOGHUNTER_URL: t.apiUrl, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ran = { out: "", err: "" };
  child.stdout.on("data", (data: Buffer) => {
    ran.out += data.toString();
  });
  child.stderr.on("data", (data: Buffer) => {
    ran.err += data.toString();
  });
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, ...ran })));
}

describe("a command", () => {
  test("finds a root cause, and says it in words or as JSON", async () => {
    const words = await run(["analyze", "checkout", "--since", "30m"]);
    expect(words).toMatchObject({ code: 0, err: "" });
    expect(words.out).toMatch(/Confidence (very low|low|medium|high) \(0\.\d\d\), built-in analyzer/);
    expect(words.out).not.toContain("\u001B");
    expect(Math.max(...words.out.split("\n").map(({ length }) => length))).toBeLessThanOrEqual(80);
    const json = await run(["analyze", "checkout", "--json"]);
    expect(JSON.parse(json.out)).toMatchObject({ service: "checkout", provider: "builtin" });
  });

  test("starts one and ends, and shows it later", async () => {
    const started = await run(["--json", "analyze", "checkout", "--no-wait"]);
    const { id } = JSON.parse(started.out) as { id: string };
    expect((await run(["jobs"])).out).toContain(id);
    expect((await run(["jobs", id])).code).toBe(0);
  });

  test("counts errors, and what stands in a line never moves the cursor", async () => {
    const { code, out } = await run(["errors", "checkout", "--level", "error"]);
    expect(code).toBe(0);
    expect(out).toMatch(/checkout: 90 lines of 1 kind\n\s+90 {2}ERROR/);
    expect(out).not.toContain("\u001B");
  });

  test("says the name of a service, which comes from log lines, without what would steer the terminal", async () => {
    const { id } = JSON.parse((await run(["--json", "analyze", STEERING])).out) as { id: string };
    expect(id).toEqual(expect.any(String));
    const said = [await run(["jobs"]), await run(["analyze", STEERING]), await run(["errors", "nobody"])];
    for (const { out, err } of said) {
      expect(out + err).toContain("st [2Jeer");
      expect(out + err).not.toContain("\u001B");
    }
  });

  test("shows what a line says where it is JSON, as chats do", async () => {
    const { out } = await run(["errors", "stock"]);
    expect(out).toContain("no stock left");
    expect(out).not.toContain('{"level"');
  });

  test("lists anomalies, marks a deploy, keeps filters, and shows its key", async () => {
    expect(await run(["anomalies"])).toEqual({ code: 0, out: "No anomalies.\n", err: "" });
    expect((await run(["deploy", "checkout", "2.4.1"])).out).toMatch(/Marked checkout 2\.4\.1, \d+ s ago\./);
    expect((await run(["filters", "save", "slow", "timed out", "--service", "checkout"])).out).toBe(
      'Saved slow: service checkout, "timed out"\n',
    );
    expect((await run(["filters"])).out).toMatch(/^slow {2}API key all {2}service checkout/);
    expect((await run(["filters", "delete", "slow"])).out).toBe("Deleted slow.\n");
    expect((await run(["key"])).out).toContain("Key            all");
  });
});

test("an anomaly is told in the words of the chat: what is odd, and what is usual", async () => {
  const db = new pg.Client({ connectionString: t.databaseUrl });
  await db.connect();
  const found = (service: string, metric: string, direction: string, usual: number, observed: number) =>
    db.query(
      `\
insert into anomaly_events (tenant_id, service, namespace, metric, direction, severity, score, started_at, detected_at, last_odd_at,
  baseline_value, observed_value, usual_low, usual_high, deviation_factor, notified, is_shadow, fingerprint, conditions)
select id, $1, '', $2, $3, 'HIGH', 9, now() - interval '3 minutes', now(), now(), $4, $5, 0, 2, 9, false, false, $1, '{}'
from tenants where loki_org_id = 'acme'`,
      [service, metric, direction, usual, observed],
    );
  await found("pay", "error_rate", "up", 0, 1_348);
  await found("mailer", "silence", "silence", 20, 0);
  await found("stock", "error_ratio", "up", 0.04, 0.5);
  const { out } = await run(["anomalies"]);
  await db.query("delete from anomaly_events");
  await db.end();
  expect(out.trimEnd().split("\n").sort()).toEqual([
    expect.stringMatching(/^HIGH {2}mailer {2}silent {2,}0, usual 20 {2,}open {2}\d m/),
    expect.stringMatching(/^HIGH {2}pay {5}more errors than usual {2,}1,348, usual 0 {2,}open {2}\d m/),
    expect.stringMatching(
      /^HIGH {2}stock {3}more of its lines are errors than usual {2}50 %, usual 4.0 % {2}open/,
    ),
  ]);
});

describe("the exit code says", () => {
  test("what was typed wrong", async () => {
    const wrong = await run(["analize", "x"]);
    expect(wrong.code).toBe(2);
    expect(wrong.err).toContain("Did you mean analyze?");
    expect((await run(["deploy", "checkout"])).code).toBe(2);
  });

  test("that there is no key, or one that may not", async () => {
    const none = await run(["anomalies"], {});
    expect(none.code).toBe(3);
    expect(none.err).toContain("There is no API key.");
    expect((await run(["anomalies"], { LOGHUNTER_KEY: `${key}x` })).err).toContain(
      "is no API key: copy it anew",
    );
    const little = await make("little", "read:logs");
    expect(await run(["anomalies"], { LOGHUNTER_KEY: little })).toMatchObject({
      ...{ code: 3, out: "", err: "This needs a key with the scope read:anomalies.\n" },
    });
  });

  test("that there is no such thing", async () => {
    expect(await run(["errors", "chekout"])).toMatchObject({
      code: 4,
      err: expect.stringContaining("Did you mean checkout?"),
    });
  });

  test("that nothing answers", async () => {
    const ran = await run(["anomalies"], { LOGHUNTER_KEY: key, LOGHUNTER_URL: "http://127.0.0.1:9" });
    expect(ran.code).toBe(5);
    expect(ran.err).toContain("LogHunter does not answer at http://127.0.0.1:9.");
  });
});

test("the key is read from a file that nobody else may read, and sent nowhere in clear", async () => {
  const file = join(folder, "key");
  await writeFile(file, `${key}\n`);
  await chmod(file, 0o644);
  const open = await run(["key"], { LOGHUNTER_KEY_FILE: file });
  expect(open).toMatchObject({ code: 3, err: expect.stringContaining("chmod 600") });
  await chmod(file, 0o600);
  expect((await run(["key"], { LOGHUNTER_KEY_FILE: file })).code).toBe(0);
  const far = await run(["key"], { LOGHUNTER_KEY: key, LOGHUNTER_URL: "http://loghunter.example" });
  expect(far).toMatchObject({ code: 2, err: expect.stringContaining("begins with https://") });
  for (const { out, err } of [open, far]) expect(out + err).not.toMatch(KEY_PATTERN);
});

test("an API key that is typed is not said again: a CI job would keep it", async () => {
  for (const args of [
    [key],
    ["jobs", `--${key}`],
    ["analyze", key],
    ["jobs", key],
    ["deploy", "checkout", key],
  ]) {
    const { code, out, err } = await run(args);
    expect(code).not.toBe(0);
    expect(out + err).not.toContain(key.slice(0, 30));
    expect(err).toMatch(/<redacted:loghunter-key>|There is an API key in the/);
  }
});

test("help is readable in 80 columns, of every command", async () => {
  for (const command of [[], ["analyze"], ["filters", "save"], ["keys", "create"], ["deploy"]]) {
    const { code, out } = await run([...command, "--help"]);
    expect(code).toBe(0);
    expect(Math.max(...out.split("\n").map(({ length }) => length))).toBeLessThanOrEqual(80);
  }
});

test("completion is made for three shells, and bash's completes", async () => {
  const { out } = await run(["completion", "bash"]);
  const complete = (words: string) =>
    new Promise<string>((resolve) => {
      const script = `${out}\nCOMP_WORDS=(${words}); COMP_CWORD=$(( \${#COMP_WORDS[@]} - 1 )); _loghunter; echo "\${COMPREPLY[*]}"`;
      const bash = spawn("bash", ["--norc", "-c", script]);
      let said = "";
      bash.stdout.on("data", (data: Buffer) => {
        said += data.toString();
      });
      bash.on("close", () => resolve(said.trim()));
    });
  expect(await complete("loghunter an")).toBe("analyze anomalies");
  expect(await complete('loghunter filters ""')).toContain("save");
  expect(await complete("loghunter analyze checkout --s")).toBe("--since");
  expect((await run(["completion", "zsh"])).out).toContain("#compdef loghunter");
  expect((await run(["completion", "fish"])).out).toContain(
    "complete -c loghunter -f -n '__fish_seen_subcommand_from analyze' -l since",
  );
  expect((await run(["completion", "tcsh"])).code).toBe(2);
});

test("an operator makes, lists and revokes keys at the terminal", async () => {
  const env = { DATABASE_URL: t.databaseUrl, KEY_HASH_COST: "10" };
  const made = await run(["keys", "create", "--org", "acme", "--name", "ops", "--scopes", "read:logs"], env);
  expect(made.code).toBe(0);
  expect(made.out.trim()).toMatch(new RegExp(`^${KEY_PATTERN.source}$`));
  expect((await run(["key"], { LOGHUNTER_KEY: made.out.trim() })).code).toBe(0);
  expect((await run(["keys", "list", "--org", "acme"], env)).out).toMatch(/ops +\w{4} +\d{4}-\d\d-\d\d/);
  const again = await run(["keys", "create", "--org", "acme", "--name", "OPS", "--scopes", "read:logs"], env);
  expect([again.code, again.out, again.err]).toEqual([
    1,
    "",
    "There is a key OPS already. Choose another name, or revoke that one first.\n",
  ]);
  const audit = await t.chat.fill("audit", { about: "key" }, { channel: "keys", by: ADMIN });
  expect(JSON.stringify(audit)).toContain("made an API key");
  expect(JSON.stringify(audit)).not.toContain("revoked an API key");
  expect((await run(["keys", "revoke", "ops", "--org", "acme"], env)).out).toContain("Revoked ops");
  expect((await run(["key"], { LOGHUNTER_KEY: made.out.trim() })).code).toBe(3);
  expect((await run(["keys", "list", "--org", "nobody"], env)).err).toContain(
    'There is no organisation "nobody"',
  );
});
