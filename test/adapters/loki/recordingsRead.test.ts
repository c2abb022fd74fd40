import { afterEach, describe, expect, test } from "@jest/globals";
import type { LokiSource } from "../../../adapters/loki/index.ts";
import { readPages } from "../../../adapters/loki/pages.ts";
import { UserError } from "../../../src/errors.ts";
import type { LineQuery, LogLine } from "../../../src/logs/source.ts";
import { collect } from "../../contract/logSourceModel.ts";
import { type Recording, readRecording, recordingNames } from "../../support/loki/recordings.ts";
import { openTestLoki } from "./open.ts";
import { linesIn, resultIn, timesIn } from "./recordedFacts.ts";
import { type RecordedLoki, startRecordedLoki } from "./recordedLoki.ts";
import { isLogQuery, paramsOf, replay } from "./replay.ts";

const HOUR_MS = 3_600_000;
/** When the recordings were made, on the hour, so that a window of one hour is one slice. */
const TO_MS = Math.floor(1_795_457_089_814 / HOUR_MS) * HOUR_MS;
const WINDOW = { fromMs: TO_MS - HOUR_MS, toMs: TO_MS };

let loki: RecordedLoki;
let source: LokiSource;
const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

async function open(answers: Record<string, string>): Promise<void> {
  loki = await startRecordedLoki(answers, TO_MS);
  source = await openTestLoki(loki.url, { now: () => TO_MS });
  opened.push(loki, source);
}
const read = (more: Partial<LineQuery> = {}): Promise<LogLine[]> =>
  collect(source.lines("acme", { ...WINDOW, order: "oldest first", limit: 4_000, ...more }));
async function linesOf(name: string, more?: Partial<LineQuery>): Promise<LogLine[]> {
  await open({ "/query_range": name });
  return read(more);
}
const said = (error: unknown) => (error instanceof UserError ? error.message : `thrown: ${String(error)}`);

const all = recordingNames().map(readRecording);
const isRangeOf = (isLog: boolean) => (recording: Recording) =>
  recording.request.path === "/loki/api/v1/query_range" && isLogQuery(recording) === isLog;
const answered = all.filter(isRangeOf(true)).filter(({ response }) => response.status === 200);
const refused = all.filter(isRangeOf(true)).filter(({ response }) => response.status !== 200);
const named = (recordings: readonly Recording[]) =>
  recordings.map((recording) => [recording.name, recording] as const);

describe("a search shows every recorded line once, whole and in order of time", () => {
  test.each(named(answered))("%s", async (name, recording) => {
    const body = recording.response.body ?? "";
    const expected = timesIn(body).map((time, i) => ({ atNs: BigInt(time), ...linesIn(resultIn(body))[i] }));

    const oldest = await linesOf(name);
    expect(oldest.map(({ atNs }) => atNs)).toEqual(
      expected.map(({ atNs }) => atNs).sort((a, b) => (a < b ? -1 : Number(a > b))),
    );
    const identity = (line: { atNs: bigint; text?: string; service?: string; namespace?: string }) =>
      JSON.stringify([String(line.atNs), line.service ?? "", line.namespace ?? "", line.text]);
    expect(oldest.map(identity).sort()).toEqual(
      expected
        .map(({ labels, ...line }) =>
          identity({
            ...line,
            ...(labels?.service_name !== undefined && { service: labels.service_name }),
            ...(labels?.namespace !== undefined && { namespace: labels.namespace }),
          }),
        )
        .sort(),
    );
    expect((await read({ order: "newest first" })).map(({ atNs }) => atNs)).toEqual(
      oldest.map(({ atNs }) => atNs).reverse(),
    );
  });
});

describe("a search that Loki refused says why, in the sentence the classifier has for it", () => {
  test.each(named(refused))("%s", async (name) => {
    const { made } = await replay(name);
    if (made.as !== "failure") throw new Error("it was refused");

    await open({ "/query_range": name });
    expect(await read().catch(said)).toBe(made.failure.toUserError().message);
    expect(await source.counts("acme", { ...WINDOW, stepMs: HOUR_MS / 4 }).catch(said)).toBe(
      made.failure.toUserError().message,
    );
  });
});

describe("what is hard about a line", () => {
  test("a level that only a coloured text says is found, though Loki detected none", async () => {
    const [coloured] = await linesOf("range-ansi");
    const [plain] = await linesOf("range-ansi-decolorize");

    expect(readRecording("range-ansi").response.body).toContain('"detected_level":"unknown"');
    expect(coloured?.text).toContain("\u001b[1mERROR\u001b[22m");
    expect([coloured?.level, plain?.level]).toEqual(["ERROR", "ERROR"]);
    expect(await linesOf("range-ansi", { levels: ["ERROR"] })).not.toEqual([]);
    expect(await linesOf("range-ansi", { levels: ["INFO"] })).toEqual([]);
  });

  test.each([
    ["range-detected-level-error", ["ERROR"]],
    ["range-java-multiline", ["ERROR"]],
    ["range-python-multiline", ["ERROR"]],
    ["range-categorize-plain", ["ERROR", "INFO"]],
    ["otlp-read", ["ERROR"]],
    ["page-dups", [undefined]],
  ] as const)("levels of %s", async (name, expected) => {
    const levels = new Set((await linesOf(name)).map(({ level }) => level));

    expect([...levels].sort()).toEqual([...expected]);
  });

  test("NUL, marks of direction and line separators come as they are: cards clean them", async () => {
    const text = (await linesOf("range-unicode")).map((line) => line.text).join("\n");

    for (const char of ["\u0000", "\u202e", "\u2028"]) expect(text).toContain(char);
    expect(text).not.toContain("\ufffd");
  });

  test("a line of 100 KB is whole where Loki did not cut it, and asked for cut", async () => {
    const [line] = await linesOf("range-line-100k");

    expect(line?.text).toHaveLength(102_448);
    const query = loki.asked.find(({ path }) => path.endsWith("/query_range"))?.params.get("query");
    expect(query).toMatch(/\| line_format `\{\{ __line__ \| trunc 65536 \}\}`$/);
  });
});

describe("a tie that a page cuts", () => {
  /** Recorded pages by what was asked for them. */
  const pages = all.filter(({ name }) => name.startsWith("page-ties-"));
  const spanOf = (recording: Recording) =>
    ["start", "end", "limit", "direction"].map((name) => paramsOf(recording).get(name)).join(" ");

  test.each([
    ["oldest first", "page-ties-1-forward-limit10", "page-ties-2-forward-start-at-last"],
    ["newest first", "page-ties-1-backward-limit10", "page-ties-2-backward-end-last-plus-1"],
  ] as const)(
    "%s: the next page is asked as recorded, and each line comes once",
    async (order, first, second) => {
      const used: string[] = [];
      let streamsAsked = 0;
      const query = { matchers: ['service_name="ties"'], pipeline: "" };
      const span = { fromNs: 1_795_455_889_814_456_689n, toNs: 1_795_455_889_814_456_889n };
      const found: string[] = [];
      const run = readPages(query, span, order, 1_000, {
        maxEntries: 10,
        async ask(_, { fromNs, toNs }, asked, limit) {
          const direction = asked === "oldest first" ? "forward" : "backward";
          const wanted = `${fromNs} ${toNs} ${limit} ${direction}`;
          const page = pages.find((recording) => spanOf(recording) === wanted);
          // The instant itself is read stream by stream, which nobody recorded with a limit of ten.
          const name = page?.name ?? (toNs - fromNs === 1n ? "page-ties-1ns-window" : "range-empty");
          used.push(page === undefined ? `(${name})` : name);
          return JSON.parse(readRecording(name).response.body ?? "");
        },
        async streamsOf(of) {
          streamsAsked++;
          return [of];
        },
        onGap: () => undefined,
      });
      for await (const { text } of run) found.push(text);

      expect(used.slice(0, 2)).toEqual([first, second]);
      expect(streamsAsked).toBe(1);
      const tie = Array.from({ length: 25 }, (_, i) => `tie ${String(i).padStart(2, "0")}`);
      expect(found.filter((text) => text.startsWith("tie")).sort()).toEqual(tie);
      expect(new Set(found).size).toBe(found.length);
      const edge = order === "oldest first" ? "before" : "after";
      expect(found.slice(0, 5).every((text) => text.startsWith(edge))).toBe(true);
    },
  );
});
