import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createTestDatabase, type TestDatabase } from "../../support/postgres.ts";
import { query } from "./scratch.ts";

describe("a test database", () => {
  let own: TestDatabase;
  beforeAll(async () => {
    own = await createTestDatabase();
  });
  afterAll(() => own.drop());

  test("is migrated, empty, and shared with nobody", async () => {
    const other = await createTestDatabase();
    await query(own.url, "insert into tenants (name, loki_org_id) values ('ours', 'ours')");
    expect(await query(own.url, "select name from tenants")).toEqual([{ name: "ours" }]);
    expect(await query(other.url, "select name from tenants")).toEqual([]);
    await other.drop();
    await expect(query(other.url, "select 1")).rejects.toThrow("does not exist");
  });

  test("is made once for each of those who ask at once", async () => {
    const databases = await Promise.all(Array.from({ length: 4 }, createTestDatabase));
    expect(new Set(databases.map(({ url }) => url)).size).toBe(4);
    await Promise.all(databases.map((database) => database.drop()));
  });
});
