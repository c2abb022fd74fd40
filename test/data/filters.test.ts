import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { deleteFilter, findFilter, listFilters, saveFilter } from "../../src/filters/store.ts";
import { openTestTenants, type TestTenants } from "../support/tenants.ts";

let t: TestTenants;
beforeAll(async () => {
  t = await openTestTenants();
});
afterAll(() => t.close());

const checkout = { service: "checkout" };

describe("a saved filter", () => {
  test("is found by its name in any case, and not by another tenant", async () => {
    const filter = {
      namespace: "",
      levels: ["FATAL", "ERROR"],
      keywords: ['say "no"', "half \ud800", "a\0b"],
    } as const;
    const given = { ...filter, levels: [...filter.levels], keywords: [...filter.keywords] };
    expect(
      await t.a.scope.transaction((db) =>
        saveFilter(t.a.scope, db, { name: "Slow-5xx", filter: given, savedBy: "Ann" }),
      ),
    ).toBeUndefined();

    expect(await findFilter(t.a.scope, "SLOW-5XX")).toEqual({
      name: "Slow-5xx",
      filter: { ...given, keywords: ['say "no"', "half \ufffd", "a\ufffdb"] },
      savedBy: "Ann",
      savedAtMs: expect.any(Number),
    });
    expect(await findFilter(t.b.scope, "Slow-5xx")).toBeUndefined();
  });

  test("takes the place of the live one of its name, which is given back", async () => {
    await t.a.scope.transaction((db) =>
      saveFilter(t.a.scope, db, { name: "mine", filter: checkout, savedBy: "Ann" }),
    );
    const again = { name: "MINE", filter: { service: "payments" }, savedBy: "Ben" };

    expect(
      await t.a.scope.transaction((db) =>
        saveFilter(t.a.scope, db, { name: "Mine", filter: checkout, savedBy: "Ann" }),
      ),
    ).toBeUndefined();
    expect(await t.a.scope.transaction((db) => saveFilter(t.a.scope, db, again))).toEqual(checkout);
    expect((await listFilters(t.a.scope, 10)).filter(({ name }) => name.toLowerCase() === "mine")).toEqual([
      { ...again, savedAtMs: expect.any(Number) },
    ]);
  });

  test("saved by many at once is there once", async () => {
    const names = ["race", "RACE", "Race", "rAce"];
    await Promise.all(
      names.map((name) =>
        t.b.scope.transaction((db) => saveFilter(t.b.scope, db, { name, filter: checkout, savedBy: "Ann" })),
      ),
    );
    expect(await listFilters(t.b.scope, 10)).toHaveLength(1);
  });

  test("that is deleted keeps its row and frees its name", async () => {
    await t.a.scope.transaction((db) =>
      saveFilter(t.a.scope, db, { name: "gone", filter: checkout, savedBy: "Ann" }),
    );
    expect(await t.a.scope.transaction((db) => deleteFilter(t.a.scope, db, "GONE"))).toMatchObject({
      name: "gone",
      filter: checkout,
    });
    expect(await t.a.scope.transaction((db) => deleteFilter(t.a.scope, db, "gone"))).toBeUndefined();
    expect(await findFilter(t.a.scope, "gone")).toBeUndefined();
    expect(
      await t.a.scope.transaction((db) =>
        saveFilter(t.a.scope, db, { name: "gone", filter: { service: "x1" }, savedBy: "Ann" }),
      ),
    ).toBeUndefined();

    const { rows } = await t.admin.query(
      "select filter_json, deleted_at is null as live from saved_filters where name = 'gone' order by created_at",
    );
    expect(rows).toEqual([
      { filter_json: checkout, live: false },
      { filter_json: { service: "x1" }, live: true },
    ]);
  });

  test("is listed by name, whatever the case", async () => {
    const listed = await listFilters(t.a.scope, 3);
    expect(listed.map(({ name }) => name)).toEqual(["gone", "MINE", "Slow-5xx"]);
    expect(await listFilters(t.a.scope, 1)).toHaveLength(1);
  });
});
