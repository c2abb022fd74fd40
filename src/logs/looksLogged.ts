import { createLineJoiner } from "./multiline.ts";
import { type ParsedLine, parseLine } from "./parse.ts";

/** Of one entry: a message and its stack. What says how it failed stands at its beginning. */
const ENTRY_CHARS = 8_000;

/** Whether some line of what somebody wrote was written by a program: a question, also one about an error, was not. */
export function holdsLogLines(text: string): boolean {
  for (const entry of entriesOf(withoutFences(text))) if (looksLogged(parseLine(entry))) return true;
  return false;
}

/** A person's own words beside the lines have no time, no level and no stack. */
export function looksLogged({ atNs, level, stack, format }: ParsedLine): boolean {
  return atNs !== undefined || level !== undefined || stack !== undefined || format !== "plain";
}

export function* entriesOf(text: string): Generator<string> {
  const joiner = createLineJoiner();
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === "") continue;
    const entry = joiner.push(line);
    if (entry !== undefined) yield entry.slice(0, ENTRY_CHARS);
  }
  const last = joiner.flush();
  if (last !== undefined) yield last.slice(0, ENTRY_CHARS);
}

/** People paste logs between three backticks, in a line of their own or not. */
export function withoutFences(text: string): string {
  return text.replace(/```(?:[a-z]{1,12}\n)?/g, "\n").replace(/^`([^`\n]+)`$/gm, "$1");
}
