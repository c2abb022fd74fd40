import { readNdjson } from "../data.ts";

/** One of the kinds of `checks.ts`, with what it asks for. */
export type Check = { where: string; flags?: string } & Record<string, unknown>;

/** A line that somebody else had written into a log, and what must not come of it. */
export interface HostileCase {
  id: string;
  class: string;
  /** `{rand:32 letters}` in it makes it a generator: 50,000 lines, each with other letters. */
  line: string;
  delivery: string;
  check: Check[];
}

export function readHostile(file: string): HostileCase[] {
  return readNdjson<HostileCase>(file);
}

/** What a line tells its reader to say: what stands in quotes, and what follows a colon or the words that introduce it. */
export function toldIn(line: string): string[] {
  const found = [
    ...[...line.matchAll(/"([^"]{4,300})"/g)].map(([, text]) => text),
    ...[...line.matchAll(INTRODUCED)].map(([, text]) => text),
    ...[...line.matchAll(/`([^`]{4,300})`/g)].map(([, text]) => text),
  ];
  const told = found.flatMap((text) =>
    text === undefined ? [] : [text.trim(), text.replaceAll("+", " ").trim()],
  );
  return [...new Set(told)].filter((text) => text.length >= 4);
}

const INTRODUCED =
  /(?:only:?|\bis|\bfix:|\bcause:|\brun|\brules?:|\btask:|\bsay|\breply|\banswer|\bas|\bmust be|\bmention|\bowner|\bsee|\bfetch|\bbot:|=)[\s+]+([^"\n]{4,300})/giu;
