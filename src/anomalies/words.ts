import { duration } from "../analysis/words.ts";
import type { Condition } from "./condition.ts";
import type { Metric } from "./metric.ts";

/** What a metric is, as it begins a sentence. */
export const METRIC_NAMES: Record<Metric, string> = {
  error_rate: "Errors",
  log_volume: "Lines",
  silence: "Silence",
  error_ratio: "Errors among the lines",
  new_error: "A new kind of error",
};

/** `12 errors a minute`, `0.4 lines a minute`, `12 % of the lines`. */
export function amountOf(metric: Metric, value: number): string {
  switch (metric) {
    case "error_rate":
    case "new_error":
      return `${numberText(value)} ${value === 1 ? "error" : "errors"} a minute`;
    case "log_volume":
    case "silence":
      return `${numberText(value)} ${value === 1 ? "line" : "lines"} a minute`;
    case "error_ratio":
      return `${shareText(value)} of the lines`;
  }
}

/** Without what it is of. */
export function figureOf(metric: Metric, value: number): string {
  return metric === "error_ratio" ? shareText(value) : numberText(value);
}

/** `0 to 4`; one number where both are the same. */
export function bandText(metric: Metric, low: number, high: number): string {
  const [from, to] = [figureOf(metric, Math.max(0, low)), figureOf(metric, Math.max(0, high))];
  return from === to ? to : `${from} to ${to}`;
}

/** `0`, `0.04`, `2.5`, `4,210`. */
export function numberText(value: number): string {
  if (value >= 10 || Number.isInteger(value)) return Math.round(value).toLocaleString("en-US");
  return String(Number(value.toFixed(value < 1 ? 2 : 1)));
}

function shareText(part: number): string {
  return `${numberText(Number((100 * part).toPrecision(3)))} %`;
}

const WEEKS_A_MONTH = 365.25 / 12 / 7;
const WEEKS_A_YEAR = 365.25 / 7;

/** How often chance gives the like, from a score: log10 of the weeks between two. `every 3 weeks`. */
export function everyText(score: number): string {
  const weeks = 10 ** score;
  const days = weeks * 7;
  if (days < 1) return "several times a day";
  if (days < 1.5) return "once a day";
  if (days < 13.5) return `every ${Math.round(days)} days`;
  if (weeks < 9) return `every ${Math.round(weeks)} weeks`;
  if (weeks < 1.5 * WEEKS_A_YEAR) return `every ${Math.round(weeks / WEEKS_A_MONTH)} months`;
  const years = Number((weeks / WEEKS_A_YEAR).toPrecision(2));
  return years > 1_000 ? "less than once in 1,000 years" : `every ${years} years`;
}

/** A condition with its number and its limit: `chance gives one like it every 3 weeks (needed: every 3 weeks or rarer)`. */
export function conditionText({ name, value, limit }: Condition, metric: Metric): string {
  const lines = metric === "error_rate" ? "errors" : "lines";
  switch (name) {
    case "learned": {
      const step = metric === "error_ratio" ? 5 : 1;
      return `learnt over ${minutesText(value * step)} (needed: ${minutesText(limit * step)})`;
    }
    case "distance":
      return `${numberText(value)} times its usual noise away (needed: ${numberText(limit)})`;
    case "rarity": {
      const rare = value <= 0 ? "nothing rare about it" : `chance gives one like it ${everyText(value)}`;
      return `${rare} (needed: ${everyText(limit)} or rarer)`;
    }
    case "lines":
      return `${numberText(value)} ${lines} more or fewer than expected (needed: ${numberText(limit)})`;
    case "season":
      return `beyond this time of other days by ${numberText(value)} (needed: ${numberText(limit)})`;
    case "persistence":
      return `${value} odd ${value === 1 ? "minute" : "minutes"} in a row (needed: ${limit})`;
    case "errors":
      return `${shareText(value)} of the surplus lines are errors (needed: less than ${shareText(limit)}, or the errors tell it)`;
    default:
      return `${name} ${numberText(value)} (limit: ${numberText(limit)})`;
  }
}

function minutesText(minutes: number): string {
  return duration(Math.round(minutes) * 60_000);
}
