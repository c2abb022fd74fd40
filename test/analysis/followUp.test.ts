import { describe, expect, test } from "@jest/globals";
import { analyseBuiltin } from "../../src/analysis/builtin.ts";
import { answerFollowUp } from "../../src/analysis/followUp.ts";
import type { Turn } from "../../src/analysis/turns.ts";
import { plainText } from "../../src/chat/plainText.ts";
import type { Pack, RankedCluster } from "../../src/evidence/pack.ts";
import { HOUR } from "../support/incident.ts";

const MINUTE = 60_000;
const onsetMs = HOUR.fromMs + 50 * MINUTE;
const where = { namespace: "" };

function cluster(service: string, sample: string, more: Partial<RankedCluster> = {}): RankedCluster {
  return {
    ...where,
    ...{ service, fingerprint: `v1:${service}:${sample}`, template: sample, level: "ERROR", sample },
    ...{ count: 120, expected: 0, onsetMs, isNew: true, series: [0, 0, 60, 60], score: 0.7 },
    link: service === "checkout" ? "own" : "named",
    reasons: ["new: not seen before"],
    ...more,
  };
}

/** The incident of the night: the reconciler takes all slots of the database, a second before that refuses everybody. */
function night(more: Partial<Pack> = {}): Pack {
  const { onsetMs: _, ...chronic } = cluster("mailer", "SMTP 450 mailbox unavailable", {
    isNew: false,
    score: 0.05,
  });
  return {
    ...where,
    ...{ service: "checkout", window: HOUR, lookbackFromMs: HOUR.fromMs - 60 * MINUTE, onsetMs },
    ...{ linesRead: 1_000, linesThere: 1_000, sampled: [], unread: [], silent: false, clustersLeftOut: 0 },
    clusters: [
      cluster("orders-db", "FATAL: sorry, too many clients already", { level: "FATAL" }),
      cluster("reconciler", "run <*> page <*> failed, trying again", {
        onsetMs: onsetMs - 1_000,
        score: 0.6,
        sample: "run 4 page 41 failed, trying again",
      }),
      cluster("checkout", "order failed: sorry, too many clients already", {
        onsetMs: onsetMs + 22_000,
        score: 0.5,
      }),
      cluster("checkout", "payment timed out", { onsetMs: onsetMs + 40_000, score: 0.4 }),
      cluster("archiver", "upload slow", {
        isNew: false,
        expected: 2,
        onsetMs: onsetMs + 90_000,
        score: 0.3,
      }),
      chronic,
    ],
    deploys: [{ ...where, service: "checkout", version: "4.6.1", atMs: onsetMs - 7 * MINUTE }],
    events: [
      {
        ...where,
        ...{ service: "gateway", kind: "anomaly", atMs: onsetMs + 60_000 },
        text: "CRITICAL anomaly, more errors than usual: 140 errors a minute where 0 is usual",
      },
    ],
    quieter: [
      { ...where, service: "payments", perMinuteBefore: 57, perMinuteAfter: 0, atMs: onsetMs + 2 * MINUTE },
    ],
    errors: { fromMs: HOUR.fromMs, stepMs: MINUTE, counts: Array<number>(60).fill(0), of: "errors" },
    ...more,
  };
}

const person = (body: string): Turn => ({ author: "person", body });
async function ask(
  question: string,
  { before = [], pack = night(), errors = [] }: { before?: string[]; pack?: Pack; errors?: number[] } = {},
): Promise<string> {
  const card = await answerFollowUp({
    pack,
    answer: analyseBuiltin(pack),
    turns: before.map(person),
    question,
    errorsSince: async () => errors,
  });
  return plainText(card);
}

describe("after a question about one service", () => {
  const before = ["what did archiver log?"];

  test.each([
    ["what happened first?", "reconciler"],
    ["when did it start?", "reconciler"],
    ["are you sure?", "Evidence [1] of orders-db"],
    ["is it over?", "orders-db"],
    ["who is affected?", "reconciler"],
  ])("a general one is about the incident: %s", async (question, expected) => {
    const text = await ask(question, { before });

    expect(text).toContain(expected);
    expect(text).not.toContain("About archiver");
    expect(text).toBe(await ask(question));
  });

  test.each([
    ["and its lines?", "upload slow"],
    ["more", "upload slow"],
    ["why?", "Evidence [5] of archiver"],
    ["and since when?", "archiver logged more of [5]"],
  ])("one that speaks of something is about that, and says so: %s", async (question, expected) => {
    const text = await ask(question, { before });

    expect(text).toContain("About archiver:");
    expect(text).toContain(expected);
    expect(text).not.toContain("orders-db");
  });

  test("what is spoken of lasts as long as the questions go on about it", async () => {
    expect(await ask("more", { before: [...before, "and its lines?"] })).toContain("About archiver:");
    expect(await ask("why?", { before: [...before, "who is affected?"] })).not.toContain("archiver");
  });
});

describe("what happened first", () => {
  test("is one sentence, with what was said and what came next, to the second", async () => {
    const [, sentence] = (await ask("what happened first?")).split("\n\n");

    expect(sentence).toBe(
      'reconciler, 03:49:59 UTC: "run … page … failed, trying again" [2], 1 s before orders-db [1]. checkout 4.6.1 had been deployed 7 min before [8].',
    );
  });

  test("and then a row for the first of each service, each deploy and each event, in order", async () => {
    const [, , table = ""] = (await ask("what happened first?")).split("\n\n");

    expect(table.split("\n").slice(1)).toEqual([
      "03:43:00 UTC\tcheckout 4.6.1 was deployed [8]",
      '03:49:59 UTC\treconciler began to log [2]: "run … page … failed, trying again"',
      '03:50:00 UTC\torders-db began to log [1]: "FATAL: sorry, too many clients already"',
      '03:50:22 UTC\tcheckout began to log [3]: "order failed: sorry, too many clients already"',
      "03:51:00 UTC\tgateway: CRITICAL anomaly: 140 errors a minute where 0 is usual [9]",
      '03:51:30 UTC\tarchiver logged more of [5]: "upload slow"',
      "03:52:00 UTC\tpayments fell from 57 to 0 lines a minute [7]",
    ]);
  });
});

test("who is affected is everybody who changed, in order, how much, with the evidence", async () => {
  const [, sentence, table = ""] = (await ask("who is affected?")).split("\n\n");

  expect(sentence).toBe("6 services changed, reconciler first.");
  expect(table.split("\n").slice(1)).toEqual([
    "reconciler\t03:49:59 UTC\t120 lines of warnings and errors [2]",
    "orders-db\t03:50:00 UTC\t120 lines of warnings and errors [1]",
    "checkout\t03:50:22 UTC\t240 lines of warnings and errors [3][4]",
    "gateway\t03:51:00 UTC\tCRITICAL anomaly: 140 errors a minute where 0 is usual [9]",
    "archiver\t03:51:30 UTC\t120 lines of warnings and errors [5]",
    "payments\t03:52:00 UTC\tfell from 57 to 0 lines a minute [7]",
  ]);
});

test("more than a dozen affected are cut, and counted", async () => {
  const clusters = Array.from({ length: 15 }, (_, at) => cluster(`s${at}`, "down"));

  expect(await ask("who is affected?", { pack: night({ clusters, events: [], quieter: [] }) })).toContain(
    "And 3 more.",
  );
});

describe("whether it is over", () => {
  const ended = () => {
    const pack = night();
    const [first, ...others] = pack.clusters as [RankedCluster, ...RankedCluster[]];
    return { ...pack, clusters: [{ ...first, endedMs: onsetMs + 5 * MINUTE }, ...others] };
  };

  test("agrees with a card that says that it has stopped", async () => {
    const text = await ask("is it over?", { pack: ended(), errors: [0, 0, 0, 0, 0] });

    expect(text).toContain("It seems to be over. orders-db logged it last at 03:55:00 UTC [1].");
    expect(text).toContain("orders-db has logged no error since 04:00:00 UTC.");
    expect(text).toContain("checkout has logged no error since 04:00:00 UTC.");
    expect(await ask("is it over?", { pack: ended() })).toContain("It had stopped when this was read.");
  });

  test("says that it goes on, and how much", async () => {
    const text = await ask("is it over?", { errors: [9, 9, 9, 9, 9, 9] });

    expect(text).toContain("It goes on. orders-db was still logging it [1] at 04:00:00 UTC.");
    expect(text).toContain(
      "orders-db has logged 54 errors since 04:00:00 UTC, 9.0 a minute in the last 5 minutes.",
    );
  });

  test("says of how long it knows where that is not all the time since", async () => {
    const quiet = await ask("is it over?", { pack: ended(), errors: Array<number>(360).fill(0) });
    expect(quiet).toContain("orders-db has logged no error in the last 6 h.");
    const loud = await ask("is it over?", { errors: Array<number>(360).fill(2) });
    expect(loud).toContain("orders-db has logged 720 errors in the last 6 h, 2.0 a minute");
  });

  test("does not take other errors for the same", async () => {
    expect(await ask("is it over?", { pack: ended(), errors: [3, 3] })).toContain(
      "It had stopped, and there are errors again, or others.",
    );
  });
});

test("an anomaly, which is known by its minute, does not stand before the line that it is of", async () => {
  const events: Pack["events"] = [
    { ...where, service: "reconciler", kind: "anomaly", atMs: onsetMs - MINUTE, text: "CRITICAL anomaly" },
  ];
  const text = await ask("when did it start?", { pack: night({ events }) });
  expect(text.indexOf("reconciler began to log")).toBeLessThan(text.indexOf("reconciler: CRITICAL anomaly"));
  expect(text).toContain("03:49:59 UTC\treconciler: CRITICAL anomaly");
});

test("what stands nowhere in the evidence gets no advice", async () => {
  expect(await ask("what should I do about the weather in Paris?")).toContain("I did not understand that.");
  expect(await ask("what should I do about orders-db?")).toContain("select application_name");
  expect(await ask("what should I do about this?")).toContain("select application_name");
});

test("why is answered with the evidence first, and how sure with the confidence", async () => {
  const order = async (question: string) => {
    const text = await ask(question);
    return text.indexOf("ranks 1 of") < text.indexOf("Confidence is");
  };
  expect(await order("why?")).toBe(true);
  expect(await order("how sure are you?")).toBe(false);
});

describe("a deploy", () => {
  test("is as long before in the sentence as in the table below it", async () => {
    const deploys = [{ ...where, service: "orders-db", version: "16.2", atMs: onsetMs - 6 * MINUTE }];
    const pack = night({ deploys, onsetMs: onsetMs + MINUTE });
    expect(await ask("was it a deploy?", { pack })).not.toContain("7 min");
  });

  test("of another service is neither the cause nor cleared, in a sentence", async () => {
    const text = await ask("why do you say it was not the deploy?");

    expect(text).toContain("put down to are of orders-db [1], and no deploy of orders-db was marked");
    expect(text).toContain("checkout 4.6.1, 7 min before [8]");
  });

  test("of the failing service just before fits", async () => {
    const deploys = [{ ...where, service: "orders-db", version: "16.2", atMs: onsetMs - 40_000 }];

    expect(await ask("was it a deploy?", { pack: night({ deploys }) })).toContain(
      "It fits: orders-db 16.2 was deployed 40 s before [8] orders-db [1] began to fail.",
    );
  });
});

describe("whether this was there before", () => {
  const past = [
    {
      ...{
        id: "p1",
        atMs: HOUR.fromMs - 9e8,
        service: "orders-db",
        confidence: 0.7,
        right: 0,
        partly: 0,
        wrong: 1,
      },
      rootCause: "orders-db: the database refuses connections because every slot is in use.",
      cause: "the reconciler leaked",
    },
  ];

  test.each(["did we have this before?", "has this happened before?", "hatten wir das schon mal?"])(
    "is read off analyses of before: %s",
    async (question) => {
      const text = await ask(question, { pack: night({ past }) });

      expect(text).toContain("Yes: the same errors");
      expect(text).toContain("1 person said wrong. It was: the reconciler leaked");
      expect(await ask(question)).toContain("No analysis of the same errors is kept.");
    },
  );
});

test("a service that is not in the evidence is not answered with another one", async () => {
  const text = await ask("what did web log?");

  expect(text).toContain("This evidence has nothing of web.");
  expect(text).not.toContain("too many clients");
});

test("a restart near the onset is told where a deploy is asked for and none was marked", async () => {
  const events = [
    {
      ...where,
      service: "orders-db",
      kind: "restart" as const,
      atMs: onsetMs - 2_000,
      text: "ready to accept",
    },
  ];

  expect(await ask("was it a deploy?", { pack: night({ deploys: [], events }) })).toMatch(
    /No deploy was marked from .* orders-db: it was restarted at 03:49:58 UTC \[8\]\./,
  );
});

test("how to fix it shows commands as code", async () => {
  const pack = night();
  const card = await answerFollowUp({
    ...{ pack, answer: analyseBuiltin(pack), turns: [], question: "how do I fix it?" },
    errorsSince: async () => [],
  });

  const [block] = card.body;
  expect(block?.kind === "text" && block.text).toContainEqual({
    code: expect.stringContaining("pg_stat_activity"),
  });
  expect(plainText(card)).not.toContain("`");
});

test.each(["singst du mir was?", "xyzzy"])(
  "what is not understood is said to be so first: %s",
  async (question) => {
    const [, said] = (await ask(question)).split("\n\n");

    expect(said).toMatch(/^I did not understand that\..*Ask: what happened first, who is affected/);
  },
);

test.each([
  ["seit wann ist das so?", "reconciler, 03:49:59"],
  ["wer ist betroffen?", "6 services changed"],
  ["was soll ich tun?", "pg_stat_activity"],
  ["ist es vorbei?", "It went on when this was read."],
  ["warum?", "Confidence is"],
])("the main questions are understood in German: %s", async (question, expected) => {
  expect(await ask(question)).toContain(expected);
});
