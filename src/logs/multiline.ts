import { beginsAsFailure, isFrame } from "./parse/failure.ts";
import { stampAt } from "./parse/time.ts";
import { isDigit } from "./parse/zone.ts";

export interface JoinerLimits {
  /** Longest entry in physical lines. */
  maxLines?: number;
  /** Longest entry in characters; a single longer line is still one entry. */
  maxChars?: number;
}

export interface LineJoiner {
  /** @returns the entry that this line shows to be complete. */
  push(line: string): string | undefined;
  /** @returns the entry still held, at the end of the lines or when no more came for a while. */
  flush(): string | undefined;
}

/**
 * Joins physical lines to entries: a stack trace or an indented continuation belongs to the line before.
 * Entries joined by new lines are the lines again: nothing is lost or added. What is an entry depends on
 * the sequence of lines alone.
 */
export function createLineJoiner({ maxLines = 500, maxChars = 256_000 }: JoinerLimits = {}): LineJoiner {
  let held: Entry | undefined;
  const take = (next?: Entry): string | undefined => {
    const done = held?.lines.length === 1 ? held.lines[0] : held?.lines.join("\n");
    held = next;
    return done;
  };
  return {
    push(line) {
      const fits = held !== undefined && held.lines.length < maxLines && held.chars + line.length < maxChars;
      if (held === undefined || !fits || !continues(held, line)) return take(entryOf(line));
      append(held, line);
      return undefined;
    },
    flush: () => take(),
  };
}

interface Entry {
  lines: string[];
  chars: number;
  /** Its first line begins with a time, so that lines of its own have one, and speaks of trouble. */
  troubled: boolean;
  /** A whole JSON object: complete. */
  closed: boolean;
  /** It tells of an error, so that frames without indentation belong to it. */
  failing: boolean;
  /** A Python traceback that has not yet named its error. */
  traceback: boolean;
  /** A line is due that no sign marks: Rust's message after the place, Node's error after the source. */
  due: "message" | "error" | undefined;
}

function entryOf(line: string): Entry {
  const entry: Entry = {
    lines: [line],
    chars: line.length,
    troubled: false,
    closed: isJson(line),
    failing: false,
    traceback: false,
    due: undefined,
  };
  // Nothing continues a whole object, so what it tells of does not matter; and the shortest sign of anything is longer.
  if (entry.closed || line.length < SHORTEST_SIGN) return entry;
  entry.troubled = isStamped(line) && TROUBLE.test(line.slice(0, 400));
  entry.failing = startsFailing(line);
  entry.traceback = line.includes("Traceback (most recent call last)");
  entry.due = dueAfter(line);
  return entry;
}

/** `#1 ` of PHP's frames, `1: ` of Rust's. */
const SHORTEST_SIGN = 3;

function append(entry: Entry, line: string): void {
  entry.lines.push(line);
  entry.chars += line.length + 1;
  if (line.includes("Traceback (most recent call last)")) entry.traceback = true;
  else if (entry.traceback && isErrorLine(line)) entry.traceback = false;
  if (!entry.failing) entry.failing = startsFailing(line);
  if (line !== "" && (entry.due === "message" || (entry.due === "error" && !/^\s/.test(line))))
    entry.due = undefined;
  entry.due ??= dueAfter(line);
}

function continues(entry: Entry, line: string): boolean {
  if (entry.closed || isJson(line)) return false;
  if (line === "" || line === "\r") return true;
  const first = line.charCodeAt(0);
  if (first === 32 || first === 9) return true;
  if (isStamped(line)) return false;
  if (entry.due === "message") return true;
  if (entry.due === "error" && beginsAsFailure(line)) return true;
  if (entry.traceback) return isErrorLine(line) || CHAINED.test(line);
  if (CONTINUES.test(line)) return true;
  if (entry.failing) return CHAINED.test(line) || isFrame(line) || IN_FAILURE.test(line);
  // Where entries begin with a time, an error without one was logged together with the line before.
  return entry.troubled && entry.lines.length < 3 && (beginsAsFailure(line) || CHAINED.test(line));
}

/** A line that says it is about trouble; an error after any other line came from somewhere else. */
const TROUBLE =
  /\b(?:error|err|warn|warning|fatal|crit|critical|severe|exception|fail|failed|failure|panic)\b/i;

/** Java's causes, a closing bracket of what was printed over several lines, PostgreSQL's fields without a stamp. */
const CONTINUES =
  /^(?:Caused by: |Suppressed: |\.{3} \d+ (?:more|common frames omitted)|[}\])]{1,3}[,;]?\s{0,4}$|(?:DETAIL|HINT|CONTEXT|STATEMENT|QUERY|LOCATION): {1,2})/;
/** Python's links between two tracebacks, and the second one's beginning. */
const CHAINED =
  /^(?:Traceback \(most recent call last\)|During handling of the above exception|The above exception was the direct cause)/;
/** Go's signals and registers, PHP's and Ruby's headings, Rust's notes, Node's version after an uncaught error. */
const IN_FAILURE =
  /^(?:\[signal |\[recovered\]|exit status \d|r[a-z0-9]{1,2} {1,4}0x|Stack trace:|stack backtrace:|note: |Node\.js v\d|panic: |\[originating from previous panic\]|--- End of )/;

function startsFailing(line: string): boolean {
  return (
    isFrame(line) ||
    /(?:panic|fatal error): |^goroutine |Uncaught |panicked at|Exception|Error\b/.test(line.slice(0, 1_000))
  );
}

/** `ValueError: bad`, `KeyboardInterrupt`, `app.errors.NotFound: x`: the last line of a traceback. */
function isErrorLine(line: string): boolean {
  return /^[A-Za-z_][\w.]{0,200}(?::|\s*$)/.test(line);
}

function dueAfter(line: string): Entry["due"] {
  const last = line.charCodeAt(line.length - 1);
  if (last === COLON)
    return /panicked at [^\s:]{1,300}:\d+:\d+:$/.test(line.slice(-400)) ? "message" : undefined;
  if (!isDigit(last) || line.length >= 400) return undefined;
  return /^(?:node:|file:\/\/|\/)\S{1,380}:\d+$/.test(line) ? "error" : undefined;
}

function isJson(line: string): boolean {
  return line.startsWith("{") && line.charAt(1) !== "" && /\}\s{0,2}$/.test(line.slice(-3));
}

const COLON = 58;
const LOWER_A = 97;
const LEAD = /^(?:\u001b\[[0-9;]{0,12}m|<\d{1,3}>(?:\d )?|[A-Z], |[[(]|\d{1,10}:[MSCX] ){1,3}/;

/** Whether a line begins as an entry does: with a time, bracketed or after a priority, a klog letter or a Redis role. */
function isStamped(line: string): boolean {
  if (line.length < SHORTEST_SIGN) return false;
  const first = line.charCodeAt(0);
  // Nearly every line begins with a letter or a digit that leads to nothing else.
  const mayLead = first < LOWER_A;
  const lead = mayLead ? LEAD.exec(line.slice(0, 40)) : null;
  if (stampAt(line.slice(0, 120), lead?.[0].length ?? 0, undefined) !== undefined) return true;
  return /^(?:[IWEF]\d{4} \d\d:\d\d:\d\d\.|(?:ts|time)=\S|level=\w)/.test(line);
}
