import { afterAll, beforeAll, expect, test } from "@jest/globals";
import pg from "pg";
import { plainText } from "../../src/chat/plainText.ts";
import { createLinesSource } from "../support/linesSource.ts";
import { openTestApp, type TestApp } from "../support/testApp.ts";

let t: TestApp;
let db: pg.Client;
beforeAll(async () => {
  t = await openTestApp({ logs: createLinesSource([]) });
  db = new pg.Client({ connectionString: t.databaseUrl });
  await db.connect();
});
afterAll(async () => {
  await db.end();
  await t.close();
});

const said = async (text: string) => {
  const { reply } = await t.chat.type(text, { platformAdmin: true });
  return reply.kind === "message" ? plainText(reply.card) : reply.kind;
};

test("a filter that somebody changes in the moment it is deleted is told as it was when it went", async () => {
  await said("filters save mine timeout");
  await db.query("begin");
  await db.query(`update saved_filters set filter_json = '{"keywords":["refused"]}' where name = 'mine'`);
  const deleted = said("filters delete mine");
  while ((await db.query("select from pg_locks where not granted")).rowCount === 0);
  await db.query("commit");

  expect(await deleted).toContain("filters save mine refused");
  expect(await said("filters delete mine")).toContain('There is no saved filter "mine".');
  expect((await said("audit about:filter")).match(/mine.*deleted/g)).toHaveLength(1);
});

test("of those who save under one name in one moment each but the first is told what theirs replaced", async () => {
  for (let round = 0; round < 5; round++) {
    const all = await Promise.all(
      ["one", "two", "three"].map((word) => said(`filters save n${round} ${word}`)),
    );
    expect(all.filter((text) => text.includes("It was until now"))).toHaveLength(2);
  }
});
