import { afterAll, beforeAll, expect, test } from "@jest/globals";
import pg from "pg";
import { plainText } from "../../src/chat/plainText.ts";
import { createCountsSource, usual } from "../support/countsSource.ts";
import { openTestApp, type TestApp } from "../support/testApp.ts";

const ADMIN = { platformAdmin: true };
let t: TestApp;
let db: pg.Client;
beforeAll(async () => {
  t = await openTestApp({ logs: createCountsSource({ checkout: usual(1) }) });
  db = new pg.Client({ connectionString: t.databaseUrl });
  await db.connect();
});
afterAll(async () => {
  await db.end();
  await t.close();
});

const said = async (text: string) => {
  const { reply } = await t.chat.type(text, ADMIN);
  return reply.kind === "message" ? plainText(reply.card) : reply.kind;
};

test("of two who mute a service in one moment the last one's mute holds, and no other", async () => {
  for (let round = 0; round < 5; round++) {
    await Promise.all([said("mute checkout 1h"), said("mute checkout 2h"), said("mute checkout 3h")]);
    expect((await said("status")).match(/checkout until/g)).toHaveLength(1);
  }
  await said("unmute checkout");
});

test("of two who begin maintenance in one moment the last one's holds, and no other", async () => {
  for (let round = 0; round < 5; round++) {
    await Promise.all([1, 2, 3].map((hours) => said(`watch maintenance checkout ${hours}h`)));
    const { rows } = await db.query("select from maintenance_windows where ends_at > now()");
    expect(rows).toHaveLength(1);
  }
  await said("watch maintenance checkout off");
});

test("an unmute whose message could not be owed is taken back, and done by the next press", async () => {
  const card = { title: "checkout: more errors", tone: "critical", body: [{ kind: "facts", facts: [] }] };
  const { rows } = await db.query<{ id: string }>(
    `\
with event as (
  insert into anomaly_events (
    tenant_id, service, namespace, metric, fingerprint, direction, started_at, detected_at, last_odd_at, severity, score,
    baseline_value, observed_value, deviation_factor, usual_low, usual_high, conditions, is_shadow
  )
  select id, 'checkout', '', 'error_rate', '', 'up', now(), now(), now(), 'HIGH', 9, 1, 9, 9, 0, 2, '[]', false from tenants
  where loki_org_id = 'acme' returning id, tenant_id
)
insert into deliveries (tenant_id, workspace_id, channel, anomaly_event_id, kind, sequence, card, state, message_id)
select e.tenant_id, w.id, 'general', e.id, 'alert', 0, $1, 'sent', 'm1' from event e join workspaces w using (tenant_id)
returning anomaly_event_id as id`,
    [JSON.stringify(card)],
  );
  const subject = rows[0]?.id ?? "";
  const press = async (name: string) => {
    const reply = await t.chat.press("m1", { name, subject }, ADMIN);
    return reply.kind === "message" ? plainText(reply.card) : reply.kind;
  };
  const owed = async () => {
    const last = await db.query<{ card: object }>(
      "select card from deliveries order by sequence desc limit 1",
    );
    return JSON.stringify(last.rows[0]?.card);
  };
  expect(await press("anomaly.mute1h")).toContain("checkout: muted");
  expect(await owed()).toContain("Muted");
  await db.query(`\
create function breaks() returns trigger language plpgsql as $$ begin raise 'it breaks here'; end $$;
create trigger breaks before insert or update of card on deliveries for each row execute function breaks()`);
  expect(await press("anomaly.unmute")).toContain("Something went wrong");
  await db.query("drop trigger breaks on deliveries");

  expect(await press("anomaly.unmute")).toContain("not muted any more");
  expect(await owed()).not.toContain("Muted");
}, 30_000);
