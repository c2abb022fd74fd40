import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { until as comesTrue } from "../support/eventually.ts";
import { asksForCause } from "../support/models/analystModel.ts";
import { CANARIES, NEEDLES } from "../support/models/brokenShop.ts";
import { openRootCauseStage, type RootCauseStage } from "../support/rootCauseStage.ts";
import { type Seat, type Stood, until } from "../support/seats.ts";

const ANSWERED = /(?:LIKELY CAUSE|NOT ENOUGH EVIDENCE|FAILED)[\s\S]*Reply in the thread/;
const REPLIED = /statements? rests? on evidence|Built-in analyzer instead/;
const MODEL_SAYS = /The database has no free session left/;
const BUILTIN_SAYS = /every slot is in use/;
/** Windows of other lengths, so that nobody's analysis joins another's. */
const SINCE = { slack: "20m", discord: "26m", web: "32m" };

let stage: RootCauseStage;
let seats: Seat[];
/** The message that each seat's root cause stands on. */
const roots = new Map<Seat, string>();
const rootOf = (seat: Seat) => roots.get(seat) as string;

beforeAll(async () => {
  stage = await openRootCauseStage({}, { pieceMs: 100 });
  seats = Object.values(stage.seats);
});
afterAll(() => stage.close());

const everywhere = <T>(work: (seat: Seat) => Promise<T>) => Promise.all(seats.map(work));

/** Asks in the thread under the root cause. @returns the answer, and every state its message had before */
async function ask(seat: Seat, question: string): Promise<{ answer: Stood; states: State[] }> {
  const before = (await seat.said()).map(({ id }) => id);
  const states = watch(seat, before);
  await seat.ask(rootOf(seat), question);
  const answer = await until(seat, REPLIED, { isNot: before });
  return { answer, states: (await states()).filter(({ isWorking }) => isWorking) };
}

interface State extends Stood {
  atMs: number;
  /** When it was last looked and did not stand there yet. */
  afterMs: number;
}

/** Notes every state that messages come to have. @returns what ends it */
function watch(seat: Seat, isNot: readonly string[]): () => Promise<State[]> {
  const states: State[] = [];
  let goesOn = true;
  const watching = (async () => {
    let afterMs = Date.now();
    while (goesOn) {
      const lookedMs = Date.now();
      for (const message of await seat.said()) {
        const last = states.findLast(({ id }) => id === message.id);
        if (isNot.includes(message.id) || last?.text === message.text) continue;
        states.push({ ...message, atMs: Date.now(), afterMs });
      }
      afterMs = lookedMs;
      await pause(40);
    }
  })();
  return async () => {
    goesOn = false;
    await watching;
    return states;
  };
}

/** Platforms slow an app down that edits more often. On a busy machine a state may stand for long before it is seen. */
function expectApart(states: readonly State[]): void {
  for (const [at, state] of states.entries())
    if (at > 1) expect(state.atMs - (states[at - 1] as State).afterMs).toBeGreaterThan(1_000);
}

describe("on Slack, Discord and the web console at once", () => {
  test("what counts alone say stands there while the model is asked, and then the model's answer", async () => {
    const held = stage.model.wire.hold(asksForCause);
    await everywhere(async (seat) => {
      await seat.command("analyze", { service: "checkout", since: SINCE[seat.name] });
      const { text } = await until(seat, /Asking openai gpt-test/);
      expect(text).toMatch(BUILTIN_SAYS);
      expect(text).toContain("What stands here is the built-in analyzer's answer");
    }).finally(() => held.letGo());

    await everywhere(async (seat) => {
      const { id, text } = await until(seat, ANSWERED);
      expect(text).toMatch(MODEL_SAYS);
      expect(text).toContain("1 of its 8 claims left out");
      expect(text).not.toContain("meteor");
      roots.set(seat, id);
      const said = await seat.said();
      expect(said.filter((message) => /looking for the cause|Asking openai/.test(message.text))).toEqual([]);
    });
    expect(stage.model.wire.seen.filter(asksForCause)).toHaveLength(3);
  });

  test("what counts alone say stands there within two seconds of the command", async () => {
    const { web } = stage.seats;
    const waits: number[] = [];
    // The quickest of three: what else this machine does is not what is measured.
    while (waits.length < 3 && !waits.some((ms) => ms < 2_000)) {
      const before = (await web.said()).map(({ id }) => id);
      const held = stage.model.wire.hold(asksForCause);
      const fromMs = Date.now();
      await web.command("analyze", { service: "checkout", since: `${50 + 10 * waits.length}m` });
      await until(web, /Asking openai gpt-test/, { isNot: before }).finally(() => held.letGo());
      waits.push(Date.now() - fromMs);
      await until(web, MODEL_SAYS, { isNot: before });
    }
    expect(Math.min(...waits)).toBeLessThan(2_000);
  });

  test("a question is answered as the model writes, a few words more at a time, on one message", async () => {
    await everywhere(async (seat) => {
      const { answer, states } = await ask(seat, "when did it start?");
      expect(answer.text).toContain("The database came first");
      expect(new Set(states.map(({ id }) => id))).toEqual(new Set([answer.id]));
      expect(states.map(({ text }) => text)).toContainEqual(
        expect.stringContaining("Asking openai gpt-test"),
      );
      expect(states.at(-1)?.text).toContain("The database came first");
      expect(states.at(-1)?.text).not.toContain("I rest this on");
      expectApart(states);
    });
  });

  test("a question for which the model looks something up is answered with the lines it found", async () => {
    await everywhere(async (seat) => {
      const { answer } = await ask(seat, "what did the mailer log?");
      expect(answer.text).toMatch(/The mailer wrote what it always writes, and nothing new \[\d+\]/);
      expect(answer.text).toContain("Looked up: first 20 lines of mailer");
      expect(answer.text).toMatch(/SMTP 450 mailbox unavailable/);
    });
  });

  test("a third question comes with all that was said before, and what was looked up", async () => {
    await everywhere(async (seat) => {
      await ask(seat, `does password=${CANARIES.passwordInQuestion} matter on ${seat.name}?`);
      const { body } = stage.model.wire.seen.findLast(({ body }) =>
        JSON.stringify(body ?? "").includes(`matter on ${seat.name}?`),
      ) as { body: unknown };
      const sent = JSON.stringify(body);
      for (const text of ["when did it start?", "The database came first", "what did the mailer log?"])
        expect(sent).toContain(text);
      expect(sent).toMatch(/SMTP 450 mailbox unavailable/);
      expect(sent).toContain("does password=<redacted:password> matter");
    });
  });

  test("what people think of it is kept, one opinion each, and what they say of it", async () => {
    await everywhere(async (seat) => {
      await seat.press(rootOf(seat), "👍 Right");
      await until(seat, /Kept: this root cause was right/);
      const cause = `the key ${CANARIES.stripeKeyInFeedback} had expired`;
      await seat.command("feedback give", { verdict: "wrong", cause });
      await until(seat, /It was: the key <redacted/);
      await ask(seat, `It was the key ${CANARIES.stripeKeyInFeedback} that ran out, wasn't it?`);
    });
    const kept = await stage.rows<{ verdict: string; cause: string }>(
      "select verdict, cause from feedback where cause is not null",
    );
    expect(kept.map(({ verdict }) => verdict)).toEqual(["wrong", "wrong", "wrong"]);
    for (const { cause } of kept) expect(cause).toContain("<redacted:");
  });

  test("reading takes its time: what is done and what comes is shown, step by step", async () => {
    let isSlow = true;
    const readsLines = ({ params }: { params: URLSearchParams }) =>
      isSlow && (params.get("query") ?? "").startsWith("{");
    stage.loki.fault({ kind: "slow", ms: 3_000, times: 1_000, matches: readsLines });
    await stage.seats.slack.command("deploy", {
      service: "checkout",
      version: `v2-${CANARIES.tokenInDeploy}`,
    });
    await until(stage.seats.slack, /checkout v2-<redacted/);
    let reading = 0;
    await everywhere(async (seat) => {
      const before = (await seat.said()).map(({ id }) => id);
      const states = watch(seat, before);
      // Two are read at once: the third may wait for so long that it is quick, and is to be always the same.
      if (seat.name === "web") await comesTrue(() => reading === 2, "two that are read");
      await seat.command("analyze", { service: "billing", since: SINCE[seat.name] });
      await until(seat, /Reading warnings and errors/, { isNot: before });
      reading += 1;
      isSlow = reading < 3;
      const { text } = await until(seat, ANSWERED, { isNot: before });
      expect(text).toMatch(MODEL_SAYS);
      const seen = (await states()).filter(({ isWorking }) => isWorking);
      expect(seen.length).toBeGreaterThan(seat.name === "web" ? 0 : 1);
      expectApart(seen);
    });
  });

  test("the Root cause button under a list of errors finds the cause of the one at its top", async () => {
    await everywhere(async (seat) => {
      await seat.command("errors", { service: "orders-db", since: SINCE[seat.name] });
      const list = await until(seat, /orders-db: 1 kind of warnings and errors/);
      const before = (await seat.said()).map(({ id }) => id);
      await seat.press(list.id, "Root cause");
      const { text } = await until(seat, ANSWERED, { isNot: before });
      expect(text).toMatch(MODEL_SAYS);
    });
  });

  test("when the day's budget is spent the built-in analyzer answers, and the card says so", async () => {
    await stage.seats.web.command("model budget", { tokens: "1000" });
    const before = stage.model.wire.seen.filter(asksForCause).length;
    await everywhere(async (seat) => {
      const said = (await seat.said()).map(({ id }) => id);
      await seat.command("analyze", { service: "orders-db", since: SINCE[seat.name] });
      const { text } = await until(seat, ANSWERED, { isNot: said });
      expect(text).toMatch(BUILTIN_SAYS);
      expect(text).toMatch(
        /Built-in analyzer instead of openai gpt-test: the day's budget is spent \([\d,]+ of 1,000 tokens; a day begins at 00:00 UTC\)\. Reply/,
      );
    });
    expect(stage.model.wire.seen.filter(asksForCause)).toHaveLength(before);
  });
});

describe("no secret that came in", () => {
  const leaksIn = (text: string) =>
    NEEDLES.filter(({ needle }) => text.includes(needle)).map(({ name }) => name);

  test("left for the model, in the evidence, a question, a deploy or what was looked up", () => {
    const sent = JSON.stringify(stage.model.wire.seen);
    for (const mark of ["aws-key", "password", "jwt", "email", "api-key", "card", "github-token"])
      expect(sent).toContain(`<redacted:${mark}`);
    expect(leaksIn(sent)).toEqual([]);
  });

  test("stands in the database", async () => {
    const tables = await stage.rows<{ name: string }>(
      "select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema')",
    );
    expect(tables.length).toBeGreaterThan(20);
    for (const { name } of tables) {
      const found = await stage.rows<{ row: string }>(`select t::text as row from ${name} t`);
      expect([name, leaksIn(found.map(({ row }) => row).join("\n"))]).toEqual([name, []]);
    }
  });

  test("was logged, however much is", () => {
    const logged = stage.programs.map((program) => program.output()).join("\n");
    expect(logged).toContain("Loki answered");
    expect(leaksIn(logged)).toEqual([]);
    expect(logged).not.toContain("sk-test-4242");
  });

  test("was said in a chat", () => {
    const { slack, discord } = stage;
    expect(leaksIn(JSON.stringify(slack.calls))).toEqual([]);
    expect(leaksIn(JSON.stringify(discord.requests.map(({ body }) => body)))).toEqual([]);
  });
});

test("no rule of either platform was broken", () => {
  expect(stage.slack.complaints).toEqual([]);
  expect(stage.discord.complaints).toEqual([]);
});

test("every root cause is kept with all that a row has", async () => {
  const rows = await stage.rows("select * from analysis_results order by created_at");
  expect(rows.length).toBeGreaterThanOrEqual(7);
  const filled = { root_cause: /\w{3}/, summary: /\w{3}/, suggested_action: /\w{3}/ };
  // Once everywhere somebody has marked the model's conclusion wrong, the built-in analyzer's is the surer one.
  expect(new Set(rows.slice(0, 4).map(({ provider }) => provider))).toEqual(new Set(["openai"]));
  expect(rows.at(-1)).toMatchObject({ provider: "builtin" });
  for (const row of rows) {
    if (row.provider === "openai") expect(row).toMatchObject({ model: "gpt-test", confidence: 0.8 });
    for (const [column, text] of Object.entries(filled)) expect(row[column]).toMatch(text);
    expect((row.evidence as unknown[]).length).toBeGreaterThan(0);
  }
  const calls = await stage.rows("select distinct state from model_calls");
  expect(calls).toEqual([{ state: "answered" }]);
});
