import { isErrorLevel, shownTemplate } from "../clusters/cluster.ts";
import { createFingerprintPool } from "../clusters/fingerprintPool.ts";
import { clusterText } from "../clusters/message.ts";
import { tellLine } from "../logs/parse.ts";
import type { CountSeries, LogLine, LogSource, TimeRange } from "../logs/source.ts";
import { takeTurns } from "../turns.ts";
import type { Earlier } from "./earlier.ts";
import { type PackEvent, readEvent } from "./events.ts";
import { type FlowCount, type FlowDrop, findDrops } from "./flows.ts";
import type { Question } from "./gather.ts";
import { sumOf } from "./numbers.ts";
import type { Steps } from "./steps.ts";

/** What services said that was no error. */
export interface Talk {
  drops: FlowDrop[];
  events: PackEvent[];
}

/** As long at most, before and since: what stopped shows within minutes. */
const MOST_MS = 10 * 60_000;
/** Lines of each of the three times; fewer minutes are read where there are more. */
const MOST_LINES = 4_000;
/** Beside those that have to do with the question, quiet services are read for as long as so many minutes of all have room. */
const LEAST_MINUTES = 3;
const MOST_SERVICES = 50;
/** Templates told apart. */
const MOST_TEMPLATES = 2_000;

export interface TalkRead {
  /** Those that have to do with the question, the most important first. */
  services: readonly string[];
  /** When it began; undefined where nothing rose. */
  onsetMs: number | undefined;
  counted: readonly CountSeries[];
  steps: Steps;
  earlier: Earlier;
}

type When = "before" | "after" | "earlier";

/**
 * Reads what services said just before it began, since then, and at another time when all was well, and finds what
 * stopped, and what was done to them: restarts, changes of configuration.
 */
export async function readTalk(question: Question, logs: LogSource, ask: TalkRead): Promise<Talk> {
  const rates = linesPerMinute(ask.counted, ask.steps);
  const services = servicesToRead(rates, ask.services);
  const perMinute = Math.max(1, sumOf(services.map((service) => rates.get(service) ?? 0)));
  const times = timesToRead(question, ask, Math.min(MOST_MS, Math.max(1, MOST_LINES / perMinute) * 60_000));
  const fingerprints = question.fingerprints ?? createFingerprintPool({ threads: 0 });
  const events: PackEvent[] = [];
  const counts = new Map<string, FlowCount>();
  const lengths: Record<When, number> = { before: 0, after: 0, earlier: 0 };
  for (const [when, range] of times) {
    const lines = await linesOf(range);
    if (lines === undefined) continue;
    lengths[when] = range.toMs - range.fromMs;
    await count(lines, when);
  }
  const { before: beforeMs, after: afterMs, earlier: earlierMs } = lengths;
  const read = { counts: [...counts.values()], times: { beforeMs, afterMs, earlierMs } };
  const flows = question.flows ?? read;
  return { drops: findDrops(flows.counts, flows.times), events };

  /** undefined where there were more than can be read. */
  async function linesOf(range: TimeRange): Promise<LogLine[] | undefined> {
    const limit = 2 * MOST_LINES;
    const query = {
      ...range,
      services,
      namespace: question.namespace,
      order: "oldest first",
      limit,
    } as const;
    const lines: LogLine[] = [];
    let read = 0;
    for await (const line of logs.lines(question.org, query)) {
      read++;
      if (!isErrorLevel(line.level)) lines.push(line);
    }
    return read < limit ? lines : undefined;
  }

  async function count(lines: readonly LogLine[], when: When): Promise<void> {
    const told = await fingerprints.fingerprintsOf(lines.map(({ text }) => text));
    const turn = takeTurns();
    for (const [i, line] of lines.entries()) {
      add(line, told[i] as string, when);
      const event = when === "earlier" ? undefined : readEvent(line, question.redaction);
      if (event !== undefined) events.push(event);
      await turn();
    }
  }

  function add({ service, namespace, text }: LogLine, fingerprint: string, when: When): void {
    const key = `${namespace}\0${service}\0${fingerprint}`;
    const known = counts.get(key);
    if (known !== undefined) {
      known[when]++;
      return;
    }
    if (counts.size === MOST_TEMPLATES) return;
    const template = shownTemplate(clusterText(tellLine(text)), question.redaction);
    counts.set(key, { service, namespace, template, before: 0, after: 0, earlier: 0, [when]: 1 });
  }
}

function timesToRead(
  { window }: Question,
  { onsetMs, steps, earlier }: TalkRead,
  lengthMs: number,
): [When, TimeRange][] {
  const { range } = earlier;
  // Nobody knows when it stopped: what is not said at the end is not said any more.
  const sinceMs = onsetMs ?? Math.max(window.fromMs, window.toMs - lengthMs);
  const beforeMs = onsetMs ?? window.fromMs;
  const times: [When, TimeRange][] = [
    ["before", { fromMs: Math.max(steps.fromMs, beforeMs - lengthMs), toMs: beforeMs }],
    ["after", { fromMs: sinceMs, toMs: Math.min(window.toMs, sinceMs + lengthMs) }],
  ];
  if (range !== undefined)
    times.push(["earlier", { fromMs: Math.max(range.fromMs, range.toMs - lengthMs), toMs: range.toMs }]);
  return times.filter(([, { fromMs, toMs }]) => toMs > fromMs);
}

/** The important ones, and of the others the quiet, as far as there is room. */
function servicesToRead(rates: ReadonlyMap<string, number>, important: readonly string[]): string[] {
  const first = important.slice(0, MOST_SERVICES);
  const others = [...rates].filter(([service]) => !first.includes(service)).sort((a, b) => a[1] - b[1]);
  let room = MOST_LINES / LEAST_MINUTES - sumOf(first.map((service) => rates.get(service) ?? 0));
  const more = others.slice(0, MOST_SERVICES - first.length).filter(([, rate]) => {
    room -= rate;
    return room >= 0;
  });
  return [...first, ...more.map(([service]) => service)];
}

function linesPerMinute(counted: readonly CountSeries[], { count, stepMs }: Steps): Map<string, number> {
  const minutes = (count * stepMs) / 60_000;
  const rates = new Map<string, number>();
  for (const { service, counts } of counted)
    rates.set(service, (rates.get(service) ?? 0) + sumOf(counts) / minutes);
  return rates;
}
