import type { Condition } from "./condition.ts";
import type { Rules } from "./episode.ts";
import { LEAST_SCORE, type Severity, severityFor } from "./metric.ts";
import { episodeAt, type Replay, type ReplayedEpisode, type Said } from "./replay.ts";
import { type Finding, LEAST_LINES_OF_RATIO, type MinuteCounts, RATIO_MINUTES } from "./serviceWatch.ts";

/** What one metric says of a minute, and why. */
export interface Explained {
  metric: Finding["metric"];
  /** `held back`: rare enough, but not all that an episode needs is so. */
  verdict: "quiet" | "odd" | "held back" | "learning" | "too few lines" | "told by another" | "not judged";
  /** Of the minute, or the mean of so many that end with it. */
  observed: number;
  overMinutes: number;
  /** The end of those minutes, where it is before the end of the minute in question: errors among lines are judged by blocks. */
  untilMs?: number;
  /** The minute's own value, where what was observed is the middle of the last minutes. */
  ofMinute?: number;
  /** Absent where nothing is known of it. */
  usual?: { expected: number; low: number; high: number };
  score: number;
  severity?: Severity;
  learning?: { minutes: number; of: number };
  conditions: Condition[];
  /** Whose episode tells the same. */
  toldBy?: Explained["metric"];
  /** The episode that the minute is part of. */
  episode?: ReplayedEpisode;
}

const MINUTE_MS = 60_000;
const METRICS = ["error_rate", "log_volume", "silence", "error_ratio"] as const satisfies Finding["metric"][];

/** Of what two metrics would say of the same lines, which one tells it. */
const TELLERS: Record<Explained["metric"], Explained["metric"][]> = {
  error_rate: [],
  log_volume: ["error_rate", "silence"],
  silence: [],
  error_ratio: ["error_rate"],
};

/**
 * The last minute of a replay, metric by metric.
 * @param recent what was logged in the ten minutes up to and with that one, which is the last
 */
export function explainMinute(
  replay: Replay,
  minuteMs: number,
  rules: Rules,
  recent: readonly MinuteCounts[],
): Explained[] {
  return METRICS.map((metric) => {
    const said = replay.said(metric);
    const episode = episodeAt(replay.episodes, metric, minuteMs);
    const isOwn =
      said !== undefined &&
      minuteMs - said.minuteMs < (metric === "error_ratio" ? RATIO_MINUTES * MINUTE_MS : MINUTE_MS);
    const behind = isOwn && metric === "error_ratio" ? (minuteMs - said.minuteMs) / MINUTE_MS : 0;
    const seen = observedOf(metric, recent.slice(0, recent.length - behind));
    const about = {
      metric,
      observed: seen ?? 0,
      overMinutes: metric === "error_ratio" ? RATIO_MINUTES : 1,
      score: 0,
      conditions: [],
      ...(behind > 0 && { untilMs: minuteMs + MINUTE_MS - behind * MINUTE_MS }),
      ...(episode !== undefined && { episode }),
    };
    if (!isOwn) {
      const toldBy = TELLERS[metric].find(
        (other) => episodeAt(replay.episodes, other, minuteMs) !== undefined,
      );
      return {
        ...about,
        verdict: toldBy === undefined ? "not judged" : "told by another",
        ...(toldBy && { toldBy }),
      };
    }
    return {
      ...about,
      ...explained(replay, said, rules, seen),
      ...(episode !== undefined && { verdict: "odd" }),
    };
  });
}

function explained(
  replay: Replay,
  { minuteMs, finding, run }: Said,
  rules: Rules,
  seen: number | undefined,
): Pick<Explained, "verdict" | "score" | "conditions"> & Partial<Explained> {
  const { metric, learning, bucketMinutes } = finding;
  const step = metric === "error_ratio" ? RATIO_MINUTES : 1;
  const severity = severityFor(finding.score, rules.shift);
  const isAwake = metric === "silence" && finding.value > 0;
  const band =
    metric === "error_ratio"
      ? undefined
      : replay.band(metric === "error_rate" ? "errors" : "lines", minuteMs);
  // Of one minute the band of its noise says what is usual; of several it is their mean, which hardly has any.
  const own = bucketMinutes > 0 ? finding : undefined;
  const usual = bucketMinutes > 1 ? own : (band ?? own);
  const isMiddle = bucketMinutes === 1 && !isAwake && finding.observed !== finding.value;
  // The view that saw most may go by the last minutes alone, and then expects something else than the time of day does.
  const against = usual === own ? undefined : own?.expected;
  return {
    verdict:
      severity !== undefined
        ? "held back"
        : learning !== undefined
          ? "learning"
          : metric === "error_ratio" && seen === undefined
            ? "too few lines"
            : "quiet",
    ...(bucketMinutes > 0 && !isAwake && { observed: finding.observed, overMinutes: bucketMinutes }),
    ...(isMiddle && { ofMinute: finding.value }),
    ...(usual !== undefined && { usual: { expected: usual.expected, low: usual.low, high: usual.high } }),
    score: finding.score,
    ...(severity !== undefined && { severity }),
    ...(learning !== undefined && { learning: { minutes: learning.points * step, of: learning.of * step } }),
    conditions: conditionsOf(finding, rules, run, against),
  };
}

/** The detector's own, and what the service's rules want beside them: theirs are the limits that decide. */
function conditionsOf(finding: Finding, rules: Rules, run: number, against: number | undefined): Condition[] {
  const { metric, conditions, score, direction, lines } = finding;
  // What there is too little to judge by has no rarity.
  if (finding.learning !== undefined && score === 0) return conditions;
  // What something else explains has no score any more: that it is rare may still be so.
  const isExplained = score === 0 && conditions.some(({ holds }) => !holds);
  const rarity = conditions.find(({ name }) => name === "rarity")?.value ?? (isExplained ? undefined : score);
  const least = LEAST_SCORE + rules.shift;
  const isCounted = direction !== undefined && metric !== "silence";
  const off = { name: "lines", value: lines, ...(against !== undefined && { against }) };
  return [
    ...conditions
      .filter(({ name }) => name !== "rarity" && !(name === "lines" && isCounted))
      // Of the same numbers as are shown, which the detector's own are not.
      .map((each) => (each.name === "lines" && metric !== "error_ratio" ? { ...each, ...off } : each)),
    ...(rarity === undefined
      ? []
      : [{ name: "rarity", value: rarity, limit: least, holds: rarity >= least }]),
    ...(isCounted ? [{ ...off, limit: rules.leastLines, holds: lines >= rules.leastLines }] : []),
    ...(rules.persistence > 1
      ? [{ name: "persistence", value: run, limit: rules.persistence, holds: run >= rules.persistence }]
      : []),
  ];
}

/** Undefined where there were too few lines to have a part of them judged. */
function observedOf(metric: Finding["metric"], recent: readonly MinuteCounts[]): number | undefined {
  const last = recent.at(-1) ?? { lines: 0, errors: 0 };
  if (metric === "error_rate") return last.errors;
  if (metric !== "error_ratio") return last.lines;
  const few = recent.slice(-RATIO_MINUTES);
  const lines = few.reduce((sum, minute) => sum + minute.lines, 0);
  const errors = few.reduce((sum, minute) => sum + minute.errors, 0);
  return lines < LEAST_LINES_OF_RATIO ? undefined : errors / lines;
}
