import { expect, test } from "@jest/globals";
import pg from "pg";
import { plainText } from "../../src/chat/plainText.ts";
import { createCountsSource, usual } from "../support/countsSource.ts";
import { openTestApp } from "../support/testApp.ts";

const DAY_MS = 24 * 60 * 60_000;
const ADMIN = { platformAdmin: true };

test("every hour what people did three months ago is deleted, and what they did lately is not", async () => {
  let nowMs = Date.now();
  let everyHour = async () => {};
  const stopped: string[] = [];
  const t = await openTestApp({
    logs: createCountsSource({ checkout: usual(1), payments: usual(2) }),
    now: () => nowMs,
    scheduleRetention: (tick) => {
      everyHour = tick;
      return { stop: async () => void stopped.push("schedule") };
    },
  });
  const admin = new pg.Client({ connectionString: t.databaseUrl });
  await admin.connect();
  try {
    const kept = async () => {
      const { rows } = await admin.query<{ said: string }>(
        "select version as said from deploy_markers union all select reason from mutes order by said",
      );
      return rows.map(({ said }) => said);
    };
    await t.chat.type("deploy checkout v1", ADMIN);
    await t.chat.type("mute payments 1h old work", ADMIN);
    nowMs += 60 * DAY_MS;
    await t.chat.type("deploy checkout v2", ADMIN);
    await t.chat.type("mute checkout 1h new work", ADMIN);
    await everyHour();
    expect(await kept()).toEqual(["new work", "old work", "v1", "v2"]);
    nowMs += 31 * DAY_MS;
    await everyHour();
    expect(await kept()).toEqual(["new work", "v2"]);

    const said = async (command: string) => {
      const { reply } = await t.chat.type(command, ADMIN);
      return reply.kind === "message" ? plainText(reply.card) : reply.kind;
    };
    expect(await said("tenant retention")).toContain("Kept for: 90 days");
    expect(await said("tenant retention soon")).toContain(
      '"soon" is no number of days. Use 1 to 3650, such as 90.',
    );
    expect(await said("tenant retention 30")).toContain("Kept for: 30 days");
    await everyHour();
    expect(await kept()).toEqual([]);
  } finally {
    await admin.end();
    await t.close();
  }
  expect(stopped).toEqual(["schedule"]);
});
