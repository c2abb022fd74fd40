import { duration } from "../analysis/words.ts";
import type { Condition } from "./condition.ts";
import type { Metric } from "./metric.ts";
import { RATIO_MINUTES } from "./serviceWatch.ts";
import { rarityText, unitOf, valueText } from "./words.ts";

/** What a metric is, as it begins a sentence. */
export const METRIC_NAMES: Record<Metric, string> = {
  error_rate: "Errors",
  log_volume: "Lines",
  silence: "Silence",
  error_ratio: "Errors among the lines",
  new_error: "A new kind of error",
};

/** `12 errors a minute`, `1 line a minute`, `12 % of its lines are errors`. */
export function amountOf(metric: Metric, value: number): string {
  const figure = figureOf(metric, value);
  return `${figure} ${figure === "1" ? unitOf(metric).replace("s a minute", " a minute") : unitOf(metric)}`;
}

/** Without what it is of. */
export function figureOf(metric: Metric, value: number): string {
  return metric === "error_ratio" ? valueText(metric, value) : numberText(value);
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

/** A condition with its number and its limit: `40 errors more or fewer than expected (needed: 5)`. */
export function conditionText({ name, value, limit, against }: Condition, metric: Metric): string {
  const needed = `(needed: ${numberText(limit)})`;
  switch (name) {
    case "learned": {
      const step = metric === "error_ratio" ? RATIO_MINUTES : 1;
      return `learnt over ${minutesText(value * step)} (needed: ${minutesText(limit * step)})`;
    }
    case "minutes seen":
      return `${minutesText(value)} of it seen so far (needed: ${minutesText(limit)})`;
    case "times the worst minute":
      return `${numberText(value)} times the worst minute before ${needed}`;
    case "errors":
      return `${numberText(value)} errors in the minute ${needed}`;
    case "distance":
      return `${numberText(value)} times its usual noise away ${needed}`;
    case "rarity": {
      const rare = value <= 0 ? "nothing rare about it" : `chance gives one like it ${rarityText(value)}`;
      return `${rare} (needed: ${rarityText(limit)}, or rarer)`;
    }
    case "lines":
      return `${numberText(value)} ${metric === "error_rate" || metric === "error_ratio" ? "errors" : "lines"} more or fewer than ${against === undefined ? "expected" : `the ${numberText(against)} a minute that the time before leads to expect`} ${needed}`;
    case "size":
      return `${numberText(value)} ${metric === "error_rate" ? "errors" : "lines"} off so far: too few to be as bad as it is rare ${needed}`;
    case "season":
      return `at this time of other days it was up to ${numberText(value)} times that noise away (now: ${numberText(limit)})`;
    case "persistence":
      return `${value} odd ${value === 1 ? "minute" : "minutes"} in a row ${needed}`;
    case "deploy":
      return `deployed ${numberText(value)} min before (${explainedBy(limit, metric)})`;
    default:
      return `${name} ${numberText(value)} (limit: ${numberText(limit)})`;
  }
}

function explainedBy(limitMinutes: number, metric: Metric): string {
  const within = `${numberText(limitMinutes)} min`;
  return metric === "silence"
    ? `a restart may be silent for ${within}`
    : `for ${within} a new version may log up to five times as much or as little`;
}

function minutesText(minutes: number): string {
  return duration(Math.round(minutes) * 60_000);
}
