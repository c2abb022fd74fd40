import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Block, Card } from "../../src/chat/card.ts";
import { plainText } from "../../src/chat/plainText.ts";
import type { Reply } from "../../src/chat/platform.ts";
import type { LogLine, LogSource } from "../../src/logs/source.ts";
import { createLinesSource, lineAt } from "../support/linesSource.ts";
import type { RecordingPlatform } from "../support/recordingPlatform.ts";
import { openTestApp, type TestApp } from "../support/testApp.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const START_MS = Date.UTC(2026, 10, 24, 16);

let nowMs = START_MS;
let source: LogSource;
let opened: TestApp;
let chat: RecordingPlatform;

/** What the commands read from now on. */
function given(lines: readonly LogLine[]): void {
  source = createLinesSource(lines);
}

function every(
  ms: number,
  fromMs: number,
  toMs: number,
  text: string,
  more: Partial<LogLine> = {},
): LogLine[] {
  const count = Math.ceil((toMs - fromMs) / ms);
  return Array.from({ length: count }, (_, i) => lineAt(fromMs + i * ms, text, more));
}

beforeAll(async () => {
  given([]);
  const logs: LogSource = {
    lines: (org, query) => source.lines(org, query),
    counts: (org, query) => source.counts(org, query),
    services: (org, range) => source.services(org, range),
    namespaces: (org, range) => source.namespaces(org, range),
    health: (org) => source.health(org),
    linkTo: (org, query) => source.linkTo(org, query),
  };
  opened = await openTestApp({ logs, now: () => nowMs });
  chat = opened.chat;
});

afterAll(() => opened.close());

function cardOf(reply: Reply): Card {
  if (reply.kind !== "message") throw new Error(`a ${reply.kind} has no card`);
  return reply.card;
}
const say = async (text: string) => cardOf((await chat.type(text)).reply);
const textOf = async (text: string) => plainText(await say(text));
const block = <K extends Block["kind"]>(card: Card, kind: K) =>
  card.body.find((candidate) => candidate.kind === kind) as Extract<Block, { kind: K }>;

async function analyse(text: string): Promise<{ messageId: string; answer: Card }> {
  const { messageId } = await chat.type(text);
  return { messageId, answer: await chat.until(messageId, (card) => card.tone !== "working") };
}

describe("a service that stands in two namespaces", () => {
  const service = "twin";
  beforeAll(() => {
    nowMs = START_MS;
    given([
      ...every(10_000, nowMs - 2 * HOUR, nowMs, "calm", { service, namespace: "", level: "INFO" }),
      ...every(10_000, nowMs - 2 * HOUR, nowMs, "calm", { service, namespace: "shop", level: "INFO" }),
      ...every(5_000, nowMs - 10 * MINUTE, nowMs, "nameless trouble", { service, namespace: "" }),
      ...every(5_000, nowMs - 10 * MINUTE, nowMs, "shop trouble", { service, namespace: "shop" }),
    ]);
  });

  test.each(["errors twin", "search trouble service:twin", "analyze twin"])(
    "is asked which one is meant: %s",
    async (typed) => {
      expect(await textOf(typed)).toContain(
        "There is a twin in several namespaces: -, shop. Add namespace:<one of them>.",
      );
    },
  );

  test.each([
    ["-", "nameless trouble", "shop trouble"],
    ["shop", "shop trouble", "nameless trouble"],
    ["SHOP", "shop trouble", "nameless trouble"],
  ])("is read in namespace:%s only", async (namespace, its, others) => {
    for (const typed of ["errors twin", "search trouble service:twin"]) {
      const text = await textOf(`${typed} namespace:${namespace}`);
      expect(text).toContain(its);
      expect(text).not.toContain(others);
    }
    const { messageId, answer } = await analyse(`analyze twin namespace:${namespace}`);
    expect(plainText(answer)).toContain(its);
    expect(plainText(answer)).not.toContain(others);
    const show = answer.actions?.find((button) => button.label === "Show lines")?.action;
    const lines = plainText(cardOf(await chat.press(messageId, show ?? { name: "", subject: "" })));
    expect(lines).toContain(its);
    expect(lines).not.toContain(others);
  });

  test("search looks in one namespace of all services too", async () => {
    expect((await say("search trouble namespace:-")).title).toBe(
      "120 lines in all services without a namespace",
    );
    expect((await say("search trouble namespace:shop")).title).toBe("120 lines in all services in shop");
  });
});

describe("analyze", () => {
  test("says of what is new which known line of its service it is like, in the thread too", async () => {
    nowMs = START_MS;
    const service = "broker";
    given([
      ...every(10_000, nowMs - 3 * HOUR, nowMs, "calm", { service, level: "INFO" }),
      ...every(5 * MINUTE, nowMs - 3 * HOUR, nowMs, "queue mail is slow", { service }),
      ...every(2_000, nowMs - 10 * MINUTE, nowMs, "queue orders is slow", { service }),
    ]);

    const { messageId, answer } = await analyse("analyze broker");
    const followUp = plainText(cardOf(await chat.answer(messageId, "what is [1]?")));

    for (const text of [plainText(answer), followUp]) {
      expect(text).toContain("queue orders is slow");
      expect(text).toMatch(/not seen before.*; like one known since .*: queue mail is slow/);
      expect(text.match(/like one known/g)).toHaveLength(1);
    }
  });
});

describe("errors", () => {
  test("calls new what the time before the window did not have, and recurring what it had", async () => {
    nowMs = START_MS;
    const service = "novel";
    given([
      ...every(MINUTE, nowMs - 2 * HOUR, nowMs, "mail bounced", { service }),
      ...every(MINUTE, nowMs - 30 * MINUTE, nowMs, "too many clients", { service }),
    ]);

    const text = await textOf("errors novel");

    expect(text).toMatch(/60 lines.*recurring, first seen/);
    expect(text).toMatch(/30 lines.*new, first seen/);
  });

  test("say of a new one which known one it is like, and of its opposite nothing", async () => {
    nowMs = START_MS;
    const service = "inetd";
    given([
      ...every(MINUTE, nowMs - 2 * HOUR, nowMs, "removing chargen", { service }),
      ...every(MINUTE, nowMs - 2 * HOUR, nowMs, "link of the line went up", { service }),
      ...every(MINUTE, nowMs - 30 * MINUTE, nowMs, "removing daytime", { service }),
      ...every(MINUTE, nowMs - 20 * MINUTE, nowMs, "link of the line went down", { service }),
    ]);

    const text = await textOf("errors inetd");

    expect(text).toMatch(/30 lines.*new, first seen .*, like one known since .*: removing chargen/);
    expect(text).toMatch(/20 lines.*new, first seen /);
    expect(text.match(/like one known/g)).toHaveLength(1);
    expect(await textOf("errors inetd")).toBe(text);
  });

  test("claims nothing of a service that was not there before", async () => {
    nowMs = START_MS;
    given(every(MINUTE, nowMs - 30 * MINUTE, nowMs, "too many clients", { service: "born" }));

    expect(await textOf("errors born")).not.toMatch(/new, first|recurring/);
  });

  test("at the limit of lines draws all of the window, says since when it groups, and calls nothing new", async () => {
    nowMs = START_MS;
    given(every(50, nowMs - HOUR, nowMs, "flood", { service: "flooded" }));

    const card = await say("errors flooded");

    const values = block(card, "chart").chart.values;
    expect(values).toHaveLength(30);
    expect(values.every((value) => value === 1_200)).toBe(true);
    expect(plainText(card)).toContain("Grouped are the newest 50,000 of more, since ");
    expect(plainText(card)).not.toMatch(/▁|new, first/);
  });

  test("lead to the root cause of their own time, not of the hour before the press", async () => {
    nowMs = START_MS;
    const service = "nightly";
    given([
      ...every(MINUTE, nowMs - 12 * HOUR, nowMs, "calm", { service, level: "INFO" }),
      ...every(5_000, nowMs - 5 * HOUR, nowMs - 4.5 * HOUR, "disk slow", { service }),
    ]);
    const { reply, messageId } = await chat.type("errors nightly since:6h");
    nowMs += 2 * HOUR;
    const action = cardOf(reply).actions?.[0]?.action ?? { name: "", subject: "" };

    const asked = plainText(cardOf(await chat.press(messageId, action)));

    expect(asked).toContain("(6 h)");
    expect(asked).toMatch(/05:3\d.* to .*11:3\d/);
    nowMs = START_MS;
  });
});

describe("times", () => {
  test("have a date where the range is long or reaches into another day", async () => {
    nowMs = START_MS;
    given(every(MINUTE, nowMs - 20 * HOUR, nowMs, "slow", { service: "long" }));

    expect(block(await say("search slow service:long"), "log").lines[0]).toMatch(/^15:00/);
    expect(block(await say("search slow service:long since:1d"), "log").lines[0]).toMatch(/^2026-11-24T/);
    expect(await textOf("errors long")).not.toMatch(/From [^.]*2026-11-24[^.]* to/);
    expect(await textOf("errors long since:17h")).toMatch(/From [^.]*2026-11-2[34].* to .*2026-11-24/);
  });

  test("nobody is sent further back than they looked", async () => {
    given(every(MINUTE, nowMs - HOUR, nowMs, "slow", { service: "long" }));

    expect(await textOf("search nothing-like-it since:6h")).toContain("since:1d");
    expect(await textOf("search nothing-like-it since:1d")).not.toContain("since:1d");
    expect(await textOf("search nothing-like-it since:7d")).not.toContain("since:");
  });
});

test("names out of log lines are cut in what is said about them", async () => {
  nowMs = START_MS;
  given(every(MINUTE, nowMs - HOUR, nowMs, "x", { service: "s".repeat(4_000) }));

  expect((await textOf("errors nosuch")).length).toBeLessThan(300);
});
