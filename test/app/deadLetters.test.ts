import { afterAll, beforeAll, expect, test } from "@jest/globals";
import pg from "pg";
import { inlineText, plainText } from "../../src/chat/plainText.ts";
import { createCountsSource, usual } from "../support/countsSource.ts";
import { openTestApp, type TestApp } from "../support/testApp.ts";

let t: TestApp;
let admin: pg.Client;

beforeAll(async () => {
  t = await openTestApp({ logs: createCountsSource({ checkout: usual(1) }) });
  admin = new pg.Client({ connectionString: t.databaseUrl });
  await admin.connect();
});
afterAll(async () => {
  await admin.end();
  await t.close();
});

async function status() {
  const { reply } = await t.chat.type("status");
  if (reply.kind !== "message") throw new Error("no card");
  const items = reply.card.body.flatMap((block) => (block.kind === "items" ? block.items : []));
  const found = items.find(({ heading }) => inlineText(heading).includes("refused in the last day"));
  return {
    title: reply.card.title,
    text: plainText(reply.card),
    heading: found && inlineText(found.heading),
    detail: found?.detail && inlineText(found.detail),
  };
}

/** A message about a service, or about none, that came to that so long ago. */
async function refuse(
  channel: string,
  about: { service: string } | { notice: string },
  why: string,
  { edits = 0, hours = 1 } = {},
): Promise<void> {
  const [{ tenant_id, id: workspace_id }] = (await admin.query("select tenant_id, id from workspaces"))
    .rows as [{ tenant_id: string; id: string }];
  const event =
    "service" in about
      ? (
          await admin.query<{ id: string }>(
            `insert into anomaly_events (tenant_id, service, namespace, fingerprint, started_at, detected_at, last_odd_at,
               severity, metric, baseline_value, observed_value, deviation_factor)
             values ($1, $2, '', gen_random_uuid()::text, now(), now(), now(), 'HIGH', 'error_rate', 1, 9, 9) returning id`,
            [tenant_id, about.service],
          )
        ).rows[0]?.id
      : null;
  for (let sequence = 0; sequence <= edits; sequence++)
    await admin.query(
      `insert into deliveries (tenant_id, updated_at, workspace_id, channel, anomaly_event_id, notice, kind, sequence, card,
         state, last_error)
       values ($1, now() - $2 * interval '1 hour', $3, $4, $5, $6, $7, $8, '{}', 'refused', $9)`,
      [
        tenant_id,
        hours,
        workspace_id,
        channel,
        event,
        "notice" in about ? about.notice : null,
        event === null ? "notice" : "alert",
        sequence,
        sequence === 0 ? why : "the message it belongs under was refused",
      ],
    );
}

test("status says nothing of refused messages where there are none, or none lately", async () => {
  await refuse("C1", { service: "checkout" }, "not acceptable: long ago", { hours: 25 });
  expect(await status()).toMatchObject({ title: "LogHunter is working", heading: undefined });
  expect((await status()).text).toContain("Unsent messages: 0\n");
});

test("status says where a message was refused, of what and why, and counts one with its edits once", async () => {
  await refuse("C1", { service: "checkout" }, "not acceptable: invalid_blocks", { edits: 2, hours: 3 });
  const { title, heading, detail } = await status();
  expect(title).toBe("1 to mend");
  expect(heading).toBe("1 message was refused in the last day.");
  expect(detail).toMatch(/^checkout in #C1, [\d:]+ UTC: not acceptable: invalid_blocks$/);
});

test("status names the latest three, and those alike once", async () => {
  for (const hours of [2, 4])
    await refuse("C1", { service: "payments" }, "not acceptable: too long", { hours });
  await refuse("C2", { notice: "silent 1" }, "the workspace is no longer this tenant's");
  await refuse("C3", { service: "cart" }, "not acceptable: said before", { hours: 20 });
  const { heading, detail } = await status();
  expect(heading).toBe("5 messages were refused in the last day.");
  expect(detail?.replace(/[\d:]+ UTC/g, "then").split("; ")).toEqual([
    "in #C2, then: the workspace is no longer this tenant's",
    "payments in #C1 (2), then: not acceptable: too long",
    "checkout in #C1, then: not acceptable: invalid_blocks",
  ]);
});

test("status does not name what stands there since: the channel takes messages again", async () => {
  await admin.query("delete from deliveries");
  await refuse("C4", { service: "stock" }, "not in channel: not_in_channel");
  expect((await status()).heading).toBe("1 message was refused in the last day.");
  await admin.query(
    `insert into deliveries (tenant_id, workspace_id, channel, anomaly_event_id, kind, sequence, card, state)
     select tenant_id, workspace_id, channel, anomaly_event_id, kind, sequence + 1, '{}', 'sent' from deliveries where channel = 'C4'`,
  );
  expect(await status()).toMatchObject({ title: "LogHunter is working", heading: undefined });
});

test("status does not say twice what is wrong with a channel", async () => {
  await admin.query("delete from deliveries");
  await refuse("C9", { service: "checkout" }, "not in channel: not_in_channel");
  await admin.query(
    `insert into channel_troubles (tenant_id, workspace_id, channel, reason, why)
     select tenant_id, id, 'C9', 'not in channel', 'not_in_channel' from workspaces`,
  );
  const { title, heading, detail, text } = await status();
  expect([title, heading, detail]).toEqual([
    "2 to mend",
    "1 message was refused in the last day, as is said above.",
    undefined,
  ]);
  expect(text.match(/not_in_channel/g)).toHaveLength(1);
});

test("status says how many it does not list, of channels as of what is muted", async () => {
  await admin.query(
    `insert into channels (tenant_id, workspace_id, external_id, purpose)
     select tenant_id, id, 'many-' || at, 'alerts' from workspaces, generate_series(1, 25) at`,
  );
  await admin.query(
    `insert into mutes (tenant_id, service, ends_at, muted_by)
     select tenant_id, 'many-' || at, now() + interval '1 day', 'Ann' from workspaces, generate_series(1, 23) at`,
  );
  const { text } = await status();
  expect(text).toMatch(/#many-\d+ and \d+ more\n/);
  expect(text).toContain("And 3 more, which end later.");
});
