import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { LokiOptions, LokiSource } from "../../../adapters/loki/index.ts";
import { isAnyOf, selector } from "../../../adapters/loki/logql.ts";
import { UserError } from "../../../src/errors.ts";
import { parseLogql } from "../../../src/logs/logql/parse.ts";
import { collect } from "../../contract/logSourceModel.ts";
import { LokiFailure as Refusal } from "../../support/loki/failure.ts";
import { parseQuery } from "../../support/loki/parse.ts";
import { readRecording, recordingNames } from "../../support/loki/recordings.ts";
import { type StandInLoki, startStandInLoki } from "../../support/loki/standIn.ts";
import type { Query } from "../../support/loki/syntax.ts";
import { ACME, FOREIGN_SECRET, FROM_MS, GLOBEX, OWN_SECRETS, TO_MS } from "./hostileTenants.ts";
import { BLANK_VALUES, HOSTILE_VALUES, LONG_HOSTILE_VALUES, titled } from "./hostileValues.ts";
import { openTestLoki } from "./open.ts";
import { logQueriesIn, PATHS } from "./sentQueries.ts";

const WINDOW = { fromMs: FROM_MS, toMs: TO_MS };
const LINES = { ...WINDOW, order: "oldest first", limit: 5_000 } as const;
const ALL = [...HOSTILE_VALUES, ...LONG_HOSTILE_VALUES, ...BLANK_VALUES];
const titledAll = ALL.map((value) => [titled(value), value] as const);

let server: StandInLoki;
const opened: { close(): Promise<void> }[] = [];
let acme: LokiSource;
let several: LokiSource;

async function open(options: Partial<LokiOptions> = {}): Promise<LokiSource> {
  const source = await openTestLoki(server.url, { now: () => TO_MS, ...options });
  opened.push(source);
  return source;
}
beforeAll(async () => {
  server = await startStandInLoki({ tenants: { acme: ACME, globex: GLOBEX }, now: () => TO_MS });
  opened.push(server);
  acme = await open();
  several = await open({ multiTenant: true });
});
afterAll(async () => {
  for (const one of opened.reverse()) await one.close();
});

async function sentBy(ask: () => Promise<unknown>) {
  const before = server.requests.length;
  const found = await ask().catch((error: unknown) => error);
  return { found, requests: server.requests.slice(before) };
}

describe("a hostile organisation is none, or that very one, and sees nothing of another:", () => {
  test.each(titledAll)("%s", async (_, org) => {
    const isOne = /^[a-zA-Z0-9!\-_.*'()]{1,150}$/.test(org);
    const areSeveral = org !== "" && org.split("|").every((one) => /^[a-zA-Z0-9!\-_.*'()]{1,150}$/.test(one));
    for (const [source, isAsked] of [
      [acme, isOne],
      [several, areSeveral],
    ] as const) {
      for (const ask of [
        () => collect(source.lines(org, LINES)),
        () => source.counts(org, { ...WINDOW, stepMs: 600_000 }),
        () => source.services(org, WINDOW),
        () => source.health(org),
        () => source.linkTo(org, LINES),
      ]) {
        const { found, requests } = await sentBy(ask);
        if (!isAsked) expect(requests).toEqual([]);
        for (const request of requests) expect(request.headers["x-scope-orgid"]).toBe(org);
        expect(
          String(JSON.stringify(found, (_key, value) => (typeof value === "bigint" ? 0 : value))),
        ).not.toMatch(/zqx|checkout/);
        if (found instanceof Error) expect(found).toBeInstanceOf(UserError);
      }
    }
  });
});

describe("a hostile name of a label, which settings refuse, is in no query:", () => {
  test.each(titledAll)("%s", async (_, label) => {
    // Words of the language cannot stand as names in it.
    const isName = /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(label) && !["or", "and", "unless"].includes(label);
    for (const labels of [{ service: label }, { namespace: label }, { level: label }]) {
      const source = await open({ labels });
      const { found, requests } = await sentBy(() =>
        collect(source.lines("acme", { ...LINES, services: ["x"], namespace: "y", levels: ["ERROR"] })),
      );
      await opened.pop()?.close();
      const queries = requests.flatMap(logQueriesIn);
      if (!isName) {
        expect(found).toBeInstanceOf(RangeError);
        expect(queries).toEqual([]);
      }
      for (const { matchers } of queries) {
        expect(matchers.slice(0, 2).map(({ value }) => value)).toEqual(["x", "y"]);
        expect(matchers.length).toBeLessThanOrEqual(3);
      }
    }
  });
});

describe("a log query of one's own is refused, or sent as the one log query it is:", () => {
  const frames: ((value: string) => string)[] = [
    (value) => value,
    (value) => `{service_name="checkout"} ${value}`,
    (value) => `{service_name="checkout"} |= "${value}"`,
    (value) => `{service_name="checkout"} |= \`${value}\``,
    (value) => `{service_name="${value}"}`,
    (value) => `{service_name="checkout", ${value}="x"}`,
    (value) => `{service_name="checkout"} | json | ${value}="x"`,
    (value) => `{service_name="checkout"} | line_format "${value}"`,
    (value) => `{service_name="checkout"} | service_name="a" or ${value}`,
  ];

  test.each(titledAll)("%s", async (_, value) => {
    for (const frame of frames) {
      const typed = frame(value);
      const logql = readOwn(typed);
      if (logql === undefined) continue;
      const { found, requests } = await sentBy(() => collect(acme.lines("acme", { ...LINES, logql })));

      expect(requests.length).toBeGreaterThan(0);
      for (const { org, path, params } of requests) {
        expect(org).toBe("acme");
        expect(path).toMatch(PATHS);
        if (!params.has("query")) continue;
        const sent = parsedOr501(params.get("query") ?? "");
        if (sent === undefined) continue;
        if (sent.kind !== "log") throw new Error(`a metric query was sent for ${titled(typed)}`);
        expect(sent.stages.at(-1)).toMatchObject({ kind: "line_format" });
        expect(sent.stages).toHaveLength(logql.stages.length + 1);
        expect(sent.matchers.map(({ name, op }) => `${name}${op}`)).toEqual(
          logql.matchers.map(({ name, op }) => `${name}${op}`),
        );
        if (isReadOtherwise(typed)) continue;
        const meant = parsedOr501(typed);
        if (meant === undefined) continue;
        if (meant.kind !== "log") throw new Error(`${titled(typed)} is no log query, and was not refused`);
        expect(sent.matchers).toEqual(meant.matchers);
        expect(sent.stages.slice(0, -1)).toEqual(meant.stages);
      }
      const texts = Array.isArray(found) ? found.map(({ text }: { text: string }) => text).join("\n") : "";
      expect(texts).not.toContain(FOREIGN_SECRET);
      if (Array.isArray(found)) continue;
      expect(found).toBeInstanceOf(UserError);
      expect(String(found)).not.toMatch(/zqx/);
    }
  });

  function readOwn(typed: string) {
    try {
      return parseLogql(typed);
    } catch (error) {
      expect(error).toBeInstanceOf(UserError);
      return undefined;
    }
  }

  /** Nothing where the stand-in does not know what Loki does. */
  function parsedOr501(text: string): Query | undefined {
    try {
      return parseQuery(text);
    } catch (error) {
      if (error instanceof Refusal && error.status === 501) return undefined;
      throw error;
    }
  }

  /** Half surrogates become U+FFFD, Go leaves carriage returns out of backticks, and curly quotes and odd spaces are straightened. */
  function isReadOtherwise(typed: string): boolean {
    return !typed.isWellFormed() || /[\r\u00a0\u200b\u2028\u2029\ufeff\u201c\u2018\u2019\uff02]/.test(typed);
  }
});

describe("what a real Loki made of it:", () => {
  const meant: Record<string, string> = {
    backslash: "back\\slash",
    backtick: "back`tick",
    brace: "{brace}=x",
    cjk: "日本語",
    metachars: "a.b+c(d)",
    newline: "new\nline",
    quote: 'quo"te',
  };
  const escapes = recordingNames().filter((name) => /^escape-label-/.test(name));

  test.each(escapes)("%s: the adapter writes that very matcher, and only its stream came back", (name) => {
    const { request, response } = readRecording(name);
    const value = meant[name.slice("escape-label-".length)] ?? "not known here";

    expect(selector([isAnyOf("weird", [value])])).toBe(new URLSearchParams(request.query).get("query"));
    const streams = (JSON.parse(response.body ?? "") as { data: { result: { stream: object }[] } }).data
      .result;
    expect(streams.map(({ stream }) => stream)).toEqual([expect.objectContaining({ weird: value })]);
  });

  test("escape-injection-2: raw, the value opened other services; written by the adapter it opens none", async () => {
    const { response } = readRecording("escape-injection-2");
    expect(response.body).toContain('"service_name":"auth-svc"');

    const value = 'x", service_name=~".+';
    expect(parseQuery(selector([isAnyOf("service_name", [value])]))).toMatchObject({
      matchers: [{ name: "service_name", op: "=", value }],
    });
    expect(() => parseLogql('{weird="x"} or {service_name="auth-svc"}')).toThrow(UserError);
  });

  test("unescaped, the stand-in leaks as Loki does: these tests could fail", async () => {
    const response = await fetch(
      `${server.url}/loki/api/v1/query_range?${new URLSearchParams({
        query: '{namespace="secure", service_name!="x", service_name=~".+"}',
        start: `${FROM_MS}000000`,
        end: `${TO_MS}000000`,
      })}`,
      { headers: { "x-scope-orgid": "acme" } },
    );
    expect(await response.text()).toContain(OWN_SECRETS[0]);
  });
});
