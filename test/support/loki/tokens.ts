import { type LokiFailure, parseErrorAt } from "./failure.ts";
import { type Token, tokensOf } from "./lexer.ts";

export const MATCH_OPS = ["=", "!=", "=~", "!~"] as const;

/** A walk over the tokens of a query that fails as Loki's parser does. */
export class Tokens {
  readonly #tokens: Token[];
  #at = 0;

  constructor(query: string) {
    this.#tokens = tokensOf(query);
  }

  peek(): Token {
    const token = this.#tokens[this.#at];
    if (token === undefined) throw new Error("The walk went past the end of the query.");
    if (token.kind === "error") throw parseErrorAt(token.line, token.col, token.text);
    return token;
  }

  next(): Token {
    const token = this.peek();
    if (token.kind !== "$end") this.#at += 1;
    return token;
  }

  accept(kind: string): boolean {
    const { kind: found } = this.peek();
    if (found === kind) this.next();
    return found === kind;
  }

  /** The next token, which must be of this kind; `expected` are the ones the message names. */
  expect(kind: string, expected: readonly string[] = []): Token {
    if (this.peek().kind !== kind) throw this.unexpected(expected);
    return this.next();
  }

  unexpected(expected: readonly string[] = []): LokiFailure {
    const { kind, line, col } = this.peek();
    const wanted = expected.length === 0 ? "" : `, expecting ${expected.join(" or ")}`;
    return parseErrorAt(line, col, `syntax error: unexpected ${kind}${wanted}`);
  }

  /** Whether the token behind the next one is of one of these kinds; nothing is taken. */
  isFollowedBy(kinds: readonly string[]): boolean {
    const kind = this.#tokens[this.#at + 1]?.kind;
    return kind !== undefined && kinds.includes(kind);
  }
}
