import { createHash } from "node:crypto";
import { expect, test } from "@jest/globals";
import type { Circumstances } from "../../src/anomalies/circumstances.ts";
import { advance } from "../../src/anomalies/counting.ts";
import { USUAL_RULES } from "../../src/anomalies/episode.ts";
import { TenantWatch } from "../../src/anomalies/tenantWatch.ts";
import { createCountsSource, usual } from "../support/countsSource.ts";

const MINUTE = 60_000;
const NOON = Date.UTC(2026, 10, 24, 12);
const range = { fromMs: NOON - 60 * MINUTE, toMs: NOON };
const about: Circumstances = {
  rules: () => USUAL_RULES,
  isMaintained: () => false,
  weighed: (_ref, _minuteMs, finding) => finding,
};

test("an hour of many services is watched while others get their turn, and comes to the same", async () => {
  const services = Object.fromEntries(Array.from({ length: 120 }, (_, at) => [`service-${at}`, usual(at)]));
  const series = await createCountsSource(services).counts("acme", { ...range, stepMs: MINUTE });

  let turns = 0;
  let isOver = false;
  const take = () => {
    turns += 1;
    if (!isOver) setImmediate(take);
  };
  const tenant = new TenantWatch();
  take();
  const changes = await advance(tenant, [{ range, series }], about);
  isOver = true;
  expect(turns).toBeGreaterThan(2);

  const atOnce = new TenantWatch();
  expect(changes).toEqual(atOnce.advance(series, range.fromMs, range.toMs, about));
  expect(tenant.untilMs).toBe(NOON);
  // Compared as they are kept: Jest would look at each of a million bytes by itself.
  const kept = (watch: TenantWatch) =>
    [...watch.checkpoint(NOON - MINUTE, true)].map(({ service, detectors }) => [
      service,
      createHash("sha256").update(detectors).digest("hex"),
    ]);
  expect(kept(tenant)).toHaveLength(120);
  expect(kept(tenant)).toEqual(kept(atOnce));

  turns = 0;
  isOver = false;
  take();
  const again = await TenantWatch.restoreInTurns([...tenant.checkpoint(NOON, true)], {});
  isOver = true;
  expect(turns).toBeGreaterThan(2);
  expect(kept(again)).toEqual(kept(tenant));
});
