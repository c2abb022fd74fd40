import type { Episode } from "./episode.ts";
import type { Metric } from "./metric.ts";

type Said = Pick<Episode, "metric" | "direction">;

/** What is not as usual, behind the service's name: "more errors than usual". */
export function stateOf({ metric, direction }: Said): string {
  switch (metric) {
    case "error_rate":
      return "more errors than usual";
    case "error_ratio":
      return "more of its lines are errors than usual";
    case "log_volume":
      return direction === "up" ? "far more lines than usual" : "far fewer lines than usual";
    case "silence":
      return "silent";
    case "new_error":
      return "a new kind of error";
  }
}

/** "errors a minute", for a value of the metric. */
export function unitOf(metric: Metric): string {
  switch (metric) {
    case "error_rate":
      return "errors a minute";
    case "error_ratio":
      return "of its lines are errors";
    case "new_error":
      return "lines a minute";
    case "log_volume":
    case "silence":
      return "lines a minute";
  }
}

/** A value of the metric, short: "12", "0.4", "3.5 %". */
export function valueText(metric: Metric, value: number): string {
  if (metric === "error_ratio") return `${rounded(100 * value)} %`;
  return rounded(value);
}

function rounded(value: number): string {
  // Beside "0.04" of another card a bare 0 would be another number.
  if (value > 0 && value < 0.05) return "nearly 0";
  if (value >= 10) return Math.round(value).toLocaleString("en-US");
  return value < 0.05 || value >= 9.95 ? value.toFixed(0) : value.toFixed(1);
}

/** "2,800×", "1.4×": how many times what is usual. */
export function factorText(factor: number): string {
  return `${factor >= 10 ? Math.round(factor).toLocaleString("en-US") : factor.toFixed(1)}×`;
}

/** How rare, from log10 of weeks: "less than once in 20 weeks". */
export function rarityText(score: number): string {
  const weeks = 10 ** score;
  if (weeks < 1) return "more than once a week";
  if (weeks < 8) return `once in ${plural(Math.round(weeks), "week")}`;
  if (weeks < 104) return `once in ${plural(Math.round(weeks / 4.35), "month")}`;
  const years = weeks / 52.2;
  return years > 100 ? "less than once in 100 years" : `once in ${Math.round(years)} years`;
}

function plural(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}
