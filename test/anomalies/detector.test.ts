import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  createDetector,
  type Detector,
  type DetectorOptions,
  restoreDetector,
  type Verdict,
} from "../../src/anomalies/detector.ts";
import { DAY_MINUTES, MINUTE, madeCounts, poisson, randomOf, START } from "./madeSeries.ts";

const COUNTS: DetectorOptions = { stepSeconds: 60, kind: "count" };
const NOON = DAY_MINUTES / 2;

test("a flood of lines is told within minutes, with what was usual beside it", () => {
  const lines = madeCounts({ days: 10, byDay: 60, byNight: 20 });
  const at = 9 * DAY_MINUTES + NOON;
  for (let i = at; i < at + 20; i++) lines[i] = 300;
  const verdicts = run(COUNTS, lines);
  const first = verdicts.findIndex(({ severity }, i) => i >= at && severity !== undefined);
  expect(first - at).toBeLessThan(5);
  const verdict = verdicts[at + 10] as Verdict;
  expect(verdict).toMatchObject({ severity: "CRITICAL", direction: "up" });
  expect(verdict.expected).toBeGreaterThan(45);
  expect(verdict.expected).toBeLessThan(75);
  expect(verdict.observed).toBeGreaterThan(140);
  expect(told(verdicts.slice(0, at))).toBe(0);
});

test("each condition of a verdict says its number, and all hold where it fired", () => {
  const lines = madeCounts({ days: 10, byDay: 60 });
  lines.fill(300, -10);
  const verdict = run(COUNTS, lines).at(-1) as Verdict;
  expect(verdict.conditions.map(({ name }) => name)).toEqual([
    "learned",
    "distance",
    "season",
    "lines",
    "rarity",
  ]);
  expect(verdict.conditions.every(({ holds }) => holds)).toBe(true);
  expect(verdict.conditions.at(-1)).toMatchObject({ name: "rarity", limit: 0.35 });
});

test("what is rare but of few lines is not as bad, and says so; it is worse once there are enough", () => {
  const lines = madeCounts({ days: 15, byDay: 0.02 });
  lines.fill(6, -30);
  const verdicts = run(COUNTS, lines).slice(-30);
  const early = verdicts[9] as Verdict;
  expect(early.severity).toBe("MEDIUM");
  expect(early.conditions.find(({ name }) => name === "size")).toMatchObject({ limit: 100, holds: false });
  expect(early.conditions.find(({ name }) => name === "rarity")?.value).toBeGreaterThan(2);
  expect(verdicts[25]?.severity).toBe("HIGH");
  expect(verdicts[25]?.conditions.find(({ name }) => name === "size")?.limit).not.toBe(100);
});

test("nothing is told in the first day, and how much is still to be learned is said", () => {
  const lines = madeCounts({ days: 1, byDay: 60 });
  lines.fill(5_000, -30);
  const verdicts = run(COUNTS, lines);
  expect(told(verdicts)).toBe(0);
  expect(verdicts.at(-1)?.learning).toMatchObject({ of: DAY_MINUTES });
  expect(verdicts[10]?.learning?.points).toBeLessThan(20);
});

test("two errors a minute, once and then again, are nothing in a service with few", () => {
  const random = randomOf(5);
  const errors = madeCounts({ days: 21, byDay: 0.05, seed: 4 }).map((count) =>
    random() < 0.002 ? count + 2 : count,
  );
  expect(told(run(COUNTS, errors))).toBeLessThanOrEqual(1);
});

test("a burst of errors in a service with few is told", () => {
  const errors = madeCounts({ days: 14, byDay: 0.2, byNight: 0.05 });
  const at = 13 * DAY_MINUTES + NOON;
  for (let i = at; i < at + 30; i++) errors[i] = 3;
  expect(firedIn(run(COUNTS, errors), at, at + 30)).toBe(true);
});

test("a burst that comes every day at the same time is learned within three days", () => {
  const random = randomOf(2);
  const lines = madeCounts({ days: 14, byDay: 10 });
  for (let day = 0; day < 14; day++) {
    const at = day * DAY_MINUTES + 130 + Math.floor(random() * 3);
    for (let i = at; i < at + 20; i++) lines[i] = poisson(300, random);
  }
  const verdicts = run(COUNTS, lines);
  expect(told(verdicts.slice(4 * DAY_MINUTES))).toBe(0);
});

test("what a deploy changes for good is told at most once, and the first loud minutes not at all", () => {
  const random = randomOf(3);
  const lines = madeCounts({ days: 16, byDay: 60 });
  const at = 10 * DAY_MINUTES + NOON;
  for (let i = at; i < lines.length; i++) lines[i] = poisson(78, random);
  lines[at] = 240;
  expect(told(run(COUNTS, lines).slice(at))).toBeLessThanOrEqual(1);
});

test("one loud minute is not told", () => {
  const lines = madeCounts({ days: 10, byDay: 60 });
  lines[9 * DAY_MINUTES] = 200;
  expect(told(run(COUNTS, lines))).toBe(0);
});

test("an outage is told in its second minute", () => {
  const lines = madeCounts({ days: 10, byDay: 60 });
  const at = 9 * DAY_MINUTES + NOON;
  lines.fill(700, at, at + 20);
  expect(firedIn(run(COUNTS, lines), at, at + 2)).toBe(true);
});

describe("of a service that rests on weekends", () => {
  const isWeekend = (i: number) => Math.floor(i / DAY_MINUTES) % 7 >= 5;
  const week = () => {
    const random = randomOf(11);
    return madeCounts({ days: 28, byDay: 120, byNight: 10 }).map((count, i) =>
      isWeekend(i) ? poisson(4, random) : count,
    );
  };
  const saturday = 26 * DAY_MINUTES + NOON;

  test("neither its weekends nor its Mondays are told once two of them are known", () => {
    expect(told(run(COUNTS, week()).slice(15 * DAY_MINUTES))).toBe(0);
  });

  test("a rise on a Saturday is told, though it would be nothing on a Monday", () => {
    const random = randomOf(12);
    const lines = week();
    for (let i = saturday; i < saturday + 60; i++) lines[i] = poisson(25, random);
    expect(firedIn(run(COUNTS, lines), saturday, saturday + 60)).toBe(true);
  });

  test("a fall on a weekday is told, though it would be nothing on a Saturday", () => {
    const random = randomOf(13);
    const lines = week();
    const wednesday = 23 * DAY_MINUTES + NOON;
    for (let i = wednesday; i < wednesday + 60; i++) lines[i] = poisson(20, random);
    expect(firedIn(run(COUNTS, lines), wednesday, wednesday + 60)).toBe(true);
  });
});

test("a rise that lasts is told also where a job is far louder for some minutes of each hour", () => {
  const random = randomOf(14);
  const lines = madeCounts({ days: 21, byDay: 12 }).map((count, i) =>
    i % 60 < 3 ? count + poisson(140, random) : count,
  );
  const quiet = run(COUNTS, lines);
  expect(told(quiet.slice(4 * DAY_MINUTES))).toBe(0);
  const at = 20 * DAY_MINUTES + 300;
  for (let i = at; i < at + 240; i++) lines[i] = (lines[i] as number) + poisson(30, random);
  expect(firedIn(run(COUNTS, lines), at, at + 240)).toBe(true);
});

test("half an hour of more lines at night is told, though it would be nothing by day", () => {
  const random = randomOf(15);
  const lines = madeCounts({ days: 21, byDay: 400, byNight: 10 });
  const at = 20 * DAY_MINUTES;
  for (let i = at; i < at + 45; i++) lines[i] = (lines[i] as number) + poisson(40, random);
  expect(firedIn(run(COUNTS, lines), at, at + 45)).toBe(true);
});

test("what was little falls to nothing: that is no fall, and silence only where it lasts", () => {
  const lines = madeCounts({ days: 21, byDay: 2 });
  const at = 20 * DAY_MINUTES;
  lines.fill(0, at, at + 9);
  expect(told(run(COUNTS, lines))).toBe(0);
  lines.fill(0, at, at + 90);
  const verdicts = run(COUNTS, lines);
  expect(firedIn(verdicts, at, at + 90)).toBe(true);
  expect(
    verdicts
      .filter(({ severity }) => severity !== undefined)
      .every(({ direction }) => direction === "silence"),
  ).toBe(true);
});

test("a slow rise to four times as much is told", () => {
  const random = randomOf(6);
  const lines = madeCounts({ days: 14, byDay: 40, byNight: 15 });
  const at = 13 * DAY_MINUTES + 300;
  for (let i = 0; i < 180; i++) lines[at + i] = (lines[at + i] as number) + poisson(100 * (i / 180), random);
  expect(firedIn(run(COUNTS, lines), at, at + 180)).toBe(true);
});

test("twice as much for hours is told", () => {
  const random = randomOf(7);
  const lines = madeCounts({ days: 14, byDay: 40, byNight: 15 });
  const at = 13 * DAY_MINUTES + 600;
  for (let i = at; i < at + 300; i++) lines[i] = (lines[i] as number) + poisson(40, random);
  expect(firedIn(run(COUNTS, lines), at, at + 300)).toBe(true);
});

test("silence of a service that always talks is told as silence, in a service that often pauses it is not", () => {
  const talks = madeCounts({ days: 10, byDay: 30 });
  const at = 9 * DAY_MINUTES + NOON;
  talks.fill(0, at, at + 15);
  const verdicts = run(COUNTS, talks);
  expect(firedIn(verdicts, at, at + 15)).toBe(true);
  expect(verdicts[at + 12]).toMatchObject({ direction: expect.stringMatching(/silence|down/) });

  const random = randomOf(8);
  const pauses = madeCounts({ days: 14, byDay: 3 });
  for (let i = 0; i < pauses.length; i += 60 + Math.floor(random() * 120)) pauses.fill(0, i, i + 15);
  expect(told(run(COUNTS, pauses).slice(4 * DAY_MINUTES))).toBeLessThanOrEqual(1);
});

test.each([3, 45, 90, 300, 3_000])("a gap of %s minutes in the data is not told", (minutes) => {
  const lines: (number | null)[] = madeCounts({ days: 12, byDay: 60, byNight: 20 });
  const at = 9 * DAY_MINUTES + 400;
  lines.fill(null, at, at + minutes);
  const verdicts = run(COUNTS, lines);
  expect(told(verdicts)).toBe(0);
  expect(verdicts[at]).toMatchObject({ score: 0, conditions: [] });
});

test("points that are left out are as points without data", () => {
  const lines = madeCounts({ days: 9, byDay: 60 });
  const withNull = createDetector(COUNTS);
  const leftOut = createDetector(COUNTS);
  lines.forEach((value, i) => {
    const isGone = i % 977 < 5;
    const a = withNull.push(START + i * MINUTE, isGone ? null : value);
    if (!isGone) expect(leftOut.push(START + i * MINUTE, value)).toEqual(a);
  });
});

test("the morning after a clock change, an hour early, is not told", () => {
  const start = Date.UTC(2025, 2, 10);
  const change = Date.UTC(2025, 2, 30, 1);
  const random = randomOf(9);
  const verdicts: Verdict[] = [];
  const detector = createDetector(COUNTS);
  for (let i = 0; i < 28 * DAY_MINUTES; i++) {
    const atMs = start + i * MINUTE;
    const hour = new Date(atMs + (atMs >= change ? 2 : 1) * 3_600_000).getUTCHours();
    verdicts.push(detector.push(atMs, poisson(hour >= 8 && hour < 18 ? 60 : 4, random)));
  }
  expect(told(verdicts.slice(7 * DAY_MINUTES))).toBeLessThanOrEqual(2);
});

test("a clock that goes back or leaps ahead neither throws nor fires", () => {
  const lines = madeCounts({ days: 9, byDay: 60 });
  const detector = createDetector(COUNTS);
  pushAll(detector, COUNTS, lines);
  const end = START + lines.length * MINUTE;
  const random = randomOf(10);
  const back = detector.push(end - 30 * MINUTE, 60);
  expect(back.conditions).toEqual([{ name: "order", value: -29, limit: 1, holds: false }]);
  let fired = 0;
  for (const jump of [-3 * 86_400_000, 400 * 86_400_000, 86_400_000, 0]) {
    for (let i = 0; i < 200; i++) {
      const verdict = detector.push(end + jump + i * MINUTE, poisson(60, random));
      if (verdict.severity !== undefined) fired += 1;
    }
  }
  expect(fired).toBe(0);
  for (const odd of [Number.NaN, Number.POSITIVE_INFINITY, -5]) {
    expect(detector.push(end + 900 * 86_400_000, odd).severity).toBeUndefined();
  }
});

test("an incident is forgotten: its end is no fall, and after it the same is as unusual as before", () => {
  const lines = madeCounts({ days: 12, byDay: 60 });
  const at = 9 * DAY_MINUTES;
  lines.fill(400, at, at + 240);
  const again = 11 * DAY_MINUTES;
  lines.fill(400, again, again + 15);
  const verdicts = run(COUNTS, lines);
  expect(firedIn(verdicts, at, at + 20)).toBe(true);
  expect(firedIn(verdicts, again, again + 15)).toBe(true);
  const isFall = ({ severity, direction }: Verdict) => severity !== undefined && direction !== "up";
  expect(verdicts.slice(at + 240, again).filter(isFall)).toEqual([]);
  expect(told(verdicts.slice(at + 400, again))).toBe(0);
});

test.each([
  { stepMinutes: 5, kind: "count" as const, days: 14 },
  { stepMinutes: 60, kind: "count" as const, days: 28 },
  { stepMinutes: 60, kind: "rate" as const, days: 28 },
])("steps of $stepMinutes minutes of a $kind", ({ stepMinutes, kind, days }) => {
  const values = madeCounts({ days, byDay: 20, byNight: 10, stepMinutes });
  const perDay = DAY_MINUTES / stepMinutes;
  const at = (days - 1) * perDay + perDay / 2;
  for (let i = at; i < at + 3; i++) values[i] = (values[i] as number) * 5;
  const verdicts = run({ stepSeconds: stepMinutes * 60, kind }, values);
  expect(firedIn(verdicts, at, at + 3)).toBe(true);
  expect(told(verdicts.slice(0, at))).toBeLessThanOrEqual(2);
});

test("the band of the hours ahead follows the day, and holds most of what is usual", () => {
  const lines = madeCounts({ days: 14, byDay: 100, byNight: 10 });
  const detector = createDetector(COUNTS);
  pushAll(detector, COUNTS, lines);
  const end = START + lines.length * MINUTE;
  const noon = detector.baseline(end + NOON * MINUTE);
  const night = detector.baseline(end + 30 * MINUTE);
  expect(noon.expected).toBeGreaterThan(85);
  expect(noon.expected).toBeLessThan(115);
  expect(night.expected).toBeLessThan(20);
  expect(noon.low).toBeLessThan(noon.expected - 10);
  expect(noon.high).toBeGreaterThan(noon.expected + 10);
  expect(noon.high).toBeLessThan(250);
});

test("a checkpoint of another version, kind or step is refused with what it is of", () => {
  const saved = createDetector(COUNTS).save();
  expect(saved.byteLength).toBeLessThanOrEqual(17_408);
  expect(() => restoreDetector({ ...COUNTS, kind: "rate" }, saved)).toThrow(
    "of a count every 60 s, not of a rate",
  );
  expect(() => restoreDetector({ ...COUNTS, stepSeconds: 300 }, saved)).toThrow("not of a count every 300 s");
  expect(() => restoreDetector(COUNTS, saved.subarray(0, 8))).toThrow("too short");
  expect(() => restoreDetector(COUNTS, saved.subarray(0, 800))).toThrow("bytes of memory");
  const other = saved.slice();
  other[3] = 99;
  expect(() => restoreDetector(COUNTS, other)).toThrow("version 99");
});

test("steps below a minute or above an hour are refused", () => {
  expect(() => createDetector({ stepSeconds: 10, kind: "count" })).toThrow(RangeError);
  expect(() => createDetector({ stepSeconds: 86_400, kind: "count" })).toThrow(RangeError);
});

const value = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: 0, max: 60 }) },
  { weight: 1, arbitrary: fc.constantFrom(null, 0, 5_000) },
);

test("a restored detector goes on exactly as the saved one", () => {
  fc.assert(
    fc.property(
      fc.constantFrom<DetectorOptions>(
        COUNTS,
        { stepSeconds: 300, kind: "rate" },
        { stepSeconds: 3_600, kind: "ratio" },
      ),
      fc.array(value, { minLength: 200, maxLength: 600 }),
      fc.integer({ min: 0, max: 4_000 }),
      (options, ending, before) => {
        const detector = createDetector(options);
        const stepMs = options.stepSeconds * 1_000;
        pushAll(detector, options, madeCounts({ days: 3, byDay: 20 }).slice(0, before));
        const restored = restoreDetector(options, detector.save());
        ending.forEach((each, i) => {
          const atMs = START + (before + i) * stepMs;
          expect(restored.push(atMs, each)).toEqual(detector.push(atMs, each));
          if (i % 50 === 0)
            expect(restored.baseline(atMs + stepMs * 30)).toEqual(detector.baseline(atMs + stepMs * 30));
        });
        expect(restored.save()).toEqual(detector.save());
      },
    ),
    { numRuns: 6 },
  );
});

test("a restored detector says the same of a gap, and of the hours ahead, before its first point", () => {
  const lines = madeCounts({ days: 4, byDay: 20 });
  for (const before of [2, 200, 5_000]) {
    const detector = createDetector(COUNTS);
    pushAll(detector, COUNTS, lines.slice(0, before));
    const restored = restoreDetector(COUNTS, detector.save());
    const atMs = START + before * 60_000;
    for (const ahead of [0, 30, 600])
      expect(restored.baseline(atMs + ahead * 60_000)).toEqual(detector.baseline(atMs + ahead * 60_000));
    expect(restored.push(atMs, null)).toEqual(detector.push(atMs, null));
    expect(restored.push(atMs, null).expected).toBeGreaterThan(0);
  }
});

test("a verdict depends on nothing that comes later", () => {
  fc.assert(
    fc.property(
      fc.array(value, { minLength: 20, maxLength: 60 }),
      fc.array(value, { maxLength: 30 }),
      (first, later) => {
        const lines = [...madeCounts({ days: 2, byDay: 20 }), ...first];
        expect(run(COUNTS, [...lines, ...later]).slice(0, lines.length)).toEqual(run(COUNTS, lines));
      },
    ),
    { numRuns: 3 },
  );
});

test("rates in another unit are judged the same", () => {
  const lines = madeCounts({ days: 8, byDay: 50, byNight: 20 });
  lines.fill(400, -20);
  const options: DetectorOptions = { stepSeconds: 60, kind: "rate" };
  const inLines = run(options, lines).at(-1) as Verdict;
  const inThousands = run(
    options,
    lines.map((each) => each * 1_024),
  ).at(-1) as Verdict;
  expect(inLines.severity).toBe("CRITICAL");
  expect(inThousands.severity).toBe("CRITICAL");
});

test("a thousand series of one-minute steps take no more than 40 KB each", () => {
  const before = process.memoryUsage();
  const detectors = Array.from({ length: 1_000 }, () => createDetector(COUNTS));
  const after = process.memoryUsage();
  const bytes = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
  expect(bytes / detectors.length).toBeLessThan(40_960);
});

function run(options: DetectorOptions, values: readonly (number | null)[]): Verdict[] {
  return pushAll(createDetector(options), options, values);
}

function pushAll(
  detector: Detector,
  options: DetectorOptions,
  values: readonly (number | null)[],
): Verdict[] {
  return values.map((each, i) => detector.push(START + i * options.stepSeconds * 1_000, each));
}

/** How many times somebody would have been told: points that fire within half an hour of each other are one. */
function told(verdicts: readonly Verdict[]): number {
  let last = Number.NEGATIVE_INFINITY;
  let count = 0;
  verdicts.forEach(({ severity }, i) => {
    if (severity === undefined) return;
    if (i - last > 30) count += 1;
    last = i;
  });
  return count;
}

function firedIn(verdicts: readonly Verdict[], from: number, to: number): boolean {
  return verdicts.slice(from, to).some(({ severity }) => severity !== undefined);
}
