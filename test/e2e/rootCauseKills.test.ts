import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { until as comesTrue } from "../support/eventually.ts";
import { asks, asksForCause } from "../support/models/analystModel.ts";
import { openRootCauseStage, type RootCauseStage } from "../support/rootCauseStage.ts";
import { type Seat, until } from "../support/seats.ts";

const MODEL_SAYS = /The database has no free session left/;
const REPLIED = /statements? rests? on evidence/;
/** A queue gives a dead process's task to another after 10 s at most; a busy machine then takes its time. */
const AFTER_A_KILL_MS = 120_000;

let stage: RootCauseStage;
/** The message that each seat's first root cause stands on. */
const roots = new Map<Seat["name"], string>();
const rootOf = (seat: Seat) => roots.get(seat.name) as string;

beforeAll(async () => {
  stage = await openRootCauseStage({ MODEL_CONCURRENCY: "16", LOKI_CONCURRENCY: "16" });
}, 480_000);
afterAll(() => stage.close());

/** The console has another address after each start. */
const everywhere = <T>(work: (seat: Seat) => Promise<T>) => Promise.all(Object.values(stage.seats).map(work));
const idsOf = async (seat: Seat) => (await seat.said()).map(({ id }) => id);

let windows = 0;
/** Asks for a root cause in a window that nobody else asks about. */
async function analyze(seat: Seat): Promise<void> {
  windows += 1;
  await seat.command("analyze", { service: "checkout", since: `${12 + 5 * windows}m` });
}

const wait = (what: string, isSo: () => boolean | Promise<boolean>, withinMs = 60_000) =>
  comesTrue(isSo, what, { withinMs, everyMs: 50 });

/** What was said since: so many answers of the model's, and nothing else, and nobody waits any more. */
async function expectAnswers(seat: Seat, before: readonly string[], answers: number): Promise<void> {
  const since = async () => (await seat.said()).filter(({ id }) => !before.includes(id));
  const isAnswer = ({ text }: { text: string }) => MODEL_SAYS.test(text) || REPLIED.test(text);
  await wait(
    `${answers} answers on ${seat.name}`,
    async () => (await since()).filter(isAnswer).length >= answers,
    AFTER_A_KILL_MS,
  );
  const said = await since();
  expect(said.map(({ text }) => text.slice(0, 200))).toHaveLength(answers);
  expect(said.filter(({ isWorking }) => isWorking)).toEqual([]);
}

/** Requests to Loki that read lines, of one service or of all, come back only when this is called off. */
function holdLoki(matches: RegExp, most = Number.POSITIVE_INFINITY): { held(): number; letGo(): void } {
  let isHeld = true;
  let held = 0;
  stage.loki.fault({
    ...{ kind: "slow", ms: 60_000, times: 10_000 },
    matches({ path, params }) {
      // Which services there are is asked by such a query too, of the index: a command is not begun before it knows.
      const readsLines = path.endsWith("/query_range") && matches.test(params.get("query") ?? "");
      const isMeant = isHeld && held < most && readsLines;
      if (isMeant) held += 1;
      return isMeant;
    },
  });
  return {
    held: () => held,
    letGo() {
      isHeld = false;
    },
  };
}

/** Nobody delivers anything until this is called off: an answer that is kept stays undelivered. */
async function holdDeliveries(): Promise<() => Promise<unknown>> {
  const client = await stage.connect();
  await client.query("begin");
  await client.query("select id from channel_paces for update");
  return () => client.query("rollback");
}
async function countOf(table: string, where = "true"): Promise<number> {
  return (await stage.rows(`select from ${table} where ${where}`)).length;
}

test("asked in two processes for the same at once, one looks for it, and everybody gets the answer", async () => {
  const { web } = stage.seats;
  await stage.start();
  const everybody = [...Object.values(stage.seats), web];
  const before = await Promise.all(everybody.map(idsOf));
  const held = stage.model.wire.hold(asksForCause);
  for (const seat of everybody) await seat.command("analyze", { service: "checkout", since: "10m" });
  await wait("four of them", async () => (await countOf("conversations")) === 4);
  held.letGo();

  // Both consoles are the same channel.
  for (const [at, seat] of everybody.entries())
    await expectAnswers(seat, before[at] as string[], seat.name === "web" ? 2 : 1);
  expect(stage.model.wire.seen.filter(asksForCause)).toHaveLength(1);
  await everywhere(async (seat) => void roots.set(seat.name, (await until(seat, MODEL_SAYS)).id));
});

test("a question is answered once, whichever process hears it and whichever takes its task", async () => {
  await everywhere(async (seat) => {
    const before = await idsOf(seat);
    await seat.ask(rootOf(seat), `when did it start, ${seat.name}?`);
    await expectAnswers(seat, before, 1);
    expect(stage.model.wire.seen.filter(asks(`when did it start, ${seat.name}?`))).toHaveLength(1);
  });
});

test("killed while evidence is read, while the model is asked, and with an answer not delivered: one answer each", async () => {
  const before = new Map<string, string[]>();
  await everywhere(async (seat) => void before.set(seat.name, await idsOf(seat)));
  const model = stage.model.wire.hold(asksForCause);
  const asked = stage.model.wire.seen.filter(asksForCause).length;
  await everywhere(analyze);
  await wait("three that ask the model", () => model.held === 3);
  // An organisation has three places at Loki: one is left for who asks last, or his command is not begun at all.
  const loki = holdLoki(/^\{/, 2);
  const begun = await countOf("conversations");
  await everywhere(analyze);
  // Each of them, however much another one reads: Discord does not say again what was killed before it was kept.
  await wait("three more that are kept", async () => (await countOf("conversations")) === begun + 3);
  await wait("those that read", () => loki.held() === 2);
  const deliver = await holdDeliveries();
  await everywhere((seat) => seat.ask(rootOf(seat), `are you sure, ${seat.name}?`));
  await wait(
    "three answers that nobody delivers",
    async () => (await countOf("deliveries", "state = 'pending'")) === 3,
  );

  await Promise.all(stage.programs.map((program) => program.end("SIGKILL")));
  for (const { letGo } of [model, loki]) letGo();
  await deliver();
  await stage.start();
  await everywhere((seat) => expectAnswers(seat, before.get(seat.name) ?? [], 3));
  // Three were asked for before the kill and anew, and three after it; of those some may have come so far before.
  const askedFor = stage.model.wire.seen.filter(asksForCause).length - asked;
  expect(askedFor).toBeGreaterThanOrEqual(9);
  expect(askedFor).toBeLessThanOrEqual(11);
  await everywhere(async (seat) => {
    expect(stage.model.wire.seen.filter(asks(`are you sure, ${seat.name}?`))).toHaveLength(1);
  });
}, 480_000);

test("killed while a question is answered, while something is looked up for it, and with a root cause not delivered: the talk goes on", async () => {
  const before = new Map<string, string[]>();
  await everywhere(async (seat) => void before.set(seat.name, await idsOf(seat)));
  const asking = (seat: Seat) => `which callers failed, ${seat.name}?`;
  const looking = (seat: Seat) => `what did mailer log, ${seat.name}?`;
  const model = stage.model.wire.hold((request) =>
    Object.values(stage.seats).some((seat) => asks(asking(seat))(request)),
  );
  const loki = holdLoki(/^\{service_name="mailer"\}/);
  await everywhere((seat) => seat.ask(rootOf(seat), asking(seat)));
  await wait("three questions that ask the model", () => model.held === 3);
  await everywhere((seat) => seat.ask(rootOf(seat), looking(seat)));
  // Who asks Loki for what another asks already waits for the same answer.
  const { wire } = stage.model;
  const isLooking = (seat: Seat) => wire.seen.some(asks(looking(seat)));
  await wait(
    "three that look something up",
    () => Object.values(stage.seats).every(isLooking) && wire.underWay() === 3 && loki.held() > 0,
  );
  const deliver = await holdDeliveries();
  await everywhere(analyze);
  await wait(
    "three root causes that nobody delivers",
    async () => (await countOf("deliveries", "state = 'pending'")) === 3,
  );

  await stage.programs.at(-1)?.end("SIGKILL");
  for (const { letGo } of [model, loki]) letGo();
  await deliver();
  await stage.start();
  await everywhere((seat) => expectAnswers(seat, before.get(seat.name) ?? [], 3));

  await everywhere(async (seat) => {
    await seat.ask(rootOf(seat), `anything else, ${seat.name}?`);
    await wait("the last question", () => stage.model.wire.seen.some(asks(`anything else, ${seat.name}?`)));
    const last = JSON.stringify(stage.model.wire.seen.find(asks(`anything else, ${seat.name}?`))?.body);
    for (const question of [
      "when did it start",
      "are you sure",
      "which callers failed",
      "what did mailer log",
    ])
      expect(last).toContain(`${question}, ${seat.name}?`);
    expect(last).toContain("SMTP 450 mailbox unavailable");
  });
}, 480_000);

test("every question has one answer in the database, every answer was sent once, and no rule was broken", async () => {
  await wait(
    "every question is answered",
    async () => (await countOf("conversation_messages", "author = 'person' and state <> 'answered'")) === 0,
  );
  await wait("nothing is owed", async () => (await countOf("deliveries", "state = 'pending'")) === 0);
  expect(await countOf("conversations", "state <> 'answered'")).toBe(0);
  const turns = await stage.rows<{ author: string; once_id: string; state: string }>(
    "select author, once_id, state from conversation_messages",
  );
  const questions = turns.filter(({ author }) => author === "person");
  expect(questions.map(({ state }) => state)).toEqual(questions.map(() => "answered"));
  expect(
    turns
      .filter(({ author }) => author === "bot")
      .map(({ once_id }) => once_id)
      .sort(),
  ).toEqual(questions.map(({ once_id }) => `answer:${once_id}`).sort());
  expect(questions).toHaveLength(15);
  expect(stage.slack.complaints).toEqual([]);
  expect(stage.discord.complaints).toEqual([]);
});
