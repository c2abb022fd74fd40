import type { Chart } from "./chart.ts";
import { type Clock, clockOf } from "./clock.ts";
import { shortNumber } from "./numbers.ts";
import { type Reading, readSeries, runs, type Series } from "./series.ts";
import { oneLine } from "./text.ts";

/** Longest alternative text: what a screen reader says in half a minute. */
const LONGEST = 300;

/**
 * A chart in words, for people who do not see it: what and when, the peak, what is normal and when it was left,
 * the marks. At most 300 characters; what is least important is left out first.
 */
export function altText(chart: Chart): string {
  const series = readSeries(chart);
  const clock = clockOf(chart.zone);
  const say = speaker(series, clock);
  const what = `${cut(chart.title, 90)} (${cut(chart.unit, 30)}).`;
  if (!series.last || !series.peak) return `${what} ${say.range}No data in this range.`;
  const sentences = [
    `${what} ${say.range}${levels(series, series.peak, series.last, say.at)}`,
    normal(series, say.from) || anomalies(chart, series, say.from),
    marks(chart, series, say.at),
    gaps(series),
  ];
  return sentences.reduce((text, next) =>
    `${text} ${next}`.length <= LONGEST ? `${text} ${next}`.trim() : text,
  );
}

interface Speaker {
  /** "Tue 24 Nov, 13:00 to 15:00 CET. "; empty when the chart has no range. */
  range: string;
  /** "at 14:35", with the day where the range has more than one. */
  at(atMs: number): string;
  /** "from 14:24 to 14:52", or "since 14:24" for what lasts until the end. */
  from(fromMs: number, toMs: number): string;
}

function speaker({ fromMs, toMs }: Series, clock: Clock): Speaker {
  const oneDay = clock.day(fromMs) === clock.day(toMs - 1) && toMs - fromMs <= 86_400_000;
  const moment = (atMs: number) => (oneDay ? clock.time(atMs) : `${clock.day(atMs)} ${clock.time(atMs)}`);
  const day = oneDay ? `${clock.weekday(fromMs)}, ` : "";
  const zone = clock.nameAt(toMs - 1);
  const changed = clock.nameAt(fromMs) === zone ? "" : ` ${clock.nameAt(fromMs)}`;
  return {
    range: toMs > fromMs ? `${day}${moment(fromMs)}${changed} to ${moment(toMs)} ${zone}. ` : "",
    at: (atMs) => `${oneDay ? "at" : "on"} ${moment(atMs)}`,
    from: (start, end) =>
      end >= toMs ? `since ${moment(start)}` : `from ${moment(start)} to ${moment(end)}`,
  };
}

function levels(series: Series, peak: Reading, last: Reading, at: Speaker["at"]): string {
  const level = series.values.every((value) => value === null || value === peak.value);
  if (level) return `${shortNumber(peak.value)} throughout.`;
  const peakAt = at(series.fromMs + peak.index * series.stepMs);
  if (peak.index === last.index) return `Peak ${shortNumber(peak.value)} ${peakAt}, the last value.`;
  return `Peak ${shortNumber(peak.value)} ${peakAt}, last value ${shortNumber(last.value)}.`;
}

/** What normal is, and the first time it was left; empty without a band. */
function normal(series: Series, from: Speaker["from"]): string {
  const above = (i: number) => (series.values[i] ?? 0) > (series.high[i] ?? Number.POSITIVE_INFINITY);
  const below = (i: number) => (series.values[i] ?? Number.POSITIVE_INFINITY) < (series.low[i] ?? 0);
  const lows = series.low.filter((low) => low !== null);
  const highs = series.high.filter((high) => high !== null);
  if (highs.length === 0) return "";
  const least = lows.reduce((a, b) => Math.min(a, b));
  const most = highs.reduce((a, b) => Math.max(a, b));
  const range = `${shortNumber(least)} to ${shortNumber(most)}`;
  const left = runs(series.values.length, (i) => above(i) || below(i));
  const [first, ...others] = left;
  if (!first) return `It stayed within normal, ${range}.`;
  const side = above(first[0]) ? "above" : "below";
  const when = from(series.fromMs + first[0] * series.stepMs, series.fromMs + (first[1] + 1) * series.stepMs);
  if (others.length === 0) return `Normal is ${range}; ${side} it ${when}.`;
  return `Normal is ${range}; left ${left.length} times, first ${when}.`;
}

function anomalies(chart: Chart, series: Series, from: Speaker["from"]): string {
  const inside = (chart.anomalies ?? []).filter(({ fromMs, toMs }) => {
    return toMs >= fromMs && toMs >= series.fromMs && fromMs <= series.toMs;
  });
  const [first, ...others] = inside;
  if (!first) return "";
  const count = others.length === 0 ? "Anomaly" : `${others.length + 1} anomalies, the first`;
  return `${count} ${from(Math.max(first.fromMs, series.fromMs), first.toMs)}.`;
}

function marks(chart: Chart, series: Series, at: Speaker["at"]): string {
  const inside = (chart.marks ?? []).filter(({ atMs }) => atMs >= series.fromMs && atMs <= series.toMs);
  const named = inside.slice(0, 3).map(({ atMs, kind, label }) => {
    // A label that begins with its kind ("onset 13:24") would say it twice.
    const name =
      kind === "onset"
        ? "onset"
        : kind === "asked"
          ? "asked about"
          : `deploy ${cut(label.replace(/^deploy(ed)?\s+/i, ""), 24)}`;
    return `${name} ${at(atMs)}`;
  });
  if (named.length === 0) return "";
  const more = inside.length > named.length ? [`${inside.length - named.length} more`] : [];
  const text = [...named, ...more].join(", ");
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function gaps(series: Series): string {
  const unknown = series.values.filter((value) => value === null).length;
  return unknown === 0
    ? ""
    : `No data for ${Math.ceil((100 * unknown) / series.values.length)}% of the time.`;
}

function cut(text: string, longest: number): string {
  const line = oneLine(text);
  if (line.length <= longest) return line;
  // By code units for the limit, by characters for the cut: half an emoji is no character.
  return `${line
    .slice(0, longest - 1)
    .replace(/[\uD800-\uDBFF]$/, "")
    .trimEnd()}…`;
}
