import { expect, test } from "@jest/globals";
import { setPurpose } from "../../src/alerting/channels.ts";
import { createKeyCare } from "../../src/keys/care.ts";
import { createLog } from "../../src/log.ts";
import { openTestTenants } from "../support/tenants.ts";

test("an organisation whose keys cannot be looked after keeps nobody else's from being", async () => {
  const t = await openTestTenants();
  try {
    await t.a.scope.transaction((db) => setPurpose(t.a, db, "C1", "keys", "U1"));
    await t.admin.query(
      `insert into api_keys (tenant_id, name, key_hash, scopes, last_four, created_by, created_at, expires_at, shown_at)
       values ($1, 'ci', '$2b$', '{read:analysis}', '0aZ9', 'U1', now() - interval '30 days', now() + interval '1 day', now())`,
      [t.a.scope.tenantId],
    );
    const broken = { tenantId: "broken", query: () => Promise.reject(new Error("broken")) } as never;
    const told: string[] = [];
    const care = createKeyCare({
      directory: { tenants: async (after) => (after === undefined ? [broken, t.a.scope] : []) },
      wake: () => undefined,
      log: createLog("error", { write: (line) => void told.push(JSON.parse(line).msg) }),
      now: Date.now,
    });
    await care.run();
    expect(told).toEqual(["could not look after API keys"]);
    expect((await t.admin.query("select from deliveries where card::text like '%ci ends%'")).rowCount).toBe(
      1,
    );
  } finally {
    await t.close();
  }
});
