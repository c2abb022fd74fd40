import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createMemoryCache } from "../../adapters/memory/index.ts";
import type { Cache } from "../../src/cache/cache.ts";
import type { Block, Card } from "../../src/chat/card.ts";
import { plainText } from "../../src/chat/plainText.ts";
import type { LogSource, TimeRange } from "../../src/logs/source.ts";
import {
  type CountsSource,
  createCountsSource,
  during,
  type Logged,
  usual,
} from "../support/countsSource.ts";
import { openTestApp, type TestApp } from "../support/testApp.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NOON = Date.UTC(2026, 10, 24, 12);
const LAG = MINUTE;
const WATCHING = { lagMs: LAG, learnMs: 3 * DAY };

const nothing: Logged = () => ({ lines: 0, errors: 0 });
/** From ten past noon on, and for half an hour the evening before last. */
const BEGIN = NOON + 10 * MINUTE;
const EARLIER = NOON - 40 * HOUR;
const services = {
  checkout: during(
    BEGIN,
    BEGIN + HOUR,
    usual(1, 60, 80),
    during(EARLIER, EARLIER + HOUR / 2, usual(1, 60, 40), usual(1)),
  ),
  payments: usual(5),
  steady: (minuteMs: number) => ({ lines: 60 + ((minuteMs / MINUTE) % 3), errors: (minuteMs / MINUTE) % 2 }),
  // Its first line is of five hours ago.
  newcomer: during(0, NOON - 5 * HOUR, nothing, usual(7)),
};

let nowMs: number;
let source: CountsSource;
let t: TestApp;

beforeAll(async () => {
  nowMs = NOON + LAG;
  source = createCountsSource(services);
  t = await openTestApp({ logs: source, now: () => nowMs, watching: WATCHING });
  for (; nowMs - LAG < BEGIN + 15 * MINUTE; nowMs += MINUTE) await t.app.scan();
  await t.app.scan();
});
afterAll(() => t.close());

async function say(text: string, by = {}, app: TestApp = t): Promise<Card> {
  const { reply } = await app.chat.type(text, by);
  if (reply.kind !== "message") throw new Error(`a ${reply.kind} has no card`);
  return reply.card;
}
const textOf = async (text: string, by = {}, app = t) => plainText(await say(text, by, app));
const chartsOf = ({ body }: Card) =>
  body.filter((block): block is Extract<Block, { kind: "chart" }> => block.kind === "chart");

/** The same core with other parts, and nothing scanned. */
async function withOther<T>(
  parts: { logs?: LogSource; cache?: Cache; now?: () => number },
  work: (app: TestApp) => Promise<T>,
): Promise<T> {
  const other = await openTestApp({
    logs: createCountsSource(services),
    now: () => nowMs,
    watching: WATCHING,
    ...parts,
  });
  try {
    return await work(other);
  } finally {
    await other.close();
  }
}

describe("explain", () => {
  test("of a minute within an event says so, and gives each metric's numbers and conditions", async () => {
    const card = await say("explain checkout");
    const text = plainText(card);

    expect(card.title).toBe("checkout: why there was an alert");
    expect(text).toMatch(/it is part of (this event|these events)\./);
    expect(text).toMatch(
      /more errors than usual\n.*began 2026-11-24 1[12]:\d\d:00 UTC, found at 12:1\d:00 UTC, still open/,
    );
    expect(text).toContain("found in shadow mode, so nothing was posted");
    expect(text).toMatch(/- Errors: (CRITICAL|HIGH).*, score \d+\n.*errors a minute.*expected, .* usual\./);
    expect(text).toMatch(/✓ chance gives one like it .* \(needed: once in 2 weeks, or rarer\)/);
    expect(text).toMatch(/errors more or fewer than expected \(needed: 5\)/);
    expect(text).toContain("- Lines:");
    expect(text).toContain("are no silence.");
    expect(text).toContain("The errors have an alert already that tells the same.");
  });

  test("goes on from what the scan kept, in one query and one for the chart", async () => {
    const before = source.asked.length;
    expect(await textOf("explain checkout")).toContain("Worked out from what the scan had learnt until ");
    expect(source.asked.length - before).toBe(2);
  });

  test("of a quiet minute says what was missing", async () => {
    const card = await say("explain steady 12:05");
    expect(card).toMatchObject({
      title: "steady: why there was no alert",
      tone: "good",
      badge: "QUIET",
    });
    expect(plainText(card)).toMatch(/no alert, because all was as usual\.[\s\S]*Errors: quiet[\s\S]*✗ /);
    expect(chartsOf(card)[0]?.chart.marks).toContainEqual({
      atMs: NOON + 5 * MINUTE,
      label: "asked about",
      kind: "asked",
    });
  });

  test("of a time before what was kept learns the days before again", async () => {
    const text = await textOf("explain payments 2026-11-23T20:30:00Z");
    expect(text).toContain("In the minute of 2026-11-23 20:30:00 UTC: no alert, because all was as usual.");
    expect(text).toContain("Worked out again from the logs of the 7 d before");
  });

  test("says where something odd was found by nobody, because it was before the first scan", async () => {
    const text = await textOf("explain checkout 2026-11-22T20:10Z");
    expect(text).toContain("no alert is kept, but errors");
    expect(text).toContain("Part of what began");
  });

  test("says that a service is still being learnt, and how far", async () => {
    expect(await textOf("explain newcomer")).toMatch(
      /no alert, because newcomer was still being learnt: 5 h( \d+ min)? of 24 h\./,
    );
  });

  test.each([
    ["explain checkout 13:05", { zone: "Europe/Prague" }, "2026-11-24 12:05:00 UTC"],
    ["explain checkout 12:05", {}, "2026-11-24 12:05:00 UTC"],
    ["explain checkout 12:05 yesterday", {}, "2026-11-23 12:05:00 UTC"],
    ["explain checkout yesterday 1:05pm", { zone: "Europe/Prague" }, "2026-11-23 12:05:00 UTC"],
    ["explain checkout 23:05", {}, "2026-11-23 23:05:00 UTC"],
    ["explain checkout time:12:05 namespace:shop", {}, "2026-11-24 12:05:00 UTC"],
    ["explain checkout 2026-11-24 13:05", { zone: "Europe/Prague" }, "2026-11-24 12:05:00 UTC"],
    ["explain checkout 2026-11-24T14:05+02:00", {}, "2026-11-24 12:05:00 UTC"],
    ["explain checkout 20m", {}, "2026-11-24 12:06:00 UTC"],
    ["explain checkout 20m ago", {}, "2026-11-24 12:06:00 UTC"],
  ])("understands %s", async (typed, by, minute) => {
    expect(await textOf(typed, by)).toContain(`In the minute of ${minute}:`);
  });

  test("says that it read a time of day as UTC where the reader's zone is not known", async () => {
    const said = "Your time zone is not known here, so the time was read as UTC.";
    expect(await textOf("explain checkout 12:05")).toContain(said);
    expect(await textOf("explain checkout 13:05", { zone: "Europe/Prague" })).not.toContain(said);
    expect(await textOf("explain checkout 20m")).not.toContain(said);
  });

  test.each([
    ["explain checkout soon", '"soon" is not a time. Try 10:42, 10:42 yesterday, 2026-11-24 10:42 or 30m.'],
    ["explain checkout 25:00", '"25:00" is not a time.'],
    ["explain checkout 12:61", '"12:61" is not a time.'],
    ["explain checkout 12", '"12" is not a time.'],
    ["explain checkout 13:05pm", '"13:05pm" is not a time.'],
    ["explain checkout constructor 10:42", "is not a time."],
    ["explain checkout 2026-02-30 10:42", '"2026-02-30 10:42" is not a time.'],
    ["explain checkout 2026-11-24T23:00Z", "That time is yet to come."],
    ["explain checkout 2026-09-01 10:00", "That is too far back. The last 28d can be explained."],
    ["explain checkout 30d", "30d is too long."],
    ["explain chekout", "Did you mean checkout?"],
    ["explain", "explain needs a service."],
  ])("refuses %s", async (typed, expected) => {
    const card = await say(typed);
    expect(card.tone).toBe("warning");
    expect(plainText(card)).toContain(expected);
  });
});

describe("baseline", () => {
  test("shows the last day over what is usual, with the numbers and where they are from", async () => {
    const card = await say("baseline payments");
    const text = plainText(card);

    expect(card.title).toBe("payments: what is usual");
    expect(text).toMatch(/Usual a minute, now: \d.* errors, \d.* lines/);
    expect(text).toMatch(/Errors a minute: (1\.9|2|2\.1) on average; 95 of 100 minutes have no more than 4/);
    expect(text).toMatch(/Lines a minute: 6\d on average/);
    expect(text).toMatch(
      /Averages of: 2026-11-21 12:00:00 UTC to 2026-11-24 12:\d\d:00 UTC \(3 d\), without what was not usual/,
    );
    expect(text).toMatch(/Last seen: 2026-11-24 12:\d\d:00 UTC/);
    const [errors, lines] = chartsOf(card).map(({ chart }) => chart);
    expect([errors?.unit, lines?.unit]).toEqual([
      "errors / min, mean of 5 min",
      "lines / min, mean of 5 min",
    ]);
    expect(errors?.values).toHaveLength(288);
    expect(errors?.band?.high).toHaveLength(288);
  });

  test("says how far a new service is learnt, and shows no band until then", async () => {
    const card = await say("baseline newcomer");
    expect(card).toMatchObject({ title: "newcomer: still being learnt", badge: "LEARNING" });
    expect(plainText(card)).toContain(
      "5 h of 24 h are learnt. Until then only errors far beyond all that was seen",
    );
    expect(chartsOf(card)[0]?.chart.band).toBeUndefined();
  });

  test("marks deploys of the service on its charts", async () => {
    await say("deploy payments 2.4.1");
    nowMs += 5 * MINUTE;
    const [errors] = chartsOf(await say("baseline payments"));
    expect(errors?.chart.marks).toEqual([expect.objectContaining({ label: "2.4.1", kind: "deploy" })]);
    const [other] = chartsOf(await say("baseline newcomer"));
    expect(other?.chart.marks).toEqual([]);
  });

  test("before the first scan says that nothing is known, and shows what was logged", async () => {
    await withOther({}, async (app) => {
      const card = await say("baseline checkout", {}, app);
      expect(card.title).toBe("checkout: not watched yet");
      expect(plainText(card)).toContain("The first scan begins within minutes of the start; ask again then.");
      expect(chartsOf(card)).toHaveLength(2);
    });
  });

  test("is the same with a cache that forgets, or that holds what another version wrote", async () => {
    const kept = new Map<string, string>();
    const cache: Cache = {
      ...createMemoryCache({ now: () => nowMs }),
      get: async (key) => kept.get(key),
      set: async (key, value) => void kept.set(key, value),
    };
    await withOther({ cache }, async (app) => {
      await app.app.scan();
      const first = await textOf("baseline payments", {}, app);
      expect([...kept.keys()]).toEqual([expect.stringMatching(/^(.{36}):baseline:\1:payments$/)]);
      expect(await textOf("baseline payments", {}, app)).toBe(first);
      for (const other of ["", "{", '{"service":"payments"}', '"x"']) {
        for (const key of kept.keys()) kept.set(key, other);
        expect(await textOf("baseline payments", {}, app)).toBe(first);
      }
    });
  });

  test("of an unknown service is refused", async () => {
    expect(await textOf("baseline paymets")).toContain("Did you mean payments?");
    expect(await textOf("baseline payments namespace:moon")).toContain(
      "payments is not in moon, but in shop.",
    );
  });
});

describe("log files that are still being read", () => {
  test("are named, since what is missing would pass for a quiet past", async () => {
    const note = "checkout.log.gz (11 %) is still being read: its lines are missing here.";
    const reading: LogSource = {
      ...source,
      // biome-ignore lint/correctness/useYield: it has no line, only a note
      async *lines(_org, query) {
        query.onNote?.(note);
      },
    };
    await withOther({ logs: reading }, async (app) => {
      for (const typed of ["explain payments", "baseline payments", "backtest payments 1"])
        expect(await textOf(typed, {}, app)).toContain(note);
    });
  });
});

describe("backtest", () => {
  test("lists what would have been posted, newest first, and shades it on a chart of all the days", async () => {
    const card = await say("backtest checkout 3");
    const text = plainText(card);

    const [, alerts] = /^checkout: (\d+) alerts in 3 days$/.exec(card.title) ?? [];
    expect(Number(alerts)).toBeGreaterThanOrEqual(2);
    expect(text).toContain(`with the sensitivity as it is set, there would have been ${alerts} alerts (`);
    expect(text).toContain("The day before, from 2026-11-20 ");
    expect(text).toMatch(
      /- \w+ {2}Errors {2}2026-11-24 1[12]:\d\d:00 UTC\n.*still open; [\s\S]*- \w+ {2}Errors {2}2026-11-22 \d\d:\d\d:00 UTC\n.*for \d+ min; \d+ errors a minute at its worst where .* is expected/,
    );
    const [chart] = chartsOf(card).map((block) => block.chart);
    expect(chart?.values.length).toBeLessThanOrEqual(480);
    expect(chart?.anomalies).toContainEqual(
      expect.objectContaining({
        fromMs: expect.closeTo(EARLIER, -7),
        toMs: expect.closeTo(EARLIER + HOUR / 2, -6.5),
      }),
    );
  });

  test("of a quiet service is quiet, by each sensitivity", async () => {
    for (const sensitivity of ["low", "normal", "high"]) {
      const card = await say(`backtest steady 2d ${sensitivity}`);
      expect(card).toMatchObject({ title: "steady: no alerts in 2 days", tone: "good", badge: "QUIET" });
      expect(plainText(card)).toContain(`with ${sensitivity} sensitivity, there would have been no alerts`);
    }
  });

  test("counts by week where there are several", async () => {
    const card = await say("backtest checkout 14");
    const table = card.body.find((block) => block.kind === "table");
    if (table?.kind !== "table") throw new Error("there is no table");
    expect(table.columns).toEqual(["Week from", "to", "Alerts", "Of them"]);
    const [last, before] = table.rows.map((row) => Number(row[2]));
    expect(card.title).toBe(`checkout: ${(last ?? 0) + (before ?? 0)} alerts in 14 days`);
    expect(last).toBeGreaterThanOrEqual(2);
  });

  test("leaves out a stretch in which no service logged anything, and keeps one in which others did", async () => {
    const silent = { fromMs: NOON - 20 * HOUR, toMs: NOON - 19 * HOUR };
    const quietAll = createCountsSource(
      Object.fromEntries(
        Object.entries(services).map(([name, logged]) => [
          name,
          during(silent.fromMs, silent.toMs, nothing, logged),
        ]),
      ),
    );
    const isWithin = ({ fromMs, toMs }: TimeRange) => fromMs >= silent.fromMs && toMs <= silent.toMs;
    const cut: LogSource = {
      ...quietAll,
      services: async (org, range) => (isWithin(range) ? [] : quietAll.services(org, range)),
    };
    const found = await withOther({ logs: cut }, (app) => textOf("backtest steady 2", {}, app));
    expect(found).toContain(
      "1 stretch in which no service logged anything is left out: that is a gap in the logs.",
    );
    expect(found).toContain("no alerts about steady");
    const kept = await withOther({ logs: quietAll }, (app) => textOf("backtest steady 2", {}, app));
    expect(kept).toMatch(/^\[\d ALERTS?\] steady: \d alerts? in 2 days/);
    expect(kept).not.toContain("that is a gap");
  });

  test("asks for one service in slices of six hours at most, two at once at most", async () => {
    let open = 0;
    let most = 0;
    const slow: LogSource = {
      ...source,
      async counts(org, query) {
        expect(query.toMs - query.fromMs).toBeLessThanOrEqual(6 * HOUR);
        expect(query).toMatchObject({ services: ["payments"], namespace: "shop" });
        most = Math.max(most, ++open);
        const answer = await source.counts(org, query);
        open--;
        return answer;
      },
    };
    await withOther({ logs: slow }, (app) => say("backtest payments 2", {}, app));
    expect(most).toBe(2);
  });

  test("that takes too long says how far it got", async () => {
    let clockMs = nowMs;
    const slow: LogSource = {
      ...source,
      counts(org, query) {
        clockMs += 3_000;
        return source.counts(org, query);
      },
    };
    const card = await withOther({ logs: slow, now: () => clockMs }, (app) =>
      say("backtest checkout 7", {}, app),
    );
    expect(card.badge).not.toBe("QUIET");
    expect(plainText(card)).toMatch(
      /Only a part was read, up to 2026-11-1\d .* UTC\. It took longer than 20 s and was given up\. Ask for fewer days\./,
    );
  });

  test("of a service with less than a day of lines says that this is too little", async () => {
    const card = await say("backtest newcomer");
    expect(card.title).toBe("newcomer: too little to judge by");
    expect(plainText(card)).toContain("It takes 24 hours of lines to learn what is usual for newcomer");
  });

  test.each([
    ["backtest checkout 0", '"0" is not a number of days. Use 1 to 28.'],
    ["backtest checkout 29", '"29" is not a number of days.'],
    ["backtest checkout week", '"week" is not a number of days.'],
    ["backtest checkout 7 loud", '"loud" is not a sensitivity. Use low, normal or high.'],
    ["backtest chekout", "Did you mean checkout?"],
    ["backtest", "backtest needs a service."],
  ])("refuses %s", async (typed, expected) => {
    const card = await say(typed);
    expect(card.tone).toBe("warning");
    expect(plainText(card)).toContain(expected);
  });
});
