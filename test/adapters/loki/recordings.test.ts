import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, describe, expect, test } from "@jest/globals";
import { entriesOf, limitsOf, namesOf, seriesOf, versionOf } from "../../../adapters/loki/answers.ts";
import { failureOf, LokiFailure } from "../../../adapters/loki/failure.ts";
import { recordingNames } from "../../support/loki/recordings.ts";
import {
  ASKED_AGAIN,
  bodyOf,
  countIn,
  failureFor,
  linesIn,
  PASS_NARROWER,
  pointsIn,
  QUOTED,
  resultIn,
  timesIn,
} from "./recordedFacts.ts";
import { type Replayed, replay, summaryOf } from "./replay.ts";

const GOLDEN = new URL("../../golden/loki-recordings.json", import.meta.url);
const golden = JSON.parse(readFileSync(GOLDEN, "utf8")) as Record<string, unknown>;
const names = recordingNames();

/** UPDATE_GOLDEN=1 writes what the adapter makes of them now: format it, and look at the difference line by line. */
const made: Record<string, unknown> = {};
const updates = process.env.UPDATE_GOLDEN === "1";
afterAll(() => {
  if (updates) writeFileSync(GOLDEN, `${JSON.stringify(made, null, 2)}\n`);
});

test("each recording has an expectation, and each expectation a recording", () => {
  expect(names).toHaveLength(272);
  expect(Object.keys(golden).sort()).toEqual(names);
});

describe("the adapter reads, as Loki meant it,", () => {
  test.each(names)("%s", async (name) => {
    const replayed = await replay(name);

    made[name] = summaryOf(replayed);
    if (!updates) expect(made[name]).toEqual(golden[name]);
    expectAsRecorded(replayed);
  });
});

/** Held against the body itself, so that the golden file cannot keep a mistake of the adapter's. */
function expectAsRecorded({ recording, made, frames }: Replayed): void {
  const body = bodyOf(recording);
  switch (made.as) {
    case "lines":
      expect(made.entries.map(({ atNs }) => atNs)).toEqual(timesIn(body).map(BigInt));
      expect(made.entries.map(({ text, labels, metadata }) => ({ text, labels, metadata }))).toEqual(
        linesIn(resultIn(body)),
      );
      break;
    case "series":
      expect(made.series).toHaveLength(countIn(body, '"metric":'));
      expect(made.series.map(({ labels }) => labels)).toEqual(
        (resultIn(body) as { metric: unknown }[]).map(({ metric }) => metric),
      );
      expect(made.series.flatMap(({ points }) => points.map(([at, value]) => `${at}: ${value}`))).toEqual(
        pointsIn(body),
      );
      break;
    case "names":
      expect(made.names).toEqual((JSON.parse(body) as { data?: string[] }).data ?? []);
      expect(made.names.length === 0).toBe(!body.includes('"data"'));
      break;
    case "streams":
      expect(made.streams).toEqual(
        (JSON.parse(body) as { data: Record<string, string>[] }).data.map((labels) =>
          Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`),
        ),
      );
      break;
    case "settings":
      expect(body).toContain(`"version":"3.7.6"`);
      break;
    case "unasked":
      expect(made.answer).toEqual(JSON.parse(body));
      expectRefused(made.answer);
      break;
    case "failure":
      expectFailure(made.failure, made.tries, recording);
  }
  if (frames !== undefined) {
    const data = (recording.frames ?? []).map((frame) => frame.data ?? "");
    expect(frames.map(({ atNs }) => atNs)).toEqual(data.flatMap(timesIn).map(BigInt));
    const streams = data.flatMap((one) => (one === "" ? [] : (JSON.parse(one) as { streams: [] }).streams));
    expect(frames.map(({ text, labels, metadata }) => ({ text, labels, metadata }))).toEqual(
      linesIn(streams),
    );
  }
}

function expectFailure(failure: LokiFailure, tries: number, recording: Replayed["recording"]): void {
  const { kind } = failure;
  const isAgain = ASKED_AGAIN.has(kind);
  expect(kind).toBe(failureFor(recording));
  expect(failure.mayPass(1)).toBe(isAgain);
  expect(tries).toBe(isAgain ? 4 : 1);
  expect(failure.narrowerHelps).toBe(PASS_NARROWER.has(kind));
  const { message } = failure.toUserError();
  expect(message).not.toMatch(/\n|undefined|\[object|rpc error/);
  expect(message.length).toBeLessThan(450);
  const said = bodyOf(recording)
    .replace(/^rpc error: code = \S+ desc = /, "")
    .split("\n")[0] as string;
  if (QUOTED.has(kind)) expect(message).toContain(said.slice(0, 200));
  else if (said !== "") expect(message).not.toContain(said);
}

/** An answer to something else must not pass for one to what was asked. */
function expectRefused(answer: unknown): void {
  for (const decode of [entriesOf, seriesOf, limitsOf, versionOf]) {
    expect(() => decode(answer)).toThrow(LokiFailure);
  }
  // Names that are none and patterns that are none look alike.
  const isEmpty = JSON.stringify(answer) === '{"status":"success","data":[]}';
  if (!isEmpty) expect(() => namesOf(answer)).toThrow(LokiFailure);
}

describe("what no recording shows but Loki's source does", () => {
  test.each([
    [400, "rpc error: code = Code(400) desc = tenant ID is '.' or '..'", "no org", false],
    [429, "querying is disabled, please contact your Loki operator", "disabled", false],
    [400, "limit must be a positive value", "query", false],
    [500, "boom", "server", true],
  ] as const)("%i %s", (status, text, kind, isTriedOnceMore) => {
    const failure = failureOf(status, text);

    expect(failure.kind).toBe(kind);
    expect([failure.mayPass(1), failure.mayPass(2)]).toEqual([isTriedOnceMore, false]);
  });

  test("an error of several lines becomes one sentence", () => {
    expect(failureOf(400, "pipeline error: one\n  two\n").toUserError().message).toBe(
      "Loki cannot read that query. It said: pipeline error: one two",
    );
  });

  test.each(["soon", "", "1.5", "0x10", " 1", 1])("a time such as %j makes an answer garbled", (time) => {
    const answer = {
      status: "success",
      data: { resultType: "streams", result: [{ stream: {}, values: [[time, "x"]] }] },
    };

    expect(() => entriesOf(answer)).toThrow(expect.objectContaining({ kind: "garbled" }));
  });
});
