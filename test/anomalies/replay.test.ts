import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Circumstances } from "../../src/anomalies/circumstances.ts";
import { USUAL_RULES } from "../../src/anomalies/episode.ts";
import { type Explained, explainMinute } from "../../src/anomalies/explain.ts";
import { Replay } from "../../src/anomalies/replay.ts";
import { SENSITIVITIES, SHIFT } from "../../src/anomalies/sensitivity.ts";
import { TenantWatch } from "../../src/anomalies/tenantWatch.ts";
import { inlineText } from "../../src/chat/plainText.ts";
import { metricItem } from "../../src/commands/explainMetric.ts";
import { createCountsSource, type Logged, noiseAt } from "../support/countsSource.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOON = Date.UTC(2026, 10, 24, 12);
const FROM = NOON - 36 * HOUR;
const REF = { service: "checkout", namespace: "shop" };

const about = (shift = 0): Circumstances => ({
  rules: () => ({ ...USUAL_RULES, shift }),
  isMaintained: () => false,
  weighed: (_ref, _minuteMs, finding) => finding,
});

/** A day and a half, and in its last hours some minutes of failures, of a burst of lines, and of nothing at all. */
const logged: Logged = (minuteMs) => {
  const errors = Math.round(4 * noiseAt(minuteMs, 1));
  const lines = Math.round(50 + 20 * noiseAt(minuteMs, 2)) + errors;
  const ago = (NOON - minuteMs) / MINUTE;
  if (ago <= 300 && ago > 280) return { lines: lines + 60, errors: errors + 60 };
  if (ago <= 200 && ago > 190) return { lines: lines + 500, errors };
  if (ago <= 100 && ago > 60) return { lines: 0, errors: 0 };
  return { lines, errors };
};

const source = createCountsSource({ checkout: logged });
const counts = (fromMs: number, toMs: number) => source.counts("acme", { fromMs, toMs, stepMs: MINUTE });

async function replayed(edges: readonly number[], shift = 0): Promise<Replay> {
  const replay = Replay.create(REF);
  let fromMs = FROM;
  for (const toMs of [...edges, NOON]) {
    replay.advance(await counts(fromMs, toMs), fromMs, toMs, about(shift));
    fromMs = toMs;
  }
  return replay;
}

describe("a replay", () => {
  test("finds what the scan finds, in the same minutes", async () => {
    const tenant = new TenantWatch();
    const changes = tenant.advance(await counts(FROM, NOON), FROM, NOON, about());
    const opened = changes.flatMap((change) => (change.kind === "opens" ? [change.episode] : []));
    const { episodes } = await replayed([]);

    expect(opened.length).toBeGreaterThan(0);
    expect(episodes.map(({ metric, startedAtMs }) => ({ metric, startedAtMs }))).toEqual(
      opened.map(({ metric, startedAtMs }) => ({ metric, startedAtMs })),
    );
    expect(episodes[0]).toMatchObject({ metric: "error_rate" });
    const foundAfterMs = (episodes[0]?.detectedAtMs as number) - (NOON - 300 * MINUTE);
    expect(foundAfterMs).toBeGreaterThan(0);
    expect(foundAfterMs).toBeLessThanOrEqual(3 * MINUTE);
  });

  test("in slices is a replay at once, wherever they are cut", async () => {
    const whole = await replayed([]);
    const edge = fc.integer({ min: 1, max: 36 * 60 - 1 }).map((minute) => FROM + minute * MINUTE);
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(edge, { maxLength: 6 }), async (edges) => {
        const cut = await replayed(edges.sort((a, b) => a - b));
        expect(cut.episodes).toEqual(whole.episodes);
        expect(cut.judgedFromMs).toBe(whole.judgedFromMs);
        expect(cut.said("error_rate")).toEqual(whole.said("error_rate"));
      }),
      { numRuns: 12 },
    );
  });

  test("that goes on from what was kept is the one that went through", async () => {
    const keptMs = NOON - 290 * MINUTE;
    const tenant = new TenantWatch();
    tenant.advance(await counts(FROM, keptMs), FROM, keptMs, about());
    const [kept] = tenant.checkpoint(keptMs, true);
    const open = tenant.open().map((episode) => ({ ...episode, id: "1", isOpen: true }));
    const replay = kept && Replay.resume(kept, open);
    expect(replay?.untilMs).toBe(keptMs);
    replay?.advance(await counts(keptMs, NOON), keptMs, NOON, about());

    const whole = await replayed([]);
    const [first, ...others] = replay?.episodes ?? [];
    expect(others).toEqual(whole.episodes.slice(1));
    expect(first).toMatchObject({
      startedAtMs: whole.episodes[0]?.startedAtMs,
      ended: whole.episodes[0]?.ended,
    });
  });

  test("needs a day of lines before it says anything, and says from when on it judges", async () => {
    const { judgedFromMs, episodes } = await replayed([]);
    expect((judgedFromMs as number) - FROM).toBeGreaterThanOrEqual(23 * HOUR);
    expect((judgedFromMs as number) - FROM).toBeLessThanOrEqual(25 * HOUR);
    expect(episodes.every(({ detectedAtMs }) => detectedAtMs > (judgedFromMs as number))).toBe(true);
  });

  test("leaves the lines of other services out", async () => {
    const replay = Replay.create(REF);
    const others = createCountsSource({ payments: logged });
    const series = await others.counts("acme", { fromMs: FROM, toMs: NOON, stepMs: MINUTE });
    replay.advance(series, FROM, NOON, about());
    expect(replay.episodes).toEqual([]);
    expect(replay.judgedFromMs).toBeUndefined();
  });

  test("finds no more with a lower sensitivity", async () => {
    const found = await Promise.all(
      SENSITIVITIES.map(async (sensitivity) => replayed([], SHIFT[sensitivity])),
    );
    const [low = 0, normal = 0, high = 0] = found.map(({ episodes }) => episodes.length);
    expect(low).toBeLessThanOrEqual(normal);
    expect(normal).toBeLessThanOrEqual(high);
  });
});

test("a level that stays is how things are now, also where little is asked of an episode", async () => {
  const higher = createCountsSource({
    checkout: (minuteMs) => {
      const { lines, errors } = logged(minuteMs - 15 * HOUR);
      return minuteMs >= NOON - 14 * HOUR ? { lines: lines + 60, errors: errors + 60 } : { lines, errors };
    },
  });
  for (const shift of [0, -0.4, -0.55]) {
    const replay = Replay.create(REF);
    const from = NOON - 3 * 24 * HOUR;
    const all = await higher.counts("acme", { fromMs: from, toMs: NOON, stepMs: MINUTE });
    replay.advance(all, from, NOON, about(shift));
    const risen = replay.episodes.find(
      ({ startedAtMs, metric }) => startedAtMs >= NOON - 15 * HOUR && metric === "error_rate",
    );
    expect(risen).toMatchObject({ ended: { why: "a new normal" } });
  }
});

test("what is asked least of is still a week's rarity: ordinary noise is nothing", async () => {
  const quiet = createCountsSource({
    checkout: (minuteMs) => ({
      lines: Math.round(50 + 20 * noiseAt(minuteMs, 2)),
      errors: Math.round(4 * noiseAt(minuteMs, 1)),
    }),
  });
  const replay = Replay.create(REF);
  const from = NOON - 14 * 24 * HOUR;
  const all = await quiet.counts("acme", { fromMs: from, toMs: NOON, stepMs: MINUTE });
  replay.advance(all, from, NOON, about(SHIFT.high - 0.3));
  expect(replay.episodes.length).toBeLessThanOrEqual(3);
});

test("errors among the lines are judged by blocks of five minutes, and a minute within one says which block it was", async () => {
  const minuteMs = NOON - 300 * MINUTE + MINUTE;
  const replay = Replay.create(REF);
  replay.advance(await counts(FROM, minuteMs + MINUTE), FROM, minuteMs + MINUTE, about());
  const recent = Array.from({ length: 10 }, (_, i) => logged(minuteMs - (9 - i) * MINUTE));
  const explained = explainMinute(replay, minuteMs, USUAL_RULES, recent);

  const blockEndMs = Math.floor(minuteMs / (5 * MINUTE)) * 5 * MINUTE;
  const ratio = explained.find(({ metric }) => metric === "error_ratio");
  expect(ratio).toMatchObject({ overMinutes: 5, untilMs: blockEndMs });
  expect(inlineText(metricItem(ratio as Explained, minuteMs).detail ?? "")).toContain(
    `over the 5 minutes until ${new Date(blockEndMs).toISOString().slice(11, 19)} UTC`,
  );
});

test("how many lines too many there are fits what was observed and what that was held against", async () => {
  for (let ago = 199; ago > 180; ago--) {
    const minuteMs = NOON - ago * MINUTE;
    const replay = Replay.create(REF);
    replay.advance(await counts(FROM, minuteMs + MINUTE), FROM, minuteMs + MINUTE, about());
    const recent = Array.from({ length: 10 }, (_, i) => logged(minuteMs - (9 - i) * MINUTE));
    for (const each of explainMinute(replay, minuteMs, USUAL_RULES, recent)) {
      const lines = each.conditions.find(({ name }) => name === "lines");
      if (each.metric === "error_ratio" || each.metric === "silence" || lines === undefined) continue;
      const against = lines.against ?? (each.usual?.expected as number);
      expect(lines.value).toBeCloseTo(Math.abs(each.observed - against) * each.overMinutes, 5);
    }
  }
});
