import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createMemoryCache } from "../../adapters/memory/index.ts";
import { startApp } from "../../src/app.ts";
import type { App } from "../../src/appParts.ts";
import { plainText } from "../../src/chat/plainText.ts";
import type { Person } from "../../src/chat/platform.ts";
import { migrateJobs } from "../../src/jobs/migrate.ts";
import { createLog } from "../../src/log.ts";
import { createLinesSource } from "../support/linesSource.ts";
import { createTestDatabase } from "../support/postgres.ts";
import { createRecordingPlatform, type RecordingPlatform } from "../support/recordingPlatform.ts";

const ADMIN = { id: "boss", platformAdmin: true };
const OPERATOR = { ...ADMIN, operator: true } as const;

let nowMs = Date.UTC(2026, 10, 24, 12);
let database: Awaited<ReturnType<typeof createTestDatabase>>;
let app: App;
let web: RecordingPlatform;
let slack: RecordingPlatform;
let discord: RecordingPlatform;

beforeAll(async () => {
  database = await createTestDatabase();
  await migrateJobs(database.url);
  web = createRecordingPlatform("console", "web");
  slack = createRecordingPlatform("T1", "slack");
  discord = createRecordingPlatform("G1", "discord");
  app = await startApp({
    databaseUrl: database.url,
    cache: createMemoryCache({ now: () => nowMs }),
    logs: createLinesSource([]),
    platforms: () => [web, slack, discord],
    allowedOrgs: ["acme", "other"],
    log: createLog("silent"),
    now: () => nowMs,
  });
  await web.type("connect acme", OPERATOR);
});
afterAll(async () => {
  await app.stop();
  await database.drop();
});

async function say(on: RecordingPlatform, text: string, by: Partial<Person> = ADMIN): Promise<string> {
  const { reply } = await on.type(text, by);
  return reply.kind === "message" ? plainText(reply.card) : reply.kind;
}
const codeIn = (text: string) => /code:(\S+)/.exec(text)?.[1] ?? "";

describe("a workspace that joins an organisation", () => {
  test("needs a code, whoever its admins are", async () => {
    expect(await say(slack, "connect acme")).toContain("Joining acme needs a code.");
    expect(await say(slack, "connect acme code:AAAA-BBBB-CCCC")).toContain("That code is not one");
    expect(await say(slack, "status")).toContain("This workspace sees no logs yet.");
  });

  test("is let in by a code of those who are in, once, also typed without dashes and capitals", async () => {
    const code = codeIn(await say(web, "tenant invite", OPERATOR));
    expect(code).toMatch(/^[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}$/);
    expect(await say(slack, `connect acme code:${code.toLowerCase().replaceAll("-", "")}`)).toContain(
      "Connected to acme",
    );
    expect(await say(discord, `connect acme code:${code}`)).toContain("was used before");
    expect(await say(slack, "tenant")).toContain("Organisation acme");
  });

  test("shares the organisation with one of another platform, and what is kept for it", async () => {
    const code = codeIn(await say(slack, "tenant invite"));
    await say(discord, `connect acme code:${code}`);
    await say(slack, "filters save shared service:checkout");
    expect(await say(discord, "filters list")).toContain("shared");
    expect(await say(discord, "tenant")).toMatch(/Slack\s+T1[\s\S]*Discord\s+G1\s+this one/);
  });

  test("is not let into another organisation by a code for this one, nor by an old one", async () => {
    const code = codeIn(await say(slack, "tenant invite"));
    expect(await say(discord, `connect other code:${code}`)).toContain("not one for this organisation");
    nowMs += 61 * 60_000;
    expect(await say(discord, `connect other code:${code}`)).toContain("over an hour old");
    const second = createRecordingPlatform("T9", "slack");
    await second.start(app.core);
    expect(await say(second, `connect acme code:${code}`)).toContain("over an hour old");
  });

  test("may connect again to where it is without a code", async () => {
    expect(await say(slack, "connect acme")).toContain("Connected to acme");
    expect(await say(slack, "connect acme code:AAAA-BBBB-CCCC")).toContain(
      "It was connected already, so the code was neither looked at nor used up.",
    );
  });

  test("cannot invite to an organisation that is not its own; the operator can, to those that are allowed", async () => {
    expect(await say(slack, "tenant invite org:other")).toContain("You can only invite to your own");
    expect(await say(web, "tenant invite org:secret", OPERATOR)).toContain("CONNECT_ORGS");
    const code = codeIn(await say(web, "tenant invite org:other", OPERATOR));
    const second = createRecordingPlatform("T8", "slack");
    await second.start(app.core);
    expect(await say(second, `connect other code:${code}`)).toContain("Connected to other");
    expect(await say(second, "filters list")).toContain("No saved filters");
    expect(await say(second, "tenant")).not.toContain("T1");
  });

  test("keeps no code in clear, and invites are for admins", async () => {
    const code = codeIn(await say(slack, "tenant invite"));
    const dump = JSON.stringify(await rows("select * from invitations"));
    expect(dump).not.toContain(code);
    expect(dump).not.toContain(code.replaceAll("-", ""));
    expect(await say(slack, "tenant invite", { id: "u2" })).toContain("is for admins");
  });

  test("is told no more without a code, whichever organisation it names", async () => {
    const said = await Promise.all(["acme", "other", "nope"].map((org) => say(discord, `connect ${org}x`)));
    for (const text of said) expect(text).toMatch(/Joining \w+x needs a code/);
    expect(await say(discord, "connect nope code:AAAA-BBBB-CCCC")).toContain("not one for this organisation");
  });

  test("that moves keeps its roles, and takes nothing of the former organisation along", async () => {
    await say(slack, "members role demoted viewer");
    await say(slack, "channel alerts");
    const code = codeIn(await say(web, "tenant invite org:other", OPERATOR));
    const followed = await slack.type("search nothing follow:10m", ADMIN);
    const asked = await slack.type("analyze checkout since:30m", ADMIN);
    const told = await say(slack, `connect other code:${code}`);
    expect(told).toContain("Roles stay as they are. What was kept for acme stays there");
    expect(await say(slack, "channel alerts", { id: "demoted", platformAdmin: true })).toContain(
      "is for admins",
    );
    expect(await say(slack, "status")).toContain("Alert channels: none");
    expect(await say(discord, "status")).toContain("Alert channels: none");
    await slack.until(followed.messageId, ({ title }) => title === "Not followed any further");
    expect(asked.reply.kind).toBe("message");
    await say(slack, `connect acme code:${codeIn(await say(discord, "tenant invite"))}`);
  });

  test("that nobody connected sees nothing under a forged name of one that is", async () => {
    for (const workspace of ["t1", "T1 ", "T1\0", "T1'--", ""]) {
      const forged = createRecordingPlatform(workspace, "slack");
      await forged.start(app.core);
      expect(await say(forged, "status")).toContain("This workspace sees no logs yet.");
    }
    const form = await app.core.form({
      ...{ kind: "command", id: "f1", call: { text: "filters save" } },
      place: { platform: "slack", workspace: "T7777", channel: "general" },
      person: { id: "u1", name: "Ann", platformAdmin: true },
    });
    expect(JSON.stringify(form)).toContain("This workspace sees no logs yet.");
    // The same id on another platform is another workspace.
    const other = createRecordingPlatform("T1", "discord");
    await other.start(app.core);
    expect(await say(other, "filters list")).toContain("This workspace sees no logs yet.");
  });

  test("cannot press what stands in another organisation's channel", async () => {
    const stranger = createRecordingPlatform("T8", "slack");
    await stranger.start(app.core);
    await say(slack, "filters save secret-filter service:payments");
    const asked = await app.core.form({
      kind: "press",
      id: "p1",
      place: { platform: "slack", workspace: "T8", channel: "general" },
      person: { id: "u1", name: "Ann", platformAdmin: true },
      action: { name: "filters.save", subject: "secret-filter" },
      message: { place: { platform: "slack", workspace: "T8", channel: "general" }, id: "1" },
    });
    expect(asked).toMatchObject({ form: { values: {} } });
  });
});

async function rows(text: string): Promise<unknown[]> {
  const pg = (await import("pg")).default;
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}
