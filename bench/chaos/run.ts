import { readFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { check, type Phase, type Verdict } from "../kill/check.ts";
import { type Ask, type Fate, fateOf, watchAsks } from "./asks.ts";
import { bringPeople } from "./people.ts";
import { askByApi, watchVitals } from "./program.ts";
import { type ChaosStage, isOwed, isUnsettled, openChaosStage } from "./stage.ts";
import { happen, type Trouble } from "./troubles.ts";

export interface ChaosRun {
  cases: readonly (readonly Trouble[])[];
  /** No case begins later. */
  forMs: number;
  say: (what: string) => void;
  /** Rejects when somebody wants it to end: what was started is stopped then. */
  interrupted: Promise<never>;
}

export interface CaseResult {
  name: string;
  fates: Record<Fate, number>;
  /** Of those that were answered at all, from being asked on. */
  slowestMs: number;
  alerts: Pick<Verdict, "messages" | "lost" | "doubled" | "wrongState" | "wrongNotified">;
  /** From healing until nothing of before was owed any longer; undefined where that did not come. */
  recoveredAfterMs: number | undefined;
  lateProbes: number;
  rssMb: number;
}

export interface ChaosResult {
  cases: CaseResult[];
  /** Cases for which there was no time. */
  left: number;
  crashes: number;
  /** What was wrong, in words. */
  troubles: string[];
  /** What people were told where something could not be done. */
  sentences: string[];
  /** All that the program has printed. */
  log: string;
}

/** With what it takes to recover, all cases take five minutes. */
const HOLD_MS = 6_000;
const RECOVERS_WITHIN_MS = 60_000;
const SETTLES_WITHIN_MS = 120_000;

export async function runChaos({ cases, forMs, say, interrupted }: ChaosRun): Promise<ChaosResult> {
  const stage = await openChaosStage();
  const working = work(stage, cases, forMs, say);
  try {
    return await Promise.race([working, interrupted]);
  } finally {
    working.catch(() => undefined);
    await stage.close();
  }
}

interface Past extends Phase {
  recoveredAfterMs: number | undefined;
  lateProbes: number;
  rssMb: number;
}

async function work(
  stage: ChaosStage,
  cases: ChaosRun["cases"],
  forMs: number,
  say: ChaosRun["say"],
): Promise<ChaosResult> {
  const asks: Ask[] = [];
  const over = new AbortController();
  const watch = watchAsks(asks);
  const people = await bringPeople(stage, asks);
  const untilMs = Date.now() + forMs;
  const past: Past[] = [];
  const vitals = watchVitals(stage, rssOf);
  let crashes = 0;
  void stage.program.ended.then(() => {
    if (!over.signal.aborted) crashes++;
  });

  for (const troubles of cases) {
    if (Date.now() >= untilMs || crashes > 0) break;
    const name = nameOf(troubles);
    const fromMs = Date.now();
    const lateBefore = vitals.late.length;
    vitals.rssMb = 0;
    void askByApi(stage, asks, name, over.signal);
    await Promise.all([
      people.act(name, HOLD_MS),
      ...troubles.map((trouble) => happen(stage, trouble, HOLD_MS)),
    ]);
    const recoveredAfterMs = await recovery(
      stage,
      asks.filter(({ during }) => during === name),
    );
    past.push({
      ...{ name, fromMs, toMs: Date.now(), recoveredAfterMs },
      ...{ lateProbes: vitals.late.length - lateBefore, rssMb: vitals.rssMb },
    });
    say(`${name}: ${recoveredAfterMs === undefined ? "not recovered" : `${recoveredAfterMs} ms to recover`}`);
  }
  vitals.stop();
  stage.calm();
  await settle(stage);
  watch.stop();
  over.abort();

  const standing = stage.platforms.standing();
  const verdicts = await check(stage.databaseUrl, standing, past);
  const troubles = [...verdicts.values()].flatMap((verdict) => verdict.troubles);
  for (const ask of asks) {
    const fate = fateOf(ask);
    if (fate === "silence" || fate === "twice" || fate === "unclear")
      troubles.push(`${ask.during}: ${ask.what}: ${fate}${wordsOf(ask)}`);
  }
  troubles.push(...vitals.late, ...unhandledIn(stage.program.output()));
  troubles.push(...stage.platforms.slack.complaints, ...stage.platforms.discord.complaints);
  return {
    cases: past.map((one) => resultOf(one, asks, verdicts.get(one.name))),
    left: cases.length - past.length,
    crashes: crashes + stage.watcher.ended,
    troubles,
    log: stage.program.output(),
    sentences: [
      ...new Set(asks.filter((ask) => fateOf(ask) === "told").map(({ look }) => sentenceIn(look().text))),
    ],
  };
}

function nameOf(troubles: readonly Trouble[]): string {
  return troubles.map(({ dependency, mode }) => `${dependency} ${mode}`).join(", ");
}

/** Waits until all that was asked is answered, all that was owed sent, and all that was logged watched. */
async function recovery(stage: ChaosStage, asks: readonly Ask[]): Promise<number | undefined> {
  const healedMs = Date.now();
  while (Date.now() - healedMs < RECOVERS_WITHIN_MS) {
    const isAnswered = asks.every((ask) => ask.answeredAtMs !== undefined || ask.unheard !== undefined);
    if (isAnswered && !(await isOwed(stage, healedMs))) return Date.now() - healedMs;
    await pause(200);
  }
  return undefined;
}

/** What is missing then is what the check finds. */
async function settle(stage: ChaosStage): Promise<void> {
  const untilMs = Date.now() + SETTLES_WITHIN_MS;
  await pause(4_000);
  while (Date.now() < untilMs && (await isUnsettled(stage))) await pause(500);
}

function resultOf(
  { name, recoveredAfterMs, lateProbes, rssMb }: Past,
  asks: readonly Ask[],
  verdict: Verdict | undefined,
): CaseResult {
  const own = asks.filter(({ during }) => during === name);
  const fates: Record<Fate, number> = {
    ...{ answered: 0, told: 0, unheard: 0, silence: 0, twice: 0, unclear: 0 },
  };
  for (const ask of own) fates[fateOf(ask)]++;
  const { messages = 0, lost = 0, doubled = 0, wrongState = 0, wrongNotified = 0 } = verdict ?? {};
  return {
    ...{ name, fates, recoveredAfterMs, lateProbes, rssMb },
    slowestMs: Math.max(0, ...own.map(({ atMs, answeredAtMs = atMs }) => answeredAtMs - atMs)),
    alerts: { messages, lost, doubled, wrongState, wrongNotified },
  };
}

function wordsOf({ unheard, look }: Ask): string {
  const { text } = look();
  const words = [...(unheard === undefined ? [] : [unheard]), ...(text === "" ? [] : [text])].join(" | ");
  return words === "" ? "" : ` (${words.replace(/\s+/g, " ").slice(0, 300)})`;
}

function sentenceIn(text: string): string {
  const detail = /"detail":"([^"]*)"/.exec(text)?.[1];
  const lines = text.split("\n").filter((line) => /\w[.]( |$)/.test(line));
  return (detail ?? lines[0] ?? text).slice(0, 200);
}

/** What a process says of itself where something went by nobody's hands. */
function unhandledIn(output: string): string[] {
  return output
    .split("\n")
    .filter((line) => /a failure nobody waited for|Uncaught|"level":"fatal"/.test(line))
    .map((line) => line.slice(0, 400));
}

async function rssOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1_024);
}
