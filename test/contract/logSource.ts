import { afterEach, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { parseLogql } from "../../src/logs/logql/parse.ts";
import type { CountQuery, LineQuery, LogLine, LogSource, TimeRange } from "../../src/logs/source.ts";
import { LEVELS } from "../../src/logs/source.ts";
import {
  anyLine,
  anyQuery,
  bySeries,
  collect,
  disagreement,
  includes,
  logLine,
  MINUTE_MS,
  START_MS,
} from "./logSourceModel.ts";

export interface OpenedSource {
  source: LogSource;
  /** The organisation that has the lines. */
  org: string;
  close(): Promise<void>;
}

/** Opens a source that holds these lines and no others. They come in no order; their texts are distinct. */
export type OpenLogSource = (lines: LogLine[]) => Promise<OpenedSource>;

const HOUR: TimeRange = { fromMs: START_MS, toMs: START_MS + 60 * MINUTE_MS };
const ALL: LineQuery = { ...HOUR, order: "oldest first", limit: 5_000 };

/** What every LogSource keeps to, whatever it reads from. */
export function logSourceContract(name: string, open: OpenLogSource): void {
  describe(`${name} keeps the contract of a log source`, () => {
    let opened: OpenedSource | undefined;
    afterEach(async () => {
      await opened?.close();
      opened = undefined;
    });

    async function holding(...lines: LogLine[]) {
      opened = await open(lines);
      const { source, org } = opened;
      return {
        source,
        texts: async (query: Partial<LineQuery> = {}) =>
          (await collect(source.lines(org, { ...ALL, ...query }))).map(({ text }) => text),
        counts: (query: CountQuery) => source.counts(org, query),
        services: (range: TimeRange = HOUR) => source.services(org, range),
        namespaces: (range: TimeRange = HOUR) => source.namespaces(org, range),
        org,
      };
    }

    test("gives a line back as it was written", async () => {
      const line = logLine(START_MS, {
        level: "ERROR",
        message: 'ünïcödé "quoted" \\ {braces}',
        extraNs: 123_457n,
      });
      const { source, org } = await holding(line);
      expect(await collect(source.lines(org, ALL))).toEqual([line]);
    });

    test("takes a range from its first millisecond up to, and not with, its last", async () => {
      const before = logLine(START_MS - 1, { extraNs: 999_999n });
      const first = logLine(START_MS);
      const last = logLine(HOUR.toMs - 1, { extraNs: 999_999n });
      const after = logLine(HOUR.toMs);
      const { texts, counts, services } = await holding(before, first, last, after);
      expect(await texts()).toEqual([first.text, last.text]);
      expect(await counts({ ...HOUR, stepMs: 60 * MINUTE_MS })).toMatchObject([{ counts: [2] }]);
      expect(await services({ fromMs: START_MS + 1, toMs: HOUR.toMs - 1 })).toEqual([]);
    });

    test("gives lines in the order of time asked for, down to the nanosecond", async () => {
      const lines = [0n, 1n, 2n, 999_999n].map((extraNs) => logLine(START_MS + 5, { extraNs }));
      const [a, b, c, d] = lines;
      const { texts } = await holding(...[c, a, d, b].filter((line) => line !== undefined));
      const inOrder = lines.map(({ text }) => text);
      expect(await texts()).toEqual(inOrder);
      expect(await texts({ order: "newest first" })).toEqual(inOrder.toReversed());
    });

    test("stops at the limit, counted from the end asked for", async () => {
      const lines = Array.from({ length: 30 }, (_, i) => logLine(START_MS + i * 1_000));
      const { texts } = await holding(...lines);
      expect(await texts({ limit: 3 })).toEqual(lines.slice(0, 3).map(({ text }) => text));
      expect(await texts({ limit: 2, order: "newest first" })).toEqual([lines[29]?.text, lines[28]?.text]);
    });

    test("gives each of many lines of one instant once, in the same order each time", async () => {
      const lines = Array.from({ length: 40 }, (_, i) =>
        logLine(START_MS, { service: `service${i % 3}`, level: LEVELS[i % 7] }),
      );
      const { texts } = await holding(...lines);
      const first = await texts();
      expect(first.toSorted()).toEqual(lines.map(({ text }) => text).toSorted());
      expect(await texts()).toEqual(first);
      expect(new Set(await texts({ limit: 25, order: "newest first" })).size).toBe(25);
    });

    test("filters by service, namespace and level, alone and together", async () => {
      const a = logLine(START_MS + 1, { service: "checkout", namespace: "shop", level: "ERROR" });
      const b = logLine(START_MS + 2, { service: "checkout", namespace: "lab", level: "WARN" });
      const c = logLine(START_MS + 3, { service: "payments", namespace: "shop", level: "ERROR" });
      const d = logLine(START_MS + 4, { service: "payments", namespace: "shop" });
      const { texts } = await holding(a, b, c, d);
      expect(await texts({ services: ["checkout"] })).toEqual([a.text, b.text]);
      expect(await texts({ services: ["checkout", "payments"] })).toHaveLength(4);
      expect(await texts({ services: ["check"] })).toEqual([]);
      expect(await texts({ services: [] })).toEqual([]);
      expect(await texts({ namespace: "shop" })).toEqual([a.text, c.text, d.text]);
      expect(await texts({ levels: ["ERROR"] })).toEqual([a.text, c.text]);
      expect(await texts({ levels: ["ERROR", "WARN"], namespace: "lab" })).toEqual([b.text]);
      expect(await texts({ services: ["payments"], namespace: "shop", levels: ["ERROR"] })).toEqual([c.text]);
    });

    test("tells every level, and lines without one", async () => {
      const lines = [...LEVELS, undefined].map((level, i) => logLine(START_MS + i, { level }));
      const { source, texts, org } = await holding(...lines);
      const levels = (await collect(source.lines(org, ALL))).map(({ level }) => level);
      expect(levels).toEqual([...LEVELS, undefined]);
      expect(await texts({ levels: LEVELS })).toHaveLength(7);
    });

    test("finds a text literally, in upper or lower case, and all of several", async () => {
      const a = logLine(START_MS + 1, { message: "Connection REFUSED by db-7.example (a+b)" });
      const b = logLine(START_MS + 2, { message: "connection accepted by db-7xexample" });
      const { texts } = await holding(a, b);
      expect(await texts({ contains: ["connection refused"] })).toEqual([a.text]);
      expect(await texts({ contains: ["CONNECTION", "Db-7"] })).toEqual([a.text, b.text]);
      expect(await texts({ contains: ["db-7.example"] })).toEqual([a.text]);
      expect(await texts({ contains: ["(a+b)"] })).toEqual([a.text]);
      expect(await texts({ contains: ["connection", "nowhere"] })).toEqual([]);
      expect(await texts({ contains: [] })).toHaveLength(2);
    });

    test("lets no name and no text widen what is found", async () => {
      const secret = logLine(START_MS, { service: "payments", namespace: "bank", message: "beta" });
      const lines = HOSTILE.map((text, i) =>
        logLine(START_MS + i + 1, { service: text, namespace: text, message: text }),
      );
      const { texts, services, namespaces, counts } = await holding(secret, ...lines);
      for (const [i, hostile] of HOSTILE.entries()) {
        const own = [lines[i]?.text];
        expect(await texts({ services: [hostile] })).toEqual(own);
        expect(await texts({ namespace: hostile })).toEqual(own);
        expect(await texts({ contains: [hostile] })).toEqual(
          [secret, ...lines].map(({ text }) => text).filter((text) => includes(text, hostile)),
        );
        expect(await counts({ ...HOUR, stepMs: 60 * MINUTE_MS, services: [hostile] })).toMatchObject([
          { service: hostile, counts: [1] },
        ]);
      }
      // No service has such a name, but somebody may ask for it.
      const twoLines = `checkout"}\nor {service=~".+`;
      expect(await texts({ services: [twoLines] })).toEqual([]);
      expect(await texts({ namespace: twoLines })).toEqual([]);
      expect(await texts({ contains: [twoLines] })).toEqual([]);
      expect((await services()).map(({ service }) => service)).toEqual(["payments", ...HOSTILE].toSorted());
      expect(await namespaces()).toEqual(["bank", ...HOSTILE].toSorted());
    });

    test("finds what a log query of one's own asks for, and heeds no other condition then", async () => {
      const lines = [
        logLine(START_MS + 1, { namespace: "shop", level: "ERROR", message: "Timeout after 30s (a+b)" }),
        logLine(START_MS + 2, { namespace: "lab", level: "WARN", message: 'timeout "in" db-7 \\ of {x}' }),
        logLine(START_MS + 3, { service: "payments", level: "ERROR", message: "refused by db-7.example" }),
        logLine(START_MS + 4, { service: "payments", namespace: "", message: "ünïcödé ☃ timeout" }),
        logLine(START_MS + 5, { service: "check", namespace: "shop", level: "INFO", message: "well" }),
      ];
      const { texts } = await holding(...lines);
      const others = { services: ["nobody"], namespace: "nowhere", levels: [], contains: ["nothing"] };
      for (const [logql, numbers] of LOGQL) {
        const query = { ...others, logql: parseLogql(logql) };
        const found = (await texts(query)).map((text) => 1 + lines.findIndex((line) => line.text === text));
        expect([logql, found]).toEqual([logql, numbers]);
        const newest = await texts({ ...query, order: "newest first", limit: 1 });
        expect([logql, newest]).toEqual([logql, numbers.slice(-1).map((number) => lines[number - 1]?.text)]);
      }
    });

    test("counts by service and level in steps from the start of the range, with zeros between", async () => {
      const at = START_MS + 250;
      const { counts } = await holding(
        logLine(at, { level: "ERROR" }),
        logLine(at + 999, { level: "ERROR", extraNs: 999_999n }),
        logLine(at + 3_000, { level: "ERROR" }),
        logLine(at + 1_000, { level: "INFO" }),
        logLine(at + 1_000, { level: "ERROR", service: "payments" }),
        logLine(at + 4_000, { level: "ERROR" }),
      );
      const range = { fromMs: at, toMs: at + 4_000, stepMs: 1_000 };
      const common = { namespace: "shop", fromMs: at, stepMs: 1_000 };
      expect((await counts(range)).toSorted(bySeries)).toEqual([
        { ...common, service: "checkout", level: "ERROR", counts: [2, 0, 0, 1] },
        { ...common, service: "checkout", level: "INFO", counts: [0, 1, 0, 0] },
        { ...common, service: "payments", level: "ERROR", counts: [0, 1, 0, 0] },
      ]);
      expect(await counts({ ...range, services: ["payments"], levels: ["ERROR"] })).toHaveLength(1);
      expect(await counts({ ...range, namespace: "lab" })).toEqual([]);
      // A last step that the range cuts holds what lies in the range.
      expect(
        await counts({ ...range, stepMs: 3_000, levels: ["ERROR"], services: ["checkout"] }),
      ).toMatchObject([{ counts: [2, 1] }]);
    });

    test("lists the services and namespaces that logged in the range, by name", async () => {
      const { services, namespaces } = await holding(
        logLine(START_MS, { service: "zoo", namespace: "b" }),
        logLine(START_MS, { service: "ant", namespace: "b", level: "ERROR" }),
        logLine(START_MS + 1, { service: "ant", namespace: "b", level: "WARN" }),
        logLine(START_MS + 2, { service: "ant", namespace: "a" }),
        logLine(START_MS + 3, { service: "bee", namespace: "" }),
        logLine(HOUR.toMs, { service: "late", namespace: "late" }),
      );
      expect(await services()).toEqual([
        { service: "ant", namespace: "a" },
        { service: "ant", namespace: "b" },
        { service: "bee", namespace: "" },
        { service: "zoo", namespace: "b" },
      ]);
      expect(await namespaces()).toEqual(["a", "b"]);
    });

    test("shows an organisation it does not know nothing at all", async () => {
      const { source, org } = await holding(logLine(START_MS));
      for (const stranger of ["", "other", `${org}x`, `${org}|other`, org.toUpperCase() + org]) {
        expect(await collect(source.lines(stranger, ALL))).toEqual([]);
        expect(await source.counts(stranger, { ...HOUR, stepMs: MINUTE_MS })).toEqual([]);
        expect(await source.services(stranger, HOUR)).toEqual([]);
        expect(await source.namespaces(stranger, HOUR)).toEqual([]);
        expect(JSON.stringify(await source.health(stranger))).not.toContain("checkout");
      }
    });

    test("answers with nothing where there is nothing", async () => {
      const { source, texts, counts, services, namespaces, org } = await holding();
      expect(await texts()).toEqual([]);
      expect(await counts({ ...HOUR, stepMs: MINUTE_MS })).toEqual([]);
      expect(await services()).toEqual([]);
      expect(await namespaces()).toEqual([]);
      expect((await source.health(org)).summary).not.toBe("");
    });

    test("answers with nothing for a range that is empty or turned round", async () => {
      const { texts, counts, services } = await holding(logLine(START_MS));
      for (const toMs of [START_MS, START_MS - 1]) {
        const range = { fromMs: START_MS, toMs };
        expect(await texts(range)).toEqual([]);
        expect(await counts({ ...range, stepMs: MINUTE_MS })).toEqual([]);
        expect(await services(range)).toEqual([]);
      }
    });

    test("can be left in the middle, and read by several at once", async () => {
      const lines = Array.from({ length: 300 }, (_, i) => logLine(START_MS + i));
      const { source, texts, org } = await holding(...lines);
      for await (const line of source.lines(org, ALL)) {
        expect(line.text).toBe(lines[0]?.text);
        break;
      }
      const several = await Promise.all(Array.from({ length: 4 }, () => texts({ limit: 50 })));
      for (const one of several) expect(one).toEqual(lines.slice(0, 50).map(({ text }) => text));
    });

    test("asks nothing for somebody who waits no longer, and throws what he was told", async () => {
      const { source, org } = await holding(logLine(START_MS), logLine(START_MS + 1));
      const reason = new Error("too long");
      const signal = AbortSignal.abort(reason);

      await expect(collect(source.lines(org, { ...ALL, signal }))).rejects.toBe(reason);
      await expect(source.counts(org, { ...HOUR, stepMs: MINUTE_MS, signal })).rejects.toBe(reason);
      await expect(source.services(org, { ...HOUR, signal })).rejects.toBe(reason);
      await expect(source.namespaces(org, { ...HOUR, signal })).rejects.toBe(reason);
    });

    test("stops where reading is given up in the middle", async () => {
      const lines = Array.from({ length: 5_000 }, (_, i) => logLine(START_MS + i));
      const { source, org } = await holding(...lines);
      const giveUp = new AbortController();
      const reason = new Error("too long");
      let read = 0;

      const reading = (async () => {
        for await (const _line of source.lines(org, { ...ALL, signal: giveUp.signal })) {
          if (++read === 10) giveUp.abort(reason);
        }
      })();

      await expect(reading).rejects.toBe(reason);
      expect(read).toBeLessThan(5_000);
    });

    test("agrees with a plain filter on any lines and any query", async () => {
      await fc.assert(
        fc.asyncProperty(anyLines, anyQueries, async (parts, queries) => {
          const lines = parts.map(([ms, part]) => logLine(START_MS + ms, part));
          const { source, org, close } = await open(lines);
          try {
            for (const query of queries)
              expect(await disagreement(source, org, lines, query)).toBe(undefined);
          } finally {
            await close();
          }
        }),
        { numRuns: 40 },
      );
    });
  });
}

/** Each closes, opens or alternates something in LogQL, SQL, a shell, a regular expression or a URL. */
const HOSTILE = [
  `checkout"} or {service=~".*`,
  `check\\out`,
  "check`out",
  "{checkout}",
  "check\tout|pay.*ments",
  ".*",
  "a|b",
  "[a-z]+(",
  "%s%00&x=1#y",
  "' or 1=1 --",
  "$(reboot)",
  "ünïcödé ☃",
].toSorted();

/** What to ask, and the numbers of the lines to find. A level is asked for in the way that every setup understands. */
const LOGQL: readonly [string, readonly number[]][] = [
  ['{service_name="checkout"}', [1, 2]],
  ['{service_name!="checkout", service_name=~".+"}', [3, 4, 5]],
  ['{service_name=~"check"}', [5]],
  ['{service_name=~"check.*|nobody", namespace!~"l.b"}', [1, 5]],
  ['{service_name=~".+", namespace=""}', [4]],
  ['{namespace="shop"}', [1, 3, 5]],
  ['{namespace="nowhere"}', []],
  ['{service_name=~".+"} |= "timeout"', [2, 4]],
  ['{service_name=~".+"} |~ "(?i)TIMEOUT"', [1, 2, 4]],
  ['{service_name=~".+"} |= "Timeout" or "refused"', [1, 3]],
  ['{service_name=~".+"} != "timeout" or "refused"', [1, 5]],
  ['{service_name=~".+"} !~ "[Tt]imeout" != "well"', [3]],
  ['{service_name=~".+"} |~ "db-7.e" or "a.b"', [1, 3]],
  ['{service_name=~".+"} |= "(a+b)" |~ `\\(a\\+b\\)`', [1]],
  ['{service_name=~".+"} |= "db-7" |~ "of .x" # all of it\n |= `{x}`', [2]],
  ['{service_name=~".+"} |= "ünïcödé ☃"', [4]],
  ['{service_name=~".+"} |~ "^.*☃ t.m"', [4]],
  ['{service_name=~".+"} | json | msg="well"', [5]],
  ['{service_name=~".+"} | json | level=~"(?i)error|warn"', [1, 2, 3]],
  ['{service_name=~".+"} |= "e" | json | msg!="well" and (n > 0 or msg=~"no.*")', [1, 2, 3, 4]],
];

const anyLines = fc.array(anyLine, { maxLength: 60 });
const anyQueries = fc.array(anyQuery, { minLength: 6, maxLength: 6 });
