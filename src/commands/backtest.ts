import { setImmediate } from "node:timers/promises";
import { type Circumstances, readCircumstances } from "../anomalies/circumstances.ts";
import { findGaps, withGaps } from "../anomalies/gaps.ts";
import { RateChart } from "../anomalies/rateChart.ts";
import { readPast } from "../anomalies/readPast.ts";
import { Replay } from "../anomalies/replay.ts";
import { SENSITIVITIES, type Sensitivity, SHIFT } from "../anomalies/sensitivity.ts";
import type { OptionDefinition } from "../chat/command.ts";
import { findDeploys } from "../deploys.ts";
import { UserError } from "../errors.ts";
import { findService } from "../logs/findService.ts";
import type { CountSeries, LogSource, ServiceRef, TimeRange } from "../logs/source.ts";
import { backtestCard } from "./backtestCard.ts";
import { type Command, defineCommand, message } from "./command.ts";
import { deployMarks } from "./deployMarks.ts";
import { namespace, service } from "./options.ts";
import { sourceNotes } from "./sourceNotes.ts";

const USUAL_DAYS = 7;
const MOST_DAYS = 28;

const days = {
  name: "days",
  kind: "text",
  description: `How many days back, 1 to ${MOST_DAYS} (${USUAL_DAYS} unless said)`,
  required: false,
  usual: ["1", "3", "7", "14", "28"],
  parse(raw: string) {
    const days = /^\d{1,4}(?=d?$)/i.exec(raw)?.[0];
    if (days === undefined || Number(days) < 1 || Number(days) > MOST_DAYS)
      throw new UserError(`"${raw.slice(0, 40)}" is not a number of days. Use 1 to ${MOST_DAYS}.`);
    return Number(days);
  },
} as const satisfies OptionDefinition<number>;

const sensitivity = {
  name: "sensitivity",
  kind: "state",
  description: "low, normal or high (as it is set unless said)",
  required: false,
  choices: SENSITIVITIES,
  parse(raw: string) {
    const found = SENSITIVITIES.find((candidate) => candidate === raw.toLowerCase());
    if (found === undefined)
      throw new UserError(`"${raw.slice(0, 40)}" is not a sensitivity. Use low, normal or high.`);
    return found;
  },
} as const satisfies OptionDefinition<Sensitivity>;

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** Before the days that are asked for: a detector says nothing before it has 24 hours of minutes, of which some may be missing. */
const LEARN_MS = DAY_MS + 60 * MINUTE_MS;
/** Lines of the last minute are still on their way. */
const LAG_MS = MINUTE_MS;
/** A person waits. */
const LIMIT_MS = 20_000;
/** A chart has 500 pixels or so across. */
const MOST_POINTS = 480;
const STEPS_MS = [5, 10, 15, 20, 30, 60, 120].map((minutes) => minutes * MINUTE_MS);

export interface BacktestParts {
  logs: LogSource;
  now: () => number;
}

export function backtestCommand(parts: BacktestParts): Command {
  const { logs, now } = parts;
  return defineCommand({
    name: "backtest",
    summary: "What would have been posted about a service in days past, on a chart and in a list",
    examples: ["backtest checkout", "backtest checkout 14 low"],
    role: "viewer",
    visibility: "channel",
    options: [service, days, sensitivity, namespace],
    async run(call) {
      const { scope } = call.workspace();
      const { days = USUAL_DAYS, sensitivity } = call.options;
      const toMs = Math.floor((now() - LAG_MS) / MINUTE_MS) * MINUTE_MS;
      const stepMs = STEPS_MS.find((step) => (days * DAY_MS) / step <= MOST_POINTS) ?? 2 * 60 * MINUTE_MS;
      const fromMs = Math.floor((toMs - days * DAY_MS) / stepMs) * stepMs;
      const range = { fromMs, toMs };
      const ref = await findService(logs, scope.lokiOrgId, call.options, range);
      const notes = await sourceNotes(logs, scope.lokiOrgId, ref, range);
      const past = { fromMs: fromMs - LEARN_MS, toMs };
      const read: Slice[] = [];
      let test = begin(ref, range, stepMs);
      const { untilMs, stopped } = await readPast(
        parts,
        scope.lokiOrgId,
        ref,
        past,
        LIMIT_MS,
        async (series, slice) => {
          const about = withSensitivity(await readCircumstances(scope, slice), sensitivity);
          read.push({ series, slice, about });
          goOn(test, { series, slice, about });
        },
      );
      const gaps = await findGaps(logs, scope.lokiOrgId, range, test.replay.episodes);
      if (gaps.length > 0) {
        test = begin(ref, range, stepMs);
        for (const each of read) {
          goOn(test, { ...each, about: withGaps(each.about, gaps) });
          await setImmediate();
        }
      }
      const { replay, chart } = test;
      const deploys = await findDeploys(scope, range, ref.namespace);
      const card = backtestCard({
        ref,
        days,
        sensitivity,
        range,
        learntFromMs: past.fromMs,
        judgedFromMs: replay.judgedFromMs,
        untilMs,
        stopped,
        episodes: replay.episodes.filter(({ detectedAtMs }) => detectedAtMs > fromMs),
        gaps: gaps.length,
        chart,
        marks: deployMarks(deploys, ref),
      });
      return message({ ...card, body: [...card.body, ...notes] }, "channel");
    },
  });
}

/** What was read of a time, and what holds in it. */
interface Slice {
  series: CountSeries[];
  slice: TimeRange;
  about: Circumstances;
}

interface Test {
  replay: Replay;
  chart: RateChart;
}

function begin(ref: ServiceRef, range: TimeRange, stepMs: number): Test {
  return { replay: Replay.create(ref), chart: new RateChart(ref, range, stepMs) };
}

function goOn({ replay, chart }: Test, { series, slice, about }: Slice): void {
  // What is usual is drawn as it was expected: by what was known before.
  chart.add(series, slice, (of, atMs) => replay.band(of, atMs));
  replay.advance(series, slice.fromMs, slice.toMs, about);
}

/** The service's own rules, but for how rare something has to be. */
function withSensitivity(about: Circumstances, sensitivity: Sensitivity | undefined): Circumstances {
  if (sensitivity === undefined) return about;
  return { ...about, rules: (ref) => ({ ...about.rules(ref), shift: SHIFT[sensitivity] }) };
}
