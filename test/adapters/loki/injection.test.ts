import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { LokiSource } from "../../../adapters/loki/index.ts";
import type { LineQuery, LogLine } from "../../../src/logs/source.ts";
import { collect } from "../../contract/logSourceModel.ts";
import { parseQuery } from "../../support/loki/parse.ts";
import { type StandInLoki, type StandInRequest, startStandInLoki } from "../../support/loki/standIn.ts";
import type { LogQuery } from "../../support/loki/syntax.ts";
import { ACME, ANY_SECRET, FROM_MS, GLOBEX, kept, OWN_SECRETS, TO_MS } from "./hostileTenants.ts";
import { BLANK_VALUES, HOSTILE_VALUES, LONG_HOSTILE_VALUES, titled } from "./hostileValues.ts";
import { openTestLoki } from "./open.ts";
import { inAnyCase, logQueriesIn, PATHS, stageKinds, valuesThrough } from "./sentQueries.ts";

const WINDOW = { fromMs: FROM_MS, toMs: TO_MS };
const SERVICES = ACME.map(({ labels }) => labels.service_name as string);
const ANY_SERVICE = { name: "service_name", op: "=~", value: ".+" };

let server: StandInLoki;
let source: LokiSource;
beforeAll(async () => {
  server = await startStandInLoki({ tenants: { acme: ACME, globex: GLOBEX }, now: () => TO_MS });
  source = await openTestLoki(server.url, {
    now: () => TO_MS,
    grafana: { url: "https://grafana.example/g", datasource: "loki", orgId: 1, form: "panes" },
  });
});
afterAll(async () => {
  await source.close();
  await server.close();
});

interface Asked<T> {
  found: T;
  /** Of the queries of lines or counts that were sent; labels and limits are no such. */
  queries: LogQuery[];
}

/** Asks, and holds every request that was sent to its tenant and paths. */
async function sending<T>(ask: () => Promise<T>): Promise<Asked<T>> {
  const before = server.requests.length;
  const found = await ask();
  const requests = server.requests.slice(before);
  for (const request of requests) expectOwn(request);
  return { found, queries: requests.flatMap(logQueriesIn) };
}

function expectOwn({ org, headers, path }: StandInRequest): void {
  expect([org, headers["x-scope-orgid"]]).toEqual(["acme", "acme"]);
  expect(path).toMatch(PATHS);
}

const read = (more: Partial<LineQuery>) =>
  sending(() => collect(source.lines("acme", { ...WINDOW, order: "oldest first", limit: 5_000, ...more })));
const textsOf = (lines: readonly LogLine[]) => lines.map(({ text }) => text);
const textsWhere = (isWanted: (line: { service: string; text: string }) => boolean) =>
  ACME.filter(({ labels, text }) => isWanted({ service: labels.service_name as string, text })).map(
    ({ text }) => text,
  );

const titledValues = HOSTILE_VALUES.map((value) => [titled(value), value] as const);

test("there are more than 200 hostile values", () => {
  expect(new Set(HOSTILE_VALUES).size).toBeGreaterThanOrEqual(200);
});

describe("a hostile value widens nothing, wherever it stands:", () => {
  test.each(titledValues)("%s", async (_, value) => {
    const own = kept(value);
    const ofOwn = textsWhere(({ service }) => service === own);
    expect(ofOwn).toHaveLength(1);
    const isOwn = { name: "service_name", op: "=", value: own };
    const inOwn = { name: "namespace", op: "=", value: own };

    const service = await read({ services: [value] });
    expect(service.queries.map(({ matchers }) => matchers)).toEqual([[isOwn]]);
    expect(service.queries.map(({ stages }) => stageKinds(stages))).toEqual(["line_format"]);
    expect(textsOf(service.found)).toEqual(ofOwn);

    const both = await read({ services: [value, "checkout"] });
    expect(both.queries).toHaveLength(1);
    expect(both.queries[0]?.matchers).toHaveLength(1);
    expect(valuesThrough(both.queries[0]?.matchers[0], ["", ...SERVICES]).sort()).toEqual(
      ["checkout", own].sort(),
    );
    expect(stageKinds(both.queries[0]?.stages ?? [])).toBe("line_format");
    expect(textsOf(both.found)).toEqual([...textsWhere((line) => line.service === "checkout"), ...ofOwn]);

    const namespace = await read({ namespace: value });
    expect(namespace.queries.map(({ matchers }) => matchers)).toEqual([[ANY_SERVICE, inOwn]]);
    expect(textsOf(namespace.found)).toEqual(ofOwn);

    const errors = await read({ services: [value], namespace: value, levels: ["ERROR"] });
    // By the label of the level, and by the text of lines without one.
    expect(errors.queries.map(({ stages }) => stageKinds(stages)).sort()).toEqual([
      "line_format",
      "regexp labels line_format",
    ]);
    for (const { matchers } of errors.queries) {
      expect(matchers.slice(0, 2)).toEqual([isOwn, inOwn]);
      expect(matchers.slice(2).map(({ name }) => name)).toEqual(["level"]);
    }
    expect(textsOf(errors.found)).toEqual(ofOwn);

    await expectContains(value);

    const counted = await sending(() =>
      source.counts("acme", { ...WINDOW, stepMs: 600_000, services: [value], namespace: value }),
    );
    for (const { matchers } of counted.queries) expect(matchers.slice(0, 2)).toEqual([isOwn, inOwn]);
    expect(counted.found.map((one) => [one.service, one.namespace])).toEqual([[own, own]]);
    expect(counted.found.flatMap(({ counts }) => counts).reduce((sum, count) => sum + count)).toBe(1);

    expect(await exploreQuery({ services: [value], namespace: value, contains: [value] })).toMatchObject({
      matchers: [isOwn, inOwn],
      stages: [{ kind: "line", op: "|~", texts: [inAnyCase(own)] }],
    });
  });
});

async function expectContains(value: string): Promise<void> {
  const own = kept(value);
  const holds = (text: string) => text.toLowerCase().includes(own.toLowerCase());
  const one = await read({ contains: [value] });
  expect(one.queries.map(({ matchers }) => matchers)).toEqual([[ANY_SERVICE]]);
  expect(one.queries[0]?.stages).toEqual([
    { kind: "line", op: "|~", texts: [inAnyCase(own)] },
    expect.objectContaining({ kind: "line_format" }),
  ]);
  for (const text of textsOf(one.found)) expect(holds(text)).toBe(true);
  // Some letters are the same to JavaScript and not to RE2, or the other way round; these all agree on.
  if (/^[\x00-\x7f]*$/.test(value)) expect(textsOf(one.found)).toEqual(textsWhere(({ text }) => holds(text)));
  expect(textsOf(one.found).join("\n")).not.toMatch(ANY_SECRET);

  const several = await read({ contains: [value, "zz", `${value}"}`] });
  expect(several.queries.map(({ stages }) => stages.slice(0, -1))).toEqual([
    [own, "zz", `${own}"}`].map((text) => ({ kind: "line", op: "|~", texts: [inAnyCase(text)] })),
  ]);
  expect(textsOf(several.found).every(holds)).toBe(true);
}

/** What a link shows, read back out of its address as Grafana does. */
async function exploreQuery(query: Partial<LineQuery>): Promise<LogQuery> {
  const link = new URL(
    (await source.linkTo("acme", { ...WINDOW, order: "newest first", limit: 10, ...query })) ?? "",
  );
  expect(`${link.origin}${link.pathname}`).toBe("https://grafana.example/g/explore");
  expect([...link.searchParams.keys()].sort()).toEqual(["orgId", "panes", "schemaVersion"]);
  expect(link.hash).toBe("");
  const panes = JSON.parse(link.searchParams.get("panes") ?? "") as {
    lh: { queries: { expr: string }[] };
  };
  expect(Object.keys(panes)).toEqual(["lh"]);
  expect(panes.lh.queries).toHaveLength(1);
  const parsed = parseQuery(panes.lh.queries[0]?.expr ?? "");
  if (parsed.kind !== "log") throw new Error("a link shows lines");
  return parsed;
}

describe("what is too long to be typed widens nothing either:", () => {
  test.each(LONG_HOSTILE_VALUES.map((value) => [titled(value), value] as const))("%s", async (_, value) => {
    const service = await read({ services: [value] });
    expect(service.queries.map(({ matchers }) => matchers.map((one) => one.value))).toEqual([[value]]);
    expect(service.found).toEqual([]);

    const contains = await read({ contains: [value] });
    expect(contains.queries.map(({ stages }) => stageKinds(stages))).toEqual(["line line_format"]);
    expect(contains.found).toEqual([]);
  });
});

describe("what is empty or blank", () => {
  test("is no service, and no text to look for", async () => {
    expect(await read({ services: [""] })).toEqual({ found: [], queries: [] });
    expect(await read({ services: [] })).toEqual({ found: [], queries: [] });
    expect((await read({ services: ["", "checkout"] })).queries.map(({ matchers }) => matchers)).toEqual([
      [{ name: "service_name", op: "=", value: "checkout" }],
    ]);
    // The namespace without a name: lines that have none, and not lines of all.
    expect((await read({ namespace: "" })).found).toEqual([]);
  });

  test.each(BLANK_VALUES.filter((value) => value !== "").map((value) => [JSON.stringify(value), value]))(
    "%s is looked for as it is",
    async (_, value) => {
      expect((await read({ services: [value] })).found).toEqual([]);
      expect((await read({ namespace: value })).found).toEqual([]);
      const { found, queries } = await read({ contains: [value] });
      expect(queries.map(({ stages }) => stageKinds(stages))).toEqual(["line line_format"]);
      expect(textsOf(found)).not.toContain(OWN_SECRETS[0]);
      expect(textsOf(found).every((text) => text.includes(value))).toBe(true);
    },
  );
});
