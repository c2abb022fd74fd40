import { faultAt, quoted } from "./fault.ts";
import { lex, type Token } from "./lexer.ts";
import { isReserved } from "./names.ts";
import { compileRe2 } from "./re2.ts";
import { regexSize } from "./regexSize.ts";

/** Of all regular expressions of a query together: compiling them takes up to a fifth of a second. */
const LARGEST_REGEXES = 20_000;

const EXAMPLE = '{service_name="checkout"} |= "timeout"';

/** A query on its way through the parser: what comes next, and the errors of what should have come. */
export class Tokens {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #next = 0;
  #regexSize = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = lex(text);
  }

  /** How many tokens were taken. */
  get taken(): number {
    return this.#next;
  }

  /** @throws UserError where what comes cannot be read at all. */
  peek(ahead = 0): Token {
    const token = this.#tokens[Math.min(this.#next + ahead, this.#tokens.length - 1)];
    if (token === undefined) throw new RangeError("every query has an end");
    if (token.kind === "fault" && ahead === 0) throw faultAt(this.#text, token.at, token.what);
    return token;
  }

  take(): Token {
    const token = this.peek();
    this.#next++;
    return token;
  }

  isOp(...ops: readonly string[]): boolean {
    const token = this.peek();
    return token.kind === "op" && ops.includes(token.text);
  }

  takeOp<Op extends string>(...ops: readonly Op[]): Op | undefined {
    const { text } = this.peek();
    const op = this.isOp(...ops) ? ops.find((one) => one === text) : undefined;
    if (op !== undefined) this.#next++;
    return op;
  }

  expectOp(op: string): void {
    if (this.takeOp(op) === undefined) this.fail(`"${op}"`);
  }

  /** The name that comes, in lower case: `OR` is `or` to Loki. */
  word(ahead = 0): string | undefined {
    const token = this.peek(ahead);
    return token.kind === "name" ? token.text.toLowerCase() : undefined;
  }

  takeWord(word: string): boolean {
    const isNext = this.word() === word;
    if (isNext) this.#next++;
    return isNext;
  }

  /** Whether a word comes that calls something, as `ip(` does. */
  isCall(word = this.word()): boolean {
    const next = this.peek(1);
    return word !== undefined && this.word() === word && next.kind === "op" && next.text === "(";
  }

  isLabel(): boolean {
    const word = this.word();
    return word !== undefined && !isReserved(word);
  }

  label(expected = "a label's name"): string {
    if (this.isLabel()) return this.take().text;
    const { kind, text } = this.peek();
    if (kind === "name") this.failBare(`${quoted(text)} is a word of LogQL and cannot be a label's name`);
    return this.fail(expected);
  }

  string(expected = 'a text in double quotes ("…")'): string {
    const token = this.peek();
    if (token.kind !== "string") return this.fail(expected);
    this.#next++;
    return token.value;
  }

  /** A text that is a regular expression. */
  regex(options?: { dotAll?: boolean }): string {
    const token = this.peek();
    const pattern = this.string("a regular expression in double quotes");
    this.#regexSize += regexSize(pattern);
    if (this.#regexSize > LARGEST_REGEXES) {
      const why =
        "the regular expressions up to here are too large: repeat less, such as .* instead of .{1000}";
      throw faultAt(this.#text, token.at, why);
    }
    const regex = compileRe2(pattern, options);
    if ("why" in regex) {
      const why = `the regular expression is none of RE2, which Loki uses (${regex.why.replaceAll("`", '"')})`;
      throw faultAt(this.#text, token.at, why);
    }
    return pattern;
  }

  /** @throws UserError that this was expected instead of what comes. */
  fail(expected: string): never {
    const last = this.#tokens[this.#next - 1];
    const after = last === undefined ? "" : ` after ${named(last)}`;
    return this.failBare(`${expected} is expected${after}, not ${named(this.peek())}`);
  }

  /** @throws UserError that this is something else than a log query. */
  refuse(why: string): never {
    return this.failBare(`search takes one log query, such as ${EXAMPLE}, and ${why}`);
  }

  /** @throws UserError with a sentence of its own, at what comes. */
  failBare(what: string): never {
    throw faultAt(this.#text, this.peek().at, what);
  }

  /** @throws UserError with a sentence of its own, at a token taken before. */
  failBack(taken: number, what: string): never {
    throw faultAt(this.#text, this.#tokens[taken]?.at ?? 0, what);
  }

  /** The query between two counts of tokens taken, without comments. */
  textOf(from: number, to: number): string {
    let text = "";
    for (let index = from; index < to; index++) {
      const token = this.#tokens[index];
      const last = this.#tokens[index - 1];
      if (token === undefined) break;
      // Between tokens stand only white space and comments, and a line feed stays where a comment ends.
      if (index > from && last) text += this.#text.slice(last.end, token.at).replace(/#[^\n]*/g, "");
      text += token.text;
    }
    return text;
  }
}

function named(token: Token): string {
  if (token.kind === "end") return "the end";
  return token.kind === "string" ? `the text ${quoted(token.value)}` : quoted(token.text);
}
