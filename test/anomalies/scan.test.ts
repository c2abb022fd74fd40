import { randomUUID } from "node:crypto";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { Change, Episode } from "../../src/anomalies/episode.ts";
import { createScanner, type Scanner, type ScannerParts } from "../../src/anomalies/scan.ts";
import { findWatch } from "../../src/anomalies/watchStore.ts";
import { createFingerprintPool } from "../../src/clusters/fingerprintPool.ts";
import { UserError } from "../../src/errors.ts";
import { createLog } from "../../src/log.ts";
import type { LogSource } from "../../src/logs/source.ts";
import { createCountsSource, during, type Logged, usual } from "../support/countsSource.ts";
import { openTestTenants, type TestTenants } from "../support/tenants.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOON = Date.UTC(2026, 10, 24, 12);
const LAG = 60_000;

let t: TestTenants;
const fingerprints = createFingerprintPool({ threads: 0 });
let nowMs: number;

beforeAll(async () => {
  t = await openTestTenants();
});
afterAll(() => t.close());
beforeEach(async () => {
  nowMs = NOON + LAG;
  for (const table of ["anomaly_events", "anomaly_baselines", "watches", "error_clusters"])
    await t.admin.query(`delete from ${table}`);
  // One tenant is enough here; the other one has no workspace that is connected.
  await t.admin.query("update workspaces set connected_at = null where tenant_id = $1", [t.b.scope.tenantId]);
});

function scannerOf(logs: LogSource, more: Partial<ScannerParts> = {}): Scanner {
  return createScanner({
    directory: t.directory,
    logs,
    fingerprints,
    announcer: {
      prepare: async () => async () => undefined,
      notify: async () => undefined,
      reach: async () => ({ atMs: 0, shutOut: [], refused: [] }),
    },
    log: createLog("silent"),
    now: () => nowMs,
    owner: randomUUID(),
    lagMs: LAG,
    learnMs: 3 * 24 * HOUR,
    ...more,
  });
}

/** Twenty minutes of failures from ten past noon on. */
const BEGIN = NOON + 10 * MINUTE;
const END = NOON + 30 * MINUTE;
const failing = during(BEGIN, END, usual(1, 60, 80), usual(1));
const shop = { checkout: failing, payments: usual(5), catalogue: usual(9) };

async function scanUntil(scanner: Scanner, untilMs: number): Promise<void> {
  const scan = () => Promise.all([scanner.tick(), scanner.retry()]);
  for (; nowMs - LAG < untilMs; nowMs += MINUTE) await scan();
  await scan();
}

async function events() {
  const { rows } = await t.admin.query(
    `select service, metric, severity, started_at, detected_at, last_odd_at, resolved_at, resolution, is_shadow,
       deviation_factor from anomaly_events order by detected_at, service, metric`,
  );
  return rows;
}

describe("an incident", () => {
  test("is one event from its beginning to its end, and the quiet before it is none", async () => {
    const scanner = scannerOf(createCountsSource(shop));
    await scanner.tick();
    expect(await events()).toEqual([]);

    await scanUntil(scanner, BEGIN + 2 * MINUTE);
    const opened = await events();
    expect(opened).toEqual([
      expect.objectContaining({
        service: "checkout",
        metric: "error_rate",
        resolved_at: null,
        is_shadow: true,
      }),
    ]);
    expect(opened[0].detected_at.getTime() - BEGIN).toBeLessThanOrEqual(2 * MINUTE);
    expect(opened[0].started_at).toEqual(new Date(BEGIN));

    await scanUntil(scanner, END + 30 * MINUTE);
    const ended = await events();
    expect(ended.filter(({ metric }) => metric === "error_rate")).toEqual([
      expect.objectContaining({ resolution: "back to normal", last_odd_at: new Date(END) }),
    ]);
    expect(ended.filter(({ resolved_at }) => resolved_at === null)).toEqual([]);
    expect(new Set(ended.map(({ service }) => service))).toEqual(new Set(["checkout"]));
  });

  test("goes on when the process is another one, and is neither doubled nor forgotten", async () => {
    const source = createCountsSource(shop);
    await scanUntil(scannerOf(source), BEGIN + 5 * MINUTE);
    const before = await events();
    await scanUntil(scannerOf(source), END + 30 * MINUTE);
    const after = await events();
    expect(after.filter(({ metric }) => metric === "error_rate")).toHaveLength(1);
    expect(after[0]).toMatchObject({ detected_at: before[0].detected_at, resolution: "back to normal" });
  });

  test("is found once by two processes that scan at the same moment", async () => {
    const source = createCountsSource(shop);
    const both = [scannerOf(source), scannerOf(source)];
    for (; nowMs - LAG < END; nowMs += MINUTE) await Promise.all(both.map((scanner) => scanner.tick()));
    expect((await events()).filter(({ metric }) => metric === "error_rate")).toHaveLength(1);
    // Each minute was asked for once, but where the other one took over and read again what it had not seen.
    const minutes = source.asked.filter(({ fromMs }) => fromMs >= NOON).map(({ fromMs }) => fromMs);
    const between = Array.from({ length: (END - NOON) / MINUTE - 1 }, (_, at) => NOON + at * MINUTE);
    expect([...new Set(minutes)].sort()).toEqual(between);
  });
});

test("services whose names cannot be kept as they are do not end the watch when the process is another one", async () => {
  const odd = {
    "a\0b": usual(1),
    "\ud800": usual(2),
    [`${"x".repeat(300)}1`]: usual(3),
    [`${"x".repeat(300)}2`]: usual(4),
  };
  const source = createCountsSource({ ...shop, ...odd });
  await scanUntil(scannerOf(source), NOON + 2 * MINUTE);
  await scanUntil(scannerOf(source), NOON + 5 * MINUTE);
  expect(await findWatch(t.a.scope)).toMatchObject({ scannedUntilMs: NOON + 5 * MINUTE });
  expect((await findWatch(t.a.scope))?.failing).toBeUndefined();
});

describe("the weeks before", () => {
  test("are learnt while services are watched already, once, and the watch goes on with all of it", async () => {
    const source = createCountsSource(shop);
    const scanner = scannerOf(source, { learnMs: 6 * HOUR, deepenMs: 10 * 24 * HOUR, pauseMs: 0 });
    await scanner.tick();
    expect((await findWatch(t.a.scope))?.learnedFromMs).toBe(NOON - 6 * HOUR);
    // It takes as long as it takes; the scan goes on with it as soon as it is there.
    const learnedFrom = async () => (await findWatch(t.a.scope))?.learnedFromMs;
    for (let tries = 0; (await learnedFrom()) !== NOON - 10 * 24 * HOUR && tries < 9; tries++) {
      for (let wait = 0; source.asked.length < 6 + 10 * 24 && wait < 500; wait++)
        await new Promise((done) => setTimeout(done, 20));
      // Asked is not learnt yet, and before long the incident begins.
      await new Promise((done) => setTimeout(done, 100 * 2 ** tries));
      nowMs += MINUTE;
      await scanner.tick();
    }
    expect(await learnedFrom()).toBe(NOON - 10 * 24 * HOUR);
    const asked = source.asked.length;
    await scanUntil(scanner, END + 20 * MINUTE);
    expect(source.asked.length - asked).toBeLessThan(60);
    const rate = (await events()).filter(({ metric }) => metric === "error_rate");
    expect(rate).toEqual([
      expect.objectContaining({ started_at: new Date(BEGIN), resolution: "back to normal" }),
    ]);
    await scanner.stop();

    // Who goes on has all of it too.
    const next = scannerOf(source, { deepenMs: 10 * 24 * HOUR, pauseMs: 0 });
    await scanUntil(next, END + 25 * MINUTE);
    expect((await findWatch(t.a.scope))?.learnedFromMs).toBe(NOON - 10 * 24 * HOUR);
    await next.stop();
  });
});

describe("a log source that does not answer", () => {
  test("makes nothing fire; what was missed is scanned when it answers again", async () => {
    const source = createCountsSource(shop);
    const scanner = scannerOf(source);
    await scanUntil(scanner, BEGIN - MINUTE);
    source.failure = new Error("no answer");
    await scanUntil(scanner, END);
    expect(await events()).toEqual([]);
    const watch = await findWatch(t.a.scope);
    expect(watch?.failing?.sinceMs).toBe(BEGIN - MINUTE + LAG + MINUTE);

    source.failure = undefined;
    await scanUntil(scanner, END + 20 * MINUTE);
    expect((await findWatch(t.a.scope))?.failing).toBeUndefined();
    const rate = (await events()).filter(({ metric }) => metric === "error_rate");
    expect(rate).toEqual([
      expect.objectContaining({ started_at: new Date(BEGIN), resolution: "back to normal" }),
    ]);
  });

  test("is told of once in the log, also by whoever goes on, and once that it answers again", async () => {
    const told: string[] = [];
    const log = createLog("warn", { write: (line) => void told.push(JSON.parse(line).msg) });
    const source = createCountsSource(shop);
    const scanner = scannerOf(source, { log });
    await scanUntil(scanner, NOON);
    source.failure = new UserError("Loki cannot be reached.");
    await scanUntil(scanner, NOON + 3 * MINUTE);
    await scanUntil(scannerOf(source, { log }), NOON + 5 * MINUTE);
    expect(told).toEqual(["a scan failed and is tried again every minute"]);
    source.failure = new UserError("Loki refuses the password.");
    await scanUntil(scanner, NOON + 6 * MINUTE);
    source.failure = undefined;
    await scanUntil(scanner, NOON + 8 * MINUTE);
    expect(told.slice(1)).toEqual(["a scan failed and is tried again every minute", "scans succeed again"]);
  });
});

describe("a minute that the log source can never count", () => {
  test("is left out after a while, and what came after it is found, also by whoever goes on", async () => {
    const source = createCountsSource(shop);
    source.uncountableMs = NOON + 3 * MINUTE;
    const scanner = scannerOf(source);
    await scanUntil(scanner, NOON + 12 * MINUTE);
    expect((await findWatch(t.a.scope))?.scannedUntilMs).toBe(NOON + 3 * MINUTE);
    await scanUntil(scanner, BEGIN + 10 * MINUTE);
    expect((await findWatch(t.a.scope))?.failing).toBeUndefined();
    expect(await events()).toEqual([
      expect.objectContaining({ started_at: new Date(BEGIN), resolved_at: null }),
    ]);

    await scanUntil(scannerOf(source), END + 20 * MINUTE);
    const rate = (await events()).filter(({ metric }) => metric === "error_rate");
    expect(rate).toEqual([expect.objectContaining({ resolution: "back to normal" })]);
  });
});

describe("an organisation whose logs cannot be read", () => {
  afterAll(() =>
    t.admin.query("update workspaces set connected_at = null where tenant_id = $1", [t.b.scope.tenantId]),
  );

  test("keeps nobody waiting", async () => {
    await t.admin.query("update workspaces set connected_at = now() where tenant_id = $1", [
      t.b.scope.tenantId,
    ]);
    const source = createCountsSource(shop);
    const scanner = scannerOf(source, { learnMs: HOUR });
    source.holdUp = async (org) => {
      if (org === t.b.scope.lokiOrgId) throw new Error("no answer");
    };
    await scanner.tick();
    expect((await findWatch(t.b.scope))?.failing).toBeDefined();

    let giveUp = () => {};
    source.holdUp = (org) =>
      org === t.b.scope.lokiOrgId ? new Promise<void>((resolve) => (giveUp = resolve)) : undefined;
    nowMs += MINUTE;
    const retrying = scanner.retry();
    await scanner.tick();
    nowMs += MINUTE;
    await scanner.tick();
    expect((await findWatch(t.a.scope))?.scannedUntilMs).toBe(NOON + 2 * MINUTE);
    expect((await findWatch(t.b.scope))?.scannedUntilMs).toBeUndefined();
    source.holdUp = undefined;
    giveUp();
    await retrying;
    expect((await findWatch(t.b.scope))?.scannedUntilMs).toBe(NOON + MINUTE);
  });
});

test.each(["first", "second"])(
  "a new kind is told also where the database fails while that of %s is looked at in the same minute",
  async (failing) => {
    const none = usual(5, 60, 0);
    const rare = during(NOON, END, (minuteMs) => ({ ...none(minuteMs), errors: 2 }), none);
    const source = createCountsSource({ first: rare, second: rare, third: none });
    await scanUntil(scannerOf(source), NOON - MINUTE);
    await t.admin.query("update watches set kinds_from = kinds_from - interval '2 days'");
    await t.admin.query(
      `insert into anomaly_events (tenant_id, service, namespace, metric, fingerprint, direction, started_at, detected_at,
       last_odd_at, resolved_at, severity, score, baseline_value, observed_value, deviation_factor)
     select $1, $3, 'shop', 'new_error', 'v1:old', 'up', at, at, at, at, 'LOW', 1, 0, 9, 9
     from (select to_timestamp($2 / 1000.0) as at) _`,
      [t.a.scope.tenantId, NOON - 24 * HOUR, failing],
    );
    const scanner = scannerOf(source);
    await scanUntil(scanner, NOON + MINUTE);
    // As a query that takes too long; what else is asked of the database is answered.
    await t.admin.query(`\
create function fail() returns boolean language plpgsql as $$ begin
  if current_query() like 'select count(*)%' then raise 'too slow' using errcode = '57014'; end if;
  return true;
end $$;
create policy failing on anomaly_events as restrictive for select using (service <> '${failing}' or fail())`);
    await scanUntil(scanner, NOON + 4 * MINUTE);
    await t.admin.query("drop policy failing on anomaly_events; drop function fail");
    await scanUntil(scanner, NOON + 20 * MINUTE);
    const found = (await events()).filter(
      ({ metric, service }) => metric === "new_error" && service !== failing,
    );
    expect(found).toEqual([expect.objectContaining({ resolved_at: null })]);
  },
  60_000,
);

test.each(["nothing", "no line"])(
  "a new kind that goes on is not called over where %s could be read for a while",
  async (away) => {
    const none = usual(5, 60, 0);
    const every =
      (minutes: number): Logged =>
      (minuteMs) => ({
        ...none(minuteMs),
        errors: (minuteMs / MINUTE) % minutes === 0 ? 4 : 0,
      });
    const overMs = NOON + 60 * MINUTE;
    const source = createCountsSource({ first: during(NOON, overMs, every(3), none), second: none });
    await scanUntil(scannerOf(source), NOON - MINUTE);
    await t.admin.query("update watches set kinds_from = kinds_from - interval '2 days'");
    const scanner = scannerOf(source);
    await scanUntil(scanner, NOON + 10 * MINUTE);
    const kinds = async () => (await events()).filter(({ metric }) => metric === "new_error");
    expect(await kinds()).toEqual([expect.objectContaining({ service: "first", resolved_at: null })]);

    const failure = new Error("no answer");
    Object.assign(source, away === "nothing" ? { failure } : { lineFailure: failure });
    await scanUntil(scanner, NOON + 29 * MINUTE);
    Object.assign(source, { failure: undefined, lineFailure: undefined });
    await scanUntil(scanner, overMs);
    expect(await kinds()).toEqual([expect.objectContaining({ resolved_at: null })]);
    await scanUntil(scanner, overMs + 12 * MINUTE);
    expect(await kinds()).toEqual([expect.objectContaining({ resolution: "back to normal" })]);
  },
  60_000,
);

test("where only the lines cannot be read, what is counted is found all the same", async () => {
  const source = createCountsSource(shop);
  source.lineFailure = new Error("no answer");
  await scanUntil(scannerOf(source), BEGIN + 2 * MINUTE);
  expect(await events()).toEqual([expect.objectContaining({ metric: "error_rate" })]);
  expect((await findWatch(t.a.scope))?.failing).toBeUndefined();
});

test("what is open of a service of which nothing is known any more ends", async () => {
  await scanUntil(scannerOf(createCountsSource(shop)), NOON + MINUTE);
  for (const [metric, direction] of [
    ["error_rate", "up"],
    ["silence", "silence"],
  ])
    await t.admin.query(
      `insert into anomaly_events (tenant_id, service, namespace, started_at, detected_at, last_odd_at, severity, metric,
         direction, baseline_value, observed_value, deviation_factor)
       values ($1, 'gone', 'shop', $2, $2, $2, 'LOW', $3, $4, 1, 9, 9)`,
      [t.a.scope.tenantId, new Date(NOON), metric, direction],
    );
  await scanUntil(scannerOf(createCountsSource({ ...shop, checkout: usual(1) })), NOON + 7 * HOUR);
  expect(await events()).toEqual([
    expect.objectContaining({ metric: "error_rate", resolution: "back to normal" }),
    expect.objectContaining({ metric: "silence", resolution: "a new normal" }),
  ]);
});

describe("a clock that was ahead", () => {
  const silent: Logged = () => ({ lines: 0, errors: 0 });
  const there = Object.fromEntries(
    Object.entries(shop).map(([name, logged]) => [name, during(nowOf(), Infinity, silent, logged)]),
  );
  function nowOf() {
    return END + HOUR;
  }

  test.each([
    ["by the same process", true],
    ["by another one", false],
  ])(
    "does not end the watch when it is put right: it goes on, %s, with what is there",
    async (_who, isSame) => {
      const source = createCountsSource(there);
      const first = scannerOf(source);
      nowMs = NOON + LAG + 5 * HOUR;
      await first.tick();
      await scanUntil(first, NOON + 5 * HOUR + 10 * MINUTE);
      nowMs = NOON + LAG;
      await scanUntil(isSame ? first : scannerOf(source), BEGIN + 5 * MINUTE);
      expect(await findWatch(t.a.scope)).toMatchObject({ scannedUntilMs: BEGIN + 5 * MINUTE });
      const open = (await events()).filter(({ resolved_at }) => resolved_at === null);
      expect(open).toEqual([
        expect.objectContaining({ service: "checkout", metric: "error_rate", started_at: new Date(BEGIN) }),
      ]);
    },
    120_000,
  );
});

test("a clock that leaps is not believed at once: minutes to come would look like silence", async () => {
  let steadyMs = 0;
  const scanner = scannerOf(createCountsSource(shop), { steadyNow: () => steadyMs });
  const tick = async (ms: number) => {
    nowMs += ms;
    steadyMs += MINUTE;
    await scanner.tick();
    return (await findWatch(t.a.scope))?.scannedUntilMs;
  };
  expect(await tick(0)).toBe(NOON);
  expect(await tick(MINUTE)).toBe(NOON + MINUTE);
  expect(await tick(5 * MINUTE)).toBe(NOON + MINUTE);
  // It stayed so: it was set right, or the machine had slept.
  expect(await tick(MINUTE)).toBe(NOON + 7 * MINUTE);
});

describe("silence", () => {
  const silent: Logged = () => ({ lines: 0, errors: 0 });

  test("of one service is an event, which ends when it logs again", async () => {
    const source = createCountsSource({
      ...shop,
      checkout: usual(1),
      payments: during(BEGIN, END, silent, usual(5)),
    });
    const scanner = scannerOf(source);
    await scanUntil(scanner, END + 20 * MINUTE);
    expect(await events()).toEqual([
      expect.objectContaining({ service: "payments", metric: "silence", resolution: "back to normal" }),
    ]);
  });

  test("of all services at once is a gap, and no event of any", async () => {
    const all = Object.fromEntries(
      Object.keys(shop).map((name, at) => [name, during(BEGIN, END, silent, usual(at))]),
    );
    const scanner = scannerOf(createCountsSource(all));
    await scanUntil(scanner, END - MINUTE);
    expect((await findWatch(t.a.scope))?.silentSinceMs).toBe(BEGIN);
    await scanUntil(scanner, END + 20 * MINUTE);
    expect((await findWatch(t.a.scope))?.silentSinceMs).toBeUndefined();
    expect(await events()).toEqual([]);
  });
});

test("what is in memory of an organisation that is scanned here no longer goes", async () => {
  const connect = (at: string) =>
    t.admin.query(`update workspaces set connected_at = ${at} where tenant_id = $1`, [t.b.scope.tenantId]);
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  await connect("now()");
  const episodes: WeakRef<Episode>[] = [];
  const held = () => {
    collect();
    return episodes.filter((each) => each.deref() !== undefined).length;
  };
  const found = (changes: readonly Change[]) =>
    void episodes.push(...changes.map(({ episode }) => new WeakRef(episode)));
  const scanner = scannerOf(createCountsSource(shop), { watch: { scan: (work) => work(), found } });
  await scanUntil(scanner, BEGIN + 4 * MINUTE);
  const ofBoth = held();
  expect(ofBoth).toBeGreaterThan(1);
  await connect("null");
  // A process may come back to it within a quarter of an hour.
  await scanUntil(scanner, BEGIN + 14 * MINUTE);
  expect(held()).toBe(ofBoth);
  await scanUntil(scanner, BEGIN + 20 * MINUTE);
  expect(held()).toBe(ofBoth / 2);
});
