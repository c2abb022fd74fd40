import {
  CALLED,
  CLOSED,
  ENDS_WITH_DIGIT,
  GIVEN,
  HAS_LETTER,
  INDEXED,
  IS_DOTTED,
  IS_ERROR_NAME,
  IS_JOINED,
  IS_KEY,
  IS_PARTICIPLE,
  IS_UPPER,
  OPENED,
  QUOTED,
  SPACED,
  STARTS_LINE,
  STARTS_WITH_DIGIT,
  VALUE,
  VALUE_OF_COLON,
  VALUE_OF_SPACED_COLON,
  VARIABLE_SHAPE,
} from "./marks.ts";
import type { Tokens } from "./token.ts";
import {
  ACCOUNT,
  ANSWER,
  ARTICLE,
  AT,
  CALENDAR,
  CONSTANT,
  FOR,
  FROM,
  METHOD,
  NAMING,
  OF,
  PREPOSITION,
  PROCESS,
  PROSE,
  STATE,
  THING,
  UNIT,
} from "./vocabulary.ts";

/** A process has a number of so many digits, but for a few of a machine's own. */
const PID_CHARS = 3;

/** `at Orders.place` at the start of a line: a stack frame as clusterText writes it, kept whole. */
export function isFrameStart({ marks, known }: Readonly<Tokens>, i: number): boolean {
  return ((marks[i] as number) & STARTS_LINE) !== 0 && ((known[i] as number) & AT) !== 0;
}

/** `k=v` and `k:v`; a value in words after one of the keys that hold sentences stays. */
export function isValue({ marks, known }: Readonly<Tokens>, i: number): boolean {
  const mark = marks[i] as number;
  if (i === 0 || (mark & VALUE) === 0 || (mark & VALUE_OF_SPACED_COLON) !== 0) return false;
  // `ruser= rhost=x`, `environment:java.home=/usr/lib/jvm`: the second is no value but a key.
  if ((mark & IS_KEY) !== 0 && (mark & (SPACED | IS_DOTTED)) !== 0) return false;
  if ((mark & IS_ERROR_NAME) !== 0) return false;
  return ((known[i - 1] as number) & PROSE) === 0 && ((marks[i - 1] as number) & IS_ERROR_NAME) === 0;
}

/** Whether a word is another one each time, by its form or by the words around it. */
export function isVariable(tokens: Readonly<Tokens>, i: number): boolean {
  const { marks, known, starts, ends, count } = tokens;
  const mark = marks[i] as number;
  const meaning = known[i] as number;
  if ((mark & IS_ERROR_NAME) !== 0) return false;
  // `java.version=17`
  if ((mark & (IS_KEY | IS_DOTTED)) === (IS_KEY | IS_DOTTED)) return false;
  // `role "bob" does not exist`
  if ((mark & (VARIABLE_SHAPE | GIVEN)) !== 0 || (meaning & CONSTANT) !== 0) return true;
  const hasNext = i + 1 < count;
  const next = hasNext ? (marks[i + 1] as number) : 0;
  if ((ends[i] as number) - (starts[i] as number) === 1 && (next & VALUE) === 0) {
    return (meaning & ARTICLE) === 0 || endsPhrase(mark, hasNext, next);
  }
  // `LOCAL(0)`, `CPU(3)`: which one of several.
  if (
    (mark & IS_UPPER) !== 0 &&
    (next & CALLED) !== 0 &&
    (next & CLOSED) !== 0 &&
    (next & STARTS_WITH_DIGIT) !== 0
  ) {
    return true;
  }
  if ((next & INDEXED) !== 0 && isNumberedName(tokens, i)) return true;
  // `request: "GET /orders HTTP/1.1"` is one value.
  if ((meaning & METHOD) !== 0 && (mark & VALUE) !== 0 && (mark & OPENED) !== 0) return true;
  if ((meaning & CALENDAR) !== 0) return isDatePart(tokens, i - 1) || isDatePart(tokens, i + 1);
  return i > 0 && isNamedBy(tokens, i, mark, hasNext, next);
}

/** `sshd[812]`, `unknown[10.0.0.1]`: a process or a host, where `queue[3]` is a place in a list, `a[812], b[12]` are values. */
function isNumberedName({ marks, starts, ends }: Readonly<Tokens>, i: number): boolean {
  if (((marks[i] as number) & OPENED) !== 0) return false;
  const next = marks[i + 1] as number;
  const isNumber =
    (next & STARTS_WITH_DIGIT) !== 0 && (next & ENDS_WITH_DIGIT) !== 0 && (next & HAS_LETTER) === 0;
  const length = (ends[i + 1] as number) - (starts[i + 1] as number);
  return isNumber && (next & CLOSED) !== 0 && length >= PID_CHARS;
}

/** Whether the words around it say that a word is the name of somebody or something. */
function isNamedBy(
  tokens: Readonly<Tokens>,
  i: number,
  mark: number,
  hasNext: boolean,
  next: number,
): boolean {
  const { marks, known } = tokens;
  const last = marks[i - 1] as number;
  const lastMeaning = known[i - 1] as number;
  const meaning = known[i] as number;
  if ((meaning & UNIT) !== 0 && (last & ENDS_WITH_DIGIT) !== 0) return true;
  if ((mark & CALLED) !== 0 && (mark & CLOSED) !== 0 && (mark & IS_KEY) === 0)
    return (last & IS_ERROR_NAME) === 0;
  if ((mark & SPACED) === 0 || (mark & IS_KEY) !== 0) return false;
  // `Killed process 812 (java)`
  const isBracketed = (mark & OPENED) !== 0 && (mark & CLOSED) !== 0 && (last & HAS_LETTER) === 0;
  if (isBracketed && i > 1 && ((known[i - 2] as number) & PROCESS) !== 0) return true;
  const isLabelled = (mark & VALUE_OF_SPACED_COLON) !== 0;
  if (isLabelled && (mark & QUOTED) !== 0) return (lastMeaning & PROSE) === 0 && (last & IS_ERROR_NAME) === 0;
  // `(using password: YES)`
  if (isLabelled && (meaning & ANSWER) !== 0 && endsPhrase(mark, hasNext, next)) return true;
  if ((last & CLOSED) !== 0 || ((mark & OPENED) !== 0 && (mark & QUOTED) === 0)) return false;
  // `connect to redis:6379`, where `index:0` is a key and its value.
  if ((next & VALUE_OF_COLON) !== 0 && (next & STARTS_WITH_DIGIT) !== 0) {
    return (lastMeaning & PREPOSITION) !== 0 || (last & IS_ERROR_NAME) !== 0;
  }
  // `getaddrinfo ENOTFOUND redis-master`
  if ((last & IS_ERROR_NAME) !== 0 && (last & IS_UPPER) !== 0) {
    return (mark & VALUE) === 0 && endsPhrase(mark, hasNext, next);
  }
  const nextMeaning = hasNext ? (known[i + 1] as number) : 0;
  if ((lastMeaning & (NAMING | THING)) !== 0 && (mark & (IS_JOINED | IS_PARTICIPLE)) === IS_JOINED)
    return true;
  if ((lastMeaning & NAMING) !== 0 && (meaning & STATE) === 0 && (mark & IS_PARTICIPLE) === 0) {
    // `user bob`, `user bob: no quota`, `user bob from x`
    const isWhole = endsPhrase(mark, hasNext, next) || (next & VALUE_OF_SPACED_COLON) !== 0;
    return isWhole || (nextMeaning & PREPOSITION) !== 0;
  }
  if ((lastMeaning & OF) !== 0 && isNumbered(tokens, i - 2)) {
    return (meaning & (ARTICLE | STATE | PREPOSITION)) === 0 && (mark & IS_PARTICIPLE) === 0;
  }
  // `Accepted password for alice from 10.0.0.1`
  const isAccount = (meaning & ACCOUNT) !== 0 || ((nextMeaning & FROM) !== 0 && (mark & CLOSED) === 0);
  return (lastMeaning & FOR) !== 0 && isAccount;
}

/** `order 12`, not `90%` or `5 MB`: what is said to have it, as in `order 12 of bob`, has a name too. */
function isNumbered({ marks }: Readonly<Tokens>, i: number): boolean {
  const mark = i > 0 ? (marks[i] as number) : 0;
  const isNumber =
    (mark & STARTS_WITH_DIGIT) !== 0 && (mark & ENDS_WITH_DIGIT) !== 0 && (mark & HAS_LETTER) === 0;
  return isNumber && (mark & (VALUE | OPENED)) === 0 && ((marks[i - 1] as number) & HAS_LETTER) !== 0;
}

function endsPhrase(mark: number, hasNext: boolean, next: number): boolean {
  return (mark & CLOSED) !== 0 || !hasNext || (next & OPENED) !== 0;
}

/** `18`, `03:26:53`, `Jul` */
function isDatePart({ count, marks, known }: Readonly<Tokens>, i: number): boolean {
  if (i < 0 || i >= count) return false;
  return ((marks[i] as number) & STARTS_WITH_DIGIT) !== 0 || ((known[i] as number) & CALENDAR) !== 0;
}
