import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "@jest/globals";
import { openLoki } from "../../adapters/loki/index.ts";
import { createMemoryCache } from "../../adapters/memory/index.ts";
import { plainText } from "../../src/chat/plainText.ts";
import { doctorCard } from "../../src/doctor/card.ts";
import { runChecks } from "../../src/doctor/check.ts";
import { logsCheck } from "../../src/doctor/logs.ts";
import { diskCheck } from "../../src/doctor/machine.ts";
import { createLog } from "../../src/log.ts";
import { createLinesSource, lineAt } from "../support/linesSource.ts";
import { type StandInLine, type StandInOptions, startStandInLoki } from "../support/loki/standIn.ts";
import { openTestApp, type TestApp } from "../support/testApp.ts";

const MINUTE = 60_000;
const NOW_MS = Date.now();
const log = createLog("silent");
const opened: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

function linesOf(labels: Record<string, string>, newestMs: number): StandInLine[] {
  return Array.from({ length: 30 }, (_, n) => ({
    labels,
    atNs: BigInt(newestMs - n * MINUTE) * 1_000_000n,
    text: `level=info msg="order ${n} done"`,
  }));
}

async function openLogs(options: StandInOptions, labels: { service?: string } = {}) {
  const loki = await startStandInLoki(options);
  const source = await openLoki({
    connection: {
      url: options.pathPrefix === undefined ? loki.url : new URL(loki.url).origin,
      token: "canary-token",
    },
    // With another clock there both stand still: what passes between them depends on the machine.
    ...{
      labels,
      cacheOf: async () => undefined,
      log,
      now: options.now === undefined ? Date.now : () => NOW_MS,
    },
  });
  opened.push(async () => {
    await source.close();
    await loki.close();
  });
  return { loki, source };
}

/** What a reader of the card sees of the organisation's logs. */
async function said(
  options: StandInOptions,
  labels: { service?: string } = {},
  org = "acme",
): Promise<string> {
  const { source } = await openLogs(options, labels);
  return plainText(doctorCard(await runChecks([logsCheck(org, { logs: source, now: Date.now })], 5_000)));
}

const CHECKOUT = { service_name: "checkout", level: "info" };
const well = () => ({ acme: linesOf(CHECKOUT, Date.now() - 1_000) });

test("logs that arrive are well", async () => {
  expect(await said({ tenants: well() })).toMatch(
    /^\[WELL\] All is well\n\nWell: logs\.\n\nNothing was posted\./,
  );
});

const BROKEN: [string, () => StandInOptions, { service?: string }, RegExp][] = [
  [
    "credentials that are refused",
    () => ({ auth: { bearer: "another" } }),
    {},
    /FAILED logs: Loki, or the gateway before it, refuses LogHunter's credentials\.\n +→ Check LOKI_USERNAME and LOKI_PASSWORD, or LOKI_TOKEN\./,
  ],
  [
    "an address that is another's",
    () => ({ pathPrefix: "/behind-a-proxy" }),
    {},
    /FAILED logs: There is no Loki at LOKI_URL/,
  ],
  [
    "a clock that is off",
    () => ({ tenants: well(), now: () => NOW_MS + MINUTE }),
    {},
    /WARNING logs: Loki's clock is (59|60|61) s ahead of this machine's, so that lines seem missing or late\.\n +→ Set both by NTP\./,
  ],
  [
    "a label for services that no stream has",
    () => ({ tenants: well() }),
    { service: "app" },
    /WARNING logs: No stream has the label app, so no service is found\.\n +→ Set LOKI_SERVICE_LABEL to one of .*service_name/,
  ],
  [
    "an organisation of which there is nothing",
    () => ({ tenants: { other: linesOf(CHECKOUT, Date.now()) } }),
    {},
    /WARNING logs: No line was logged in the last hour\.\n +→ Check that what ships the logs runs/,
  ],
  [
    "lines that stopped coming",
    () => ({ tenants: { acme: linesOf(CHECKOUT, Date.now() - 25 * MINUTE) } }),
    {},
    /WARNING logs: The newest line is 2[45] min old\.\n +→ Check that what ships the logs runs \(Alloy, Promtail, Fluent Bit\), and its queue\./,
  ],
];
test.each(BROKEN)("%s: what it means and what mends it", async (_, options, labels, wanted) => {
  const text = await said(options(), labels);
  expect(text).toMatch(wanted);
  expect(text).not.toContain("canary");
});

test("one check that hangs is given up, and hides none of the others", async () => {
  const { loki, source } = await openLogs({ tenants: well() });
  loki.fault({ kind: "slow", ms: 1_000, times: 3 });
  const checks = [
    logsCheck("acme", { logs: source, now: Date.now }, "slow"),
    { name: "quick", fix: "", run: async () => [{ state: "well" as const, finding: "Yes." }] },
    {
      name: "broken",
      fix: "Mend it.",
      run: async () => {
        throw new Error("postgres://user:canary@host");
      },
    },
  ];
  expect(await runChecks(checks, 200)).toEqual([
    {
      ...{ name: "slow", state: "failure", finding: "No answer within 0.2 s." },
      fix: "Check that the log source runs and answers; docs/troubleshooting.md says how.",
    },
    { name: "broken", state: "failure", finding: "It could not be looked at (Error).", fix: "Mend it." },
    { name: "quick", state: "well", finding: "Yes." },
  ]);
});

test("in a chat an admin sees it alone, and what is broken in the chat itself first", async () => {
  const logs = createLinesSource([lineAt(Date.now() - MINUTE, "order done", { level: "INFO" })]);
  const t: TestApp = await openTestApp({ logs, stateDirectory: "/nowhere/at/all" });
  opened.push(() => t.close());
  const admin = { platformAdmin: true };
  await t.chat.type("channel alerts", admin);
  t.chat.refusePosts({ outcome: "refused", reason: "not in channel", why: "it was removed" });
  const { reply } = await t.chat.type("doctor", admin);
  expect(reply).toMatchObject({
    kind: "message",
    visibility: "caller",
    card: { tone: "critical", badge: "BROKEN" },
  });
  const text = reply.kind === "message" ? plainText(reply.card) : "";
  expect(text).toContain(
    "FAILED alert channels: Channel #general takes no messages (not in channel: it was removed).\n    → LogHunter is not in the channel: invite it.",
  );
  expect(text).toContain("FAILED disk: The data folder");
  expect(text).not.toContain("/nowhere");
  expect(text).toContain(
    "Well: database, schema, tenants apart, encryption keys, cache, model, API, logs, recording, messages, API keys.",
  );
  const refused = await t.chat.type("doctor", { id: "u2" });
  expect(refused.reply).toMatchObject({
    card: { body: [{ text: expect.stringContaining("doctor is for admins") }] },
  });
});

test("what waits is the organisation's own, and of another nothing is said", async () => {
  const t = await openTestApp({ logs: createLinesSource([]) });
  opened.push(() => t.close());
  const other = await t.app.directory.connect({
    ...{ platform: "recording", externalId: "T2", workspaceName: "Other", lokiOrgId: "canary-other" },
  });
  await other.scope.query(
    `insert into deliveries (tenant_id, workspace_id, channel, notice, kind, sequence, card, created_at, next_attempt_at)
values ($1, $2, 'canary-channel', 'n', 'notice', 0, '{}', now() - interval '1 hour', now() + interval '1 hour')`,
    [other.scope.tenantId, other.id],
  );
  const text = async () => {
    const { reply } = await t.chat.type("doctor", { platformAdmin: true });
    return reply.kind === "message" ? plainText(reply.card) : "";
  };
  expect(await text()).toMatch(/Well: .*messages/);
  expect(await text()).not.toContain("canary");
});

test("a data folder that the first start makes is no failure before it, where it can be made", async () => {
  const folder = await mkdtemp(join(tmpdir(), "loghunter-none-"));
  opened.push(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, "file"), "");
  const look = (at: string, mayBeMissing: boolean) =>
    runChecks([diskCheck(join(folder, at), { mayBeMissing })], 5_000);
  expect(await look("not/yet", true)).toEqual([
    {
      ...{ name: "disk", state: "unseen" },
      finding: "There is no data folder yet: LogHunter makes it when it starts.",
    },
  ]);
  expect(await look("not/yet", false)).toMatchObject([{ name: "disk", state: "failure" }]);
  expect(await look("file/state", true)).toMatchObject([{ name: "disk", state: "failure" }]);
});

/** A disk of one's own, where this account may make one. */
async function smallDisk(): Promise<string | undefined> {
  const folder = await mkdtemp(join(tmpdir(), "loghunter-disk-"));
  opened.push(() => rm(folder, { recursive: true, force: true }));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=8m", "tmpfs", folder], { stdio: "ignore" });
  } catch {
    return undefined;
  }
  opened.push(async () => void execFileSync("umount", ["-l", folder], { stdio: "ignore" }));
  return folder;
}

test("a disk that is nearly full, or full, is a failure (mounts a disk: as root only)", async () => {
  const folder = await smallDisk();
  if (folder === undefined) return;
  const look = () => runChecks([diskCheck(folder)], 5_000);
  expect(await look()).toEqual([
    {
      ...{ name: "disk", state: "failure" },
      finding: "8 MB of 8 MB are free on the disk of the data folder.",
      fix: "Free some space: df -h shows what is full, du -sh what fills it.",
    },
  ]);
  await writeFile(join(folder, "all of it"), Buffer.alloc(16 * 1024 ** 2)).catch(() => undefined);
  expect(await look()).toMatchObject([
    {
      state: "failure",
      finding: "The disk of the data folder is full.",
      fix: expect.stringMatching(/^Free some space/),
    },
  ]);
});

test("memory is said to be the cache where there is no Redis", async () => {
  const cache = createMemoryCache({ now: Date.now });
  expect(await cache.health()).toMatchObject({
    ok: true,
    summary: expect.stringContaining("memory"),
    warnings: [],
  });
});

test("where no API is served, doctor warns, and a key's card names no address to send it to", async () => {
  const logs = createLinesSource([]);
  const t = await openTestApp({ logs, api: { url: () => undefined, keyHashCost: 4 } });
  opened.push(() => t.close());
  const by = { id: "admin", name: "Ada", platformAdmin: true };
  const doctor = await t.chat.type("doctor", { platformAdmin: true });
  expect(doctor.reply.kind === "message" && plainText(doctor.reply.card)).toMatch(
    /WARNING API: No API is served.*\n +→ Set HTTP_PORT/,
  );
  await t.chat.fill("channel keys", {}, { by });
  const made = await t.chat.fill("keys create", { name: "ci", scopes: "read:analysis" }, { by });
  const text = made.kind === "message" ? plainText(made.card) : "";
  expect(text).toContain("No API is served");
  expect(text).toContain("Set HTTP_PORT to a free port and restart");
  expect(text).not.toMatch(/curl|http:/);
});
