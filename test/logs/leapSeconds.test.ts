import { expect, test } from "@jest/globals";
import { parseLine, tellLine } from "../../src/logs/parse.ts";

const MIDNIGHT = "2017-01-01T00:00:00.000Z";
const clock = { nearMs: Date.parse("2017-01-01T12:00Z"), offsetMinutes: 0 };

test.each([
  ["2016-12-31T23:59:60Z ERROR boom", MIDNIGHT],
  ["2016-12-31 23:59:60 ERROR boom", MIDNIGHT],
  ["2016-12-31 23:59:60,250 ERROR boom", "2017-01-01T00:00:00.250Z"],
  ["2016/12/31 23:59:60 ERROR boom", MIDNIGHT],
  ["2017-01-01T00:59:60+01:00 ERROR boom", MIDNIGHT],
  ["2017-01-01 00:59:60 Europe/Berlin ERROR boom", MIDNIGHT],
  ["2017-01-01 08:59:60 JST ERROR boom", MIDNIGHT],
  ["31 Dec 2016 23:59:60.000 ERROR boom", MIDNIGHT],
  ["Sat Dec 31 23:59:60 2016 ERROR boom", MIDNIGHT],
  ["Dec 31 23:59:60 host app[1]: ERROR boom", MIDNIGHT],
  ["<11>1 2016-12-31T23:59:60Z host app - - - ERROR boom", MIDNIGHT],
  ["E1231 23:59:60.000000   1 main.go:1] boom", MIDNIGHT],
  ["23:59:60 ERROR boom", MIDNIGHT],
  ['10.0.0.1 - - [31/Dec/2016:23:59:60 +0000] "GET / HTTP/1.1" 500 1', MIDNIGHT],
  ['{"time":"2016-12-31T23:59:60Z","level":"error","msg":"boom"}', MIDNIGHT],
  ['time="2016-12-31T23:59:60Z" level=error msg=boom', MIDNIGHT],
])("a line of a leap second is of the second after it: %s", (line, at) => {
  const { atNs } = parseLine(line, clock);
  expect(new Date(Number((atNs ?? 0n) / 1_000_000n)).toISOString()).toBe(at);
});

test("the message of a line of a leap second is that of any other, also where no clock is known", () => {
  const messages = ["23:59:59", "23:59:60", "2016-12-31T23:59:60Z", "Dec 31 23:59:60"].map(
    (stamp) => tellLine(`${stamp} ERROR boom`).message,
  );
  expect(new Set(messages)).toEqual(new Set(["boom"]));
});

test.each(["2016-12-31T23:59:61Z boom", '{"time":"2016-12-31T23:59:61Z","msg":"boom"}', "23:59:61 boom"])(
  "a second that there never is, is no time: %s",
  (line) => {
    expect(parseLine(line, clock).atNs).toBeUndefined();
  },
);
