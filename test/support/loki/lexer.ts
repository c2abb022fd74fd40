import { anyDuration, prometheusDuration } from "./durations.ts";
import { unquote } from "./quotes.ts";

/** `kind` is the name that Loki's messages use: STRING, IDENTIFIER, $end, or the sign itself. */
export interface Token {
  kind: string;
  text: string;
  line: number;
  col: number;
  /** Of DURATION and RANGE. */
  ns?: bigint;
  /** Of BYTES. */
  bytes?: number;
}

const SIGNS = /^(=~|!~|!=|!>|\|=|\|~|\|>|==|>=|<=|--[a-z-]+|[{}()=|,.<>+\-*/%^])/;
const WORDS = new Set(
  "by without bool offset on ignoring group_left group_right or and unless unwrap json regexp logfmt unpack pattern label_format line_format decolorize drop keep".split(
    " ",
  ),
);
const FUNCTIONS = new Set(
  `rate rate_counter count_over_time bytes_rate bytes_over_time avg_over_time sum_over_time min_over_time max_over_time
  stdvar_over_time stddev_over_time quantile_over_time first_over_time last_over_time absent_over_time vector sum avg max
  min count stddev stdvar bottomk topk sort sort_desc label_replace approx_topk bytes duration duration_seconds ip`.split(
    /\s+/,
  ),
);
const BYTE_UNITS = new Map(
  ["", "K", "M", "G", "T", "P"].flatMap((unit, power) => [
    [`${unit}B`.toLowerCase(), 1_000 ** power] as const,
    [`${unit}iB`.toLowerCase(), 1_024 ** power] as const,
  ]),
);

/** Cuts a query into tokens; the last is `$end`, or an `error` whose text is what is wrong. */
export function tokensOf(query: string): Token[] {
  const tokens: Token[] = [];
  const reader = new Reader(query);
  for (;;) {
    const token = nextToken(reader);
    tokens.push(token);
    if (token.kind === "$end" || token.kind === "error") return tokens;
  }
}

function nextToken(reader: Reader): Token {
  reader.skip();
  const start = { line: reader.line, col: reader.col };
  /** Go's scanner forgets its line when it is moved by hand, as Loki does in signs of two characters and in durations. */
  const moved = { line: 0, col: reader.col };
  const token = (kind: string, text: string, at = start): Token => {
    reader.take(text.length);
    return { kind, text, ...at };
  };
  const rest = reader.rest();
  if (rest === "") return token("$end", "");
  if (rest.startsWith("[")) {
    const text = reader.take(rest.indexOf("]") + 1);
    return { text, ...rangeToken(rest), ...moved };
  }
  const quoted = /^("(?:[^"\\\n]|\\[^\n])*"|`[^`]*`)/.exec(rest)?.[0];
  if (quoted?.includes("\0")) return { kind: "error", text: "invalid character NUL", ...start };
  if (quoted !== undefined) {
    const text = unquote(quoted);
    reader.take(quoted.length);
    return text === undefined
      ? { kind: "error", text: "invalid char escape", ...start }
      : { kind: "STRING", text, ...start };
  }
  if (/^["`]/.test(rest)) return { kind: "error", text: "literal not terminated", ...start };
  const character = /^'[^'\n]*'?/.exec(rest)?.[0];
  if (character !== undefined) return token("IDENTIFIER", character);
  const number = /^-?[\d.]*\d[\p{L}\d.]*/u.exec(rest)?.[0];
  if (number !== undefined) return numberToken(number, token, moved);
  const word = /^[\p{L}_][\p{L}\p{N}_]*/u.exec(rest)?.[0];
  if (word !== undefined) return token(kindOfWord(word, rest.slice(word.length)), word);
  const sign = SIGNS.exec(rest)?.[0];
  if (sign === undefined) return token("IDENTIFIER", String.fromCodePoint(rest.codePointAt(0) ?? 0));
  if (sign.startsWith("--")) return token("PARSER_FLAG", sign, moved);
  return token(sign, sign, sign.length === 2 ? moved : start);
}

function rangeToken(rest: string): { kind: "RANGE"; ns: bigint } | { kind: "error"; text: string } {
  const end = rest.indexOf("]");
  if (end < 0) return { kind: "error", text: "missing closing ']' in duration" };
  const range = prometheusDuration(rest.slice(1, end));
  return "ns" in range ? { kind: "RANGE", ns: range.ns } : { kind: "error", text: range.why };
}

function numberToken(
  text: string,
  token: (kind: string, text: string, at?: { line: number; col: number }) => Token,
  moved: { line: number; col: number },
): Token {
  if (/^-?[\d.]+$/.test(text)) return token("NUMBER", text);
  const ns = anyDuration(text);
  if (ns !== undefined) return { ...token("DURATION", text, moved), ns };
  const bytes = bytesOf(text);
  if (bytes !== undefined) return { ...token("BYTES", text, moved), bytes };
  return token("NUMBER", /^-?[\d.]+/.exec(text)?.[0] ?? text);
}

/** 10KB, 1.5MiB. */
export function bytesOf(text: string): number | undefined {
  const [, amount, unit = ""] = /^(\d+(?:\.\d+)?)\s*([a-z]+)$/i.exec(text) ?? [];
  const factor = BYTE_UNITS.get(unit.toLowerCase());
  return amount === undefined || factor === undefined ? undefined : Math.floor(Number(amount) * factor);
}

function kindOfWord(word: string, after: string): string {
  const lower = word.toLowerCase();
  // A function is one only where a parenthesis or a grouping follows; else it is a label's name.
  if (FUNCTIONS.has(lower)) return /^\s*(\(|(by|without)\s*\()/i.test(after) ? lower : "IDENTIFIER";
  if (WORDS.has(lower)) return lower;
  // Recorded: a name in other letters is reported as a STRING.
  return /^[\x00-\x7f]*$/.test(word) ? "IDENTIFIER" : "STRING";
}

/** Where in the query one is, in lines and characters (not UTF-16 units) from 1. */
class Reader {
  line = 1;
  col = 1;
  #at = 0;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  rest(): string {
    return this.#text.slice(this.#at);
  }

  /** Blanks, Go's four and no others, and comments up to the end of their line. */
  skip(): void {
    const blank = /^(?:[ \t\r\n]|#[^\n]*)+/.exec(this.rest())?.[0];
    if (blank !== undefined) this.take(blank.length);
  }

  take(length: number): string {
    const taken = this.#text.slice(this.#at, this.#at + length);
    for (const character of taken) {
      if (character === "\n") {
        this.line += 1;
        this.col = 1;
      } else this.col += 1;
    }
    this.#at += length;
    return taken;
  }
}
