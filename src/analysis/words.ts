import type { Inline } from "../chat/card.ts";
import type { Resembled } from "../clusters/relatedStore.ts";
import type { TimeRange } from "../logs/source.ts";

/** `1 time`, `12 times`, `4,210 times`. */
export function countOf(count: number, one: string, many: string): string {
  return `${count.toLocaleString("en-US")} ${count === 1 ? one : many}`;
}

/** What an answer's card says where a model was to give it. @param why a sentence, or the end of one. */
export function insteadNote(
  { provider, model }: { provider: string; model: string },
  why: string,
  spent = "",
): string {
  return `Built-in analyzer instead of ${provider} ${model}${spent}: ${withoutStop(why)}.`;
}

/** `8 s`, `3 min`, `2 h 5 min`, `4 d`. */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90 && minutes !== 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return `${Math.round(hours / 24)} d`;
}

/** Whether a time of day alone would not say which day is meant. */
export function needsDate({ fromMs, toMs }: TimeRange): boolean {
  return toMs - fromMs > 12 * 60 * 60_000 || utcDay(fromMs) !== utcDay(toMs - 1);
}

function utcDay(atMs: number): number {
  return Math.floor(atMs / (24 * 60 * 60_000));
}

/** A moment within a range, with its date where the range needs one. */
export function moment(atMs: number, range: TimeRange): Inline {
  return { atMs, show: needsDate(range) ? "date and time" : "time" };
}

/** The start of a message's template, short enough for a sentence or a heading; what differs from line to line is left open. */
export function headline(template: string, maxChars = 120): string {
  const line = (template.split("\n", 1)[0] ?? "").replaceAll(PLACEHOLDER, "…");
  return line.length > maxChars
    ? `${Array.from(line)
        .slice(0, maxChars - 1)
        .join("")}…`
    : line;
}

/** What stands in a template where its lines differ. */
export const PLACEHOLDER = "<*>";

/** `like one known since Jan 3, 12:00: removing chargen`: said of what is new and stays new. */
export function likeText({ sinceMs, template }: Omit<Resembled, "service">): Inline[] {
  return [
    "like one known since ",
    { atMs: sinceMs, show: "date and time" },
    ": ",
    { code: headline(template, 80) },
  ];
}

/** A sentence as a part of another. */
export function withoutStop(sentence: string): string {
  return sentence.trim().replace(/\.$/, "");
}

export function windowText(range: TimeRange): Inline[] {
  const { fromMs, toMs } = range;
  return [moment(fromMs, range), " to ", moment(toMs, range), ` (${duration(toMs - fromMs)})`];
}

/** `187`, `2.3`, or `none` where so little is left that it would be written as 0. */
export function rateText(rate: number): string {
  if (rate < 0.05) return "none";
  return rate >= 10 ? Math.round(rate).toLocaleString("en-US") : rate.toFixed(1);
}

export function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
