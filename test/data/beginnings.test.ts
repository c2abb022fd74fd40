import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { findByBeginnings } from "../../src/clusters/remembered.ts";
import { openTestTenants, type TestTenants } from "../support/tenants.ts";

let t: TestTenants;
beforeAll(async () => {
  t = await openTestTenants();
});
afterAll(() => t.close());

test("pasted lines are looked for by how they begin in no more time where a service has written a new kind with every line", async () => {
  await t.admin.query(
    `insert into error_clusters (
       tenant_id, service, namespace, fingerprint, level, first_seen_at, last_seen_at, count, window_start, window_end,
       template, sample_message
     )
     select $1, 'loud', '', 'v1:' || n, 'ERROR', now(), now() - n * interval '1 second', 1, now(), now(),
       'no route to ' || md5(n::text) || repeat(' at Frame.run', 20), repeat('a sample of it ', 50)
     from generate_series(1, 200000) n`,
    [t.a.scope.tenantId],
  );
  await t.admin.query("analyze error_clusters");
  const wanted = ["one", "two", "three", "four"].map((name) => `never written ${name}`);
  const { rows } = await t.admin.query<{ beginning: string }>(
    "select 'no route to ' || md5('199999') as beginning",
  );
  const beginning = rows[0]?.beginning as string;
  const found = await findByBeginnings(t.a.scope, [...wanted, beginning]);
  expect([...found.keys()]).toEqual([beginning]);
  let leastMs = Number.POSITIVE_INFINITY;
  for (let time = 0; time < 5; time++) {
    const fromMs = performance.now();
    await findByBeginnings(t.a.scope, [...wanted, beginning]);
    leastMs = Math.min(leastMs, performance.now() - fromMs);
  }
  expect(leastMs).toBeLessThan(100);
});
