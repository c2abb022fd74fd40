import { levelOfBareWord, levelOfWord } from "../severity.ts";
import type { Level } from "../source.ts";
import { klogPrefix, type Prefix, redisPrefix, syslogPrefix } from "./headers.ts";
import type { Clock } from "./instant.ts";
import { type Stamp, stampAt } from "./time.ts";
import { isDigit } from "./zone.ts";

/** The part of a line that can be prefix. */
const PREFIX_CHARS = 700;

/** Reads time, level, process, thread and logger off the beginning of a line. */
export function prefixOf(line: string, clock: Clock | undefined): Prefix {
  const head = line.slice(0, PREFIX_CHARS);
  // Every time has digits, and so have all headers that begin with one or with a priority.
  if (!/\d/.test(head)) return plainPrefix(head, undefined, false);
  const syslog = syslogPrefix(head, clock);
  if (syslog === undefined)
    return klogPrefix(head, clock) ?? redisPrefix(head, clock) ?? plainPrefix(head, clock, true);
  // The program may write a prefix of its own after its name.
  const own = plainPrefix(head.slice(syslog.end), clock, true);
  // Written to, since a copy of an object takes as long as reading the prefix.
  syslog.level = own.level ?? syslog.level;
  syslog.end += own.end;
  return syslog;
}

/** Reads pieces until one is part of the message. */
function plainPrefix(head: string, clock: Clock | undefined, mayHoldTime: boolean): Prefix {
  const prefix: Prefix = { format: "plain", atNs: undefined, level: undefined, service: undefined, end: 0 };
  let stamped = false;
  for (let pieces = 0; pieces < 14; pieces++) {
    const at = pastDivider(head, prefix.end);
    if (stamped && DASHES.has(head.charCodeAt(at))) {
      const dash = /^- (?!-)|^--+ (?:: )?|^[|·»>] /.exec(head.slice(at, at + 8));
      if (dash !== null) {
        prefix.end = at + dash[0].length;
        continue;
      }
    }
    const stamp = stamped || !mayHoldTime ? undefined : stampedAt(head, at, clock);
    if (stamp !== undefined) {
      stamped = true;
      prefix.atNs = stamp.atNs;
      prefix.unknownZone = stamp.unknownZone;
      prefix.level ??= stamp.level;
      prefix.end = stamp.end;
      continue;
    }
    const piece = pieceAt(head, at, { stamped, leveled: prefix.level !== undefined });
    if (piece === undefined) {
      if (stamped || prefix.level !== undefined) prefix.end = at;
      break;
    }
    prefix.level ??= piece.level;
    prefix.end = at + piece.length;
    if (piece.final === true) break;
  }
  return mayHoldTime && prefix.atNs === undefined ? accessPrefix(head, prefix, clock) : prefix;
}

const SPACE = 32;
const COMMA = 44;
const COLON = 58;
const PARENTHESIS = 40;
const OPEN = 91;
const BAR = 124;
const DASHES: ReadonlySet<number> = new Set([..."-|·»>"].map((dash) => dash.charCodeAt(0)));
const MOST_BLANKS = 8;

/** Past blanks and bars, or past one comma or colon and its blank. */
function pastDivider(head: string, from: number): number {
  const first = head.charCodeAt(from);
  if (first === COMMA || first === COLON) return from + (head.charCodeAt(from + 1) === SPACE ? 2 : 1);
  let at = from;
  while (at < from + MOST_BLANKS && isBlankOrBar(head, at)) at++;
  return at;
}

function isBlankOrBar(head: string, at: number): boolean {
  const code = head.charCodeAt(at);
  return (
    code === SPACE || code === BAR || (code >= 9 && code <= 13) || (code > 127 && /\s/.test(head.charAt(at)))
  );
}

/** A stamp, in brackets or not, also with the level in them: Celery, env_logger. */
function stampedAt(
  head: string,
  at: number,
  clock: Clock | undefined,
): (Stamp & { level?: Level | undefined }) | undefined {
  const first = head.charCodeAt(at);
  const mayBeBracketed = first === OPEN || first === PARENTHESIS || head.charCodeAt(at + 1) === COMMA;
  const bracket = mayBeBracketed ? /^(?:[A-Z], )?[[(]/.exec(head.slice(at, at + 4)) : null;
  if (bracket === null) {
    const stamp = stampAt(head, at, clock);
    // The container runtimes' `stdout F`, after the stamp.
    if (stamp !== undefined && head.startsWith(" std", stamp.end)) {
      stamp.end += /^ std(?:out|err) [FP] /.exec(head.slice(stamp.end, stamp.end + 12))?.[0].length ?? 0;
    }
    return stamp;
  }
  const stamp = stampAt(head, at + bracket[0].length, clock);
  if (stamp === undefined) return undefined;
  const rest = /^([^\]()\n]{0,80})[\])]/.exec(head.slice(stamp.end));
  if (rest === null) return undefined;
  const level = /[A-Za-z]{3,11}/.exec(rest[1] ?? "")?.[0];
  const { atNs, unknownZone, end } = stamp;
  return {
    atNs,
    unknownZone,
    end: end + rest[0].length,
    level: level === undefined ? undefined : levelOfBareWord(level),
  };
}

interface Piece {
  length: number;
  level?: Level | undefined;
  /** Nothing after it is prefix. */
  final?: true;
}

/** Process, user and level of PostgreSQL, whose prefix can be set freely (this is its default and Docker's). */
const POSTGRES =
  /^\[\d{1,10}(?:-\d+)?\](?:: \[\d+-\d+\])? (?:\S{0,64}@\S{0,64} |user=\S{0,64},db=\S{0,64}(?:,\S{0,80})? )?(?:(LOG|ERROR|FATAL|PANIC|WARNING|NOTICE|INFO|DEBUG\d?):\s{1,3}|(?=(?:DETAIL|HINT|CONTEXT|STATEMENT|QUERY|LOCATION): ))/;
/** A word that may be a level, as a piece of its own; the lookahead keeps `ERRORS` and `info-service` out. */
const LEVEL_WORD = /^\[?([A-Za-z]{3,13}\d?)\]?(?=[\s:|\][/(.-]|$)/;
/** Apache's `[core:error]`, PHP's `PHP Warning: `, npm's `npm ERR!`. */
const NAMED_LEVEL =
  /^(?:\[[\w-]{0,40}:([a-z]{3,8}\d?)\]|PHP (?:Recoverable |Fatal |Parse )?([A-Za-z]{5,8}): {1,2}|npm (ERR!|error|warn) )/;
const SOURCE_FILE =
  /^\(?[\w/.@-]{1,120}\.(?:go|py|rs|js|mjs|ts|rb|java|kt|c|cc|cpp|php|cs|ex|scala)(?::\d{1,7}){1,2}\)?[:\]]?(?=\s)/;

function pieceAt(head: string, at: number, seen: { stamped: boolean; leveled: boolean }): Piece | undefined {
  const first = head.charCodeAt(at);
  const rest = head.slice(at, at + 200);
  if (seen.stamped && first === OPEN && isDigit(head.charCodeAt(at + 1))) {
    const postgres = POSTGRES.exec(rest);
    if (postgres !== null)
      return { length: postgres[0].length, level: levelOfWord(postgres[1] ?? ""), final: true };
  }
  if (!seen.leveled && (first === OPEN || isLetter(first))) {
    const level = levelPiece(rest, seen.stamped);
    if (level !== undefined) return level;
  }
  if (!seen.stamped && !seen.leveled) return undefined;
  return (isLetter(first) ? undefined : processPiece(rest)) ?? loggerPiece(rest, seen);
}

function isLetter(code: number): boolean {
  return (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
}

function levelPiece(rest: string, stamped: boolean): Piece | undefined {
  const dotnet =
    rest.charCodeAt(4) === COLON
      ? /^(trce|dbug|info|warn|fail|crit): [\w.]{1,200}\[\d+\](?=\s|$)/.exec(rest)
      : null;
  if (dotnet !== null && !stamped)
    return { length: dotnet[0].length, level: levelOfWord(dotnet[1] ?? ""), final: true };
  const named = /^(?:\[|PHP|npm)/.test(rest) ? NAMED_LEVEL.exec(rest) : null;
  const namedLevel =
    named === null
      ? undefined
      : levelOfWord((named[1] ?? named[2] ?? named[3] ?? "").replace("ERR!", "error"));
  if (named !== null && namedLevel !== undefined) return { length: named[0].length, level: namedLevel };
  const word = wordPiece(rest, stamped);
  if (word !== undefined) return word;
  const letter = /^\[?([DIWEFTVC])\]?(?=[\s/:](?:[\s([\w]))/.exec(rest);
  if (letter !== null && (stamped || letter[0].startsWith("["))) {
    return { length: letter[0].length, level: levelOfWord(letter[1] ?? "") };
  }
  return undefined;
}

function wordPiece(rest: string, stamped: boolean): Piece | undefined {
  const [whole, name = ""] = LEVEL_WORD.exec(rest) ?? [];
  if (whole === undefined) return undefined;
  const bracketed = whole.startsWith("[");
  const upper = name === name.toUpperCase();
  const level = levelOfBareWord(name) ?? (bracketed || upper ? levelOfWord(name) : undefined);
  const after = rest.charAt(whole.length);
  if (level === undefined || (after === "-" && /[a-z]/.test(rest.charAt(whole.length + 1)))) return undefined;
  // `Error: x` and `error in x` are messages; `ERROR x`, `[error] x`, `error: x` and `Warning: x` name a level.
  if (!bracketed && !upper) {
    if (!stamped && after !== ":") return undefined;
    if (after === ":" && (name === "Error" || name === "panic")) return undefined;
  }
  // Celery and Python: `ERROR/MainProcess]`, `ERROR:root:`
  const tail =
    after === " "
      ? ""
      : (/^(?:\/[\w-]{1,40}|:[\w.]{1,80}(?=:)|\(\d\))/.exec(rest.slice(whole.length))?.[0] ?? "");
  return { length: whole.length + tail.length, level };
}

/** Pids, thread names and the like, in brackets or as numbers; nginx's `12#12: *3`, Erlang's `<0.1.0>`. */
const PROCESS =
  /^(?:\d{1,10}#\d{1,10}: (?:\*\d{1,19} )?|\d{1,10}(?= (?:---|\[|[A-Z]{4,8} ))|<\d+\.\d+\.\d+>(?=\s)|#\d{1,10}\](?=\s)|\[[^\]\n]{0,80}\])/;

function processPiece(rest: string): Piece | undefined {
  const found = PROCESS.exec(rest);
  return found === null ? undefined : { length: found[0].length };
}

function loggerPiece(rest: string, seen: { stamped: boolean; leveled: boolean }): Piece | undefined {
  // Most messages begin with a word and a blank.
  if (seen.leveled && /^[A-Za-z]+ (?! ?-)/.test(rest)) return undefined;
  const file = SOURCE_FILE.exec(rest);
  if (file !== null) return { length: file[0].length };
  if (seen.leveled) {
    // `com.x.Orders - `, `c.x.Orders  : `, `crate::module: `, `module:function:12 - `; a single word only before a dash.
    const logger =
      /^[\w$-]{1,80}(?:[.:/]{1,2}[\w$<>-]{1,80}){1,12}(?:\[\d+\])?(?: {0,40}: | - |\t)/.exec(rest) ??
      /^[\w$-]{1,80}(?: {0,2}- |\t)/.exec(rest);
    return logger === null ? undefined : { length: logger[0].length };
  }
  // `- name - ERROR - message`, `logger ERROR message`
  const before =
    /^([\w.$-]{1,80})(?: - | {1,4})(?=\[?(?:DEBUG|INFO|WARN|WARNING|ERROR|FATAL|CRITICAL|TRACE)\b)/.exec(
      rest,
    );
  return before === null ? undefined : { length: before[0].length };
}

/** Common log format: address, identity and user before the bracketed time. */
const ACCESS = /^\S{1,64} \S{1,64} \S{1,64} \[/;

function accessPrefix(head: string, prefix: Prefix, clock: Clock | undefined): Prefix {
  const found = prefix.end === 0 && head.includes(" [") ? ACCESS.exec(head) : null;
  const stamp = found === null ? undefined : stampAt(head, found[0].length, clock);
  if (stamp === undefined || head.charAt(stamp.end) !== "]") return prefix;
  prefix.atNs = stamp.atNs;
  prefix.unknownZone = stamp.unknownZone;
  prefix.end = stamp.end + 1;
  return prefix;
}
