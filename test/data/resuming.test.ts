import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { startResuming } from "../../src/analysis/resuming.ts";
import { createLog } from "../../src/log.ts";
import type { TenantScope } from "../../src/tenancy/scope.ts";
import { openTestTenants, type TestTenants } from "../support/tenants.ts";

let t: TestTenants;
beforeAll(async () => {
  t = await openTestTenants();
});
afterAll(() => t.close());

const ask = (scope: TenantScope, workspaceId: string, count: number, minutesAgo: number) =>
  scope.query(
    `\
insert into conversations (
  tenant_id, workspace_id, channel, asked_by, once_id, service, namespace, window_start, window_end, state, created_at
)
select $1, $2, 'C1', '', 'alert ' || n, 'checkout', '', now() - interval '1 hour', now(), 'queued',
  now() - $4 * interval '1 minute'
from generate_series(1, $3::int) n`,
    [scope.tenantId, workspaceId, count, minutesAgo],
  );

test("what one tenant waits for is queued again, however much another one waits for", async () => {
  await ask(t.a.scope, t.a.id, 300, 5);
  await ask(t.b.scope, t.b.id, 1, 1);
  const queued: string[] = [];
  const queueNext = async ({ tenantId }: TenantScope) => void queued.push(tenantId);

  const resuming = startResuming(t.directory, { queueNext }, createLog("silent"), Date.now);
  await resuming.stop();

  expect(queued).toEqual([t.a.scope.tenantId, t.b.scope.tenantId]);
});
