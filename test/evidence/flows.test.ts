import { describe, expect, test } from "@jest/globals";
import { type FlowCount, findDrops } from "../../src/evidence/flows.ts";

const TIMES = { beforeMs: 10 * 60_000, afterMs: 5 * 60_000, earlierMs: 10 * 60_000 };
/** What goes on: half as many lines in half the time. */
const GOES_ON = ["order placed", "cart opened", "price asked", "page shown"].map((template) =>
  flow(template, { before: 200, after: 100, earlier: 200 }),
);

function flow(
  template: string,
  counts: Pick<FlowCount, "before" | "after" | "earlier">,
  service = "checkout",
): FlowCount {
  return { service, namespace: "", template, ...counts };
}

describe("talk that stopped", () => {
  test("is what is missing while everything else goes on", () => {
    const drops = findDrops([...GOES_ON, flow("route found", { before: 60, after: 0, earlier: 60 })], TIMES);

    expect(drops).toMatchObject([
      { service: "checkout", template: "route found", perMinuteUsual: 6, perMinuteNow: 0 },
    ]);
  });

  test("is seen against another time where it had stopped before", () => {
    const drops = findDrops([...GOES_ON, flow("route found", { before: 0, after: 0, earlier: 60 })], TIMES);

    expect(drops).toMatchObject([{ template: "route found", against: "earlier" }]);
  });

  test("is not that all have less to do", () => {
    const quiet = GOES_ON.map((one) => ({ ...one, after: 20 }));

    expect(findDrops(quiet, TIMES)).toEqual([]);
  });

  test("is seen though all have more to do, and is held against that", () => {
    const busy = GOES_ON.map((one) => ({ ...one, after: 400 }));
    const [drop] = findDrops([...busy, flow("route found", { before: 60, after: 30, earlier: 60 })], TIMES);

    expect(drop).toMatchObject({ template: "route found", perMinuteUsual: 24, perMinuteNow: 6 });
  });

  test("is not a line that came twice and then did not", () => {
    expect(findDrops([...GOES_ON, flow("cache warmed", { before: 2, after: 0, earlier: 2 })], TIMES)).toEqual(
      [],
    );
  });

  test("of one service that says nothing more is told of twice, and leaves room for others", () => {
    const dead = ["a", "b", "c", "d"].map((template) =>
      flow(template, { before: 100, after: 0, earlier: 100 }, "orders"),
    );
    const drops = findDrops(
      [...GOES_ON, ...dead, flow("route found", { before: 60, after: 0, earlier: 60 }, "route")],
      TIMES,
    );

    expect(drops.map(({ service }) => service)).toEqual(["orders", "orders", "route"]);
  });

  test("is nothing where a time was not read", () => {
    expect(findDrops([flow("a", { before: 60, after: 0, earlier: 0 })], { ...TIMES, afterMs: 0 })).toEqual(
      [],
    );
  });
});
