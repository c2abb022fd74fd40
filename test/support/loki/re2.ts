import { classItem, escapeOf, literal } from "./re2Escapes.ts";

export interface Expression {
  test(text: string): boolean;
  exec(text: string): RegExpExecArray | null;
}

interface Flags {
  i: boolean;
  s: boolean;
  m: boolean;
}

const REPEAT = /^(?:[*+?]|\{\d+(?:,\d*)?\})/;
const cache = new Map<string, Expression | { why: string }>();

/**
 * An expression of Go's regexp (RE2) as JavaScript has it. They differ in what Loki's users meet daily: flags
 * in the middle, the dot and `\s`, `^` and `$`, what may be escaped, and that RE2 knows no looking around.
 * The whole pattern under `(?i)` becomes JavaScript's own flag, which folds letters as Go does.
 */
export function re2(
  pattern: string,
  { anchored = false, dotAll = false }: { anchored?: boolean; dotAll?: boolean } = {},
): Expression | { why: string } {
  const key = `${anchored}${dotAll}${pattern}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const made = compile(pattern, anchored, dotAll);
  if (cache.size > 500) cache.clear();
  cache.set(key, made);
  return made;
}

function compile(pattern: string, anchored: boolean, dotAll: boolean): Expression | { why: string } {
  // `(?i)` right at the start, and no other word about case: the usual form.
  const wholeIgnoresCase = /^\(\?[sm]*i[sm]*\)/.test(pattern) && !/\(\?[a-zA-Z-]*i/.test(pattern.slice(3));
  try {
    const source = new Translation(pattern, { i: false, s: dotAll, m: false }, wholeIgnoresCase).run();
    return new RegExp(anchored ? `^(?:${source})$` : source, wholeIgnoresCase ? "iu" : "u");
  } catch (problem) {
    if (problem instanceof Refusal) return { why: problem.message };
    throw new Error(`The stand-in cannot translate the regular expression ${JSON.stringify(pattern)}.`, {
      cause: problem,
    });
  }
}

class Refusal extends Error {}

class Translation {
  readonly #pattern: string;
  readonly #wholeIgnoresCase: boolean;
  #flags: Flags;
  #at = 0;
  #out = "";
  readonly #open: Flags[] = [];

  constructor(pattern: string, flags: Flags, wholeIgnoresCase: boolean) {
    this.#pattern = pattern;
    this.#flags = flags;
    this.#wholeIgnoresCase = wholeIgnoresCase;
  }

  run(): string {
    let repeatable = false;
    while (this.#at < this.#pattern.length) {
      const repeat = REPEAT.exec(this.#rest())?.[0];
      if (repeat !== undefined) {
        if (!repeatable) throw new Refusal(`missing argument to repetition operator: \`${repeat}\``);
        this.#repeat(repeat);
        repeatable = false;
        // What may follow is not another repetition.
        const nested = REPEAT.exec(this.#rest())?.[0];
        if (nested !== undefined)
          throw new Refusal(`invalid nested repetition operator: \`${repeat}${nested}\``);
      } else repeatable = this.#piece();
    }
    if (this.#open.length > 0) throw new Refusal(`missing closing ): \`${this.#pattern}\``);
    return this.#out;
  }

  #rest(): string {
    return this.#pattern.slice(this.#at);
  }

  #repeat(repeat: string): void {
    const most = Math.max(...[...repeat.matchAll(/\d+/g)].map(([count]) => Number(count)), 0);
    if (most > 1_000) throw new Refusal(`invalid repeat count: \`${repeat}\``);
    this.#at += repeat.length;
    const lazy = this.#pattern[this.#at] === "?" ? "?" : "";
    this.#at += lazy.length;
    this.#out += repeat + lazy;
  }

  /** One thing that stands for itself; whether it may be repeated. */
  #piece(): boolean {
    const character = String.fromCodePoint(this.#pattern.codePointAt(this.#at) ?? 0);
    switch (character) {
      case "(":
        return this.#group();
      case ")": {
        const outer = this.#open.pop();
        if (outer === undefined) throw new Refusal(`unexpected ): \`${this.#pattern}\``);
        this.#flags = outer;
        return this.#emit(1, ")");
      }
      case "|":
        this.#emit(1, "|");
        return false;
      case ".":
        return this.#emit(1, this.#flags.s ? "[^]" : "[^\\n]");
      case "^":
        return this.#emit(1, this.#flags.m ? "(?:(?<![^\\n]))" : "(?:^)");
      case "$":
        return this.#emit(1, this.#flags.m ? "(?:(?![^\\n]))" : "(?:$)");
      case "[":
        return this.#class();
      case "\\":
        return this.#escape();
      default:
        return this.#emit(character.length, literal(character, this.#flags.i));
    }
  }

  #emit(taken: number, source: string): true {
    this.#at += taken;
    this.#out += source;
    return true;
  }

  #group(): boolean {
    const rest = this.#rest();
    const named = /^\(\?P?<([A-Za-z_]\w*)>/.exec(rest);
    if (!rest.startsWith("(?")) {
      this.#open.push(this.#flags);
      this.#emit(1, "(");
      return false;
    }
    if (named !== null) {
      this.#open.push(this.#flags);
      this.#emit(named[0].length, `(?<${named[1]}>`);
      return false;
    }
    const [all, on = "", off = "", end] = /^\(\?([ims]*)(?:-([ims]+))?([:)])/.exec(rest) ?? [];
    if (all === undefined) {
      const shown = /^\(\?(?:P?<|.)?/s.exec(rest)?.[0] ?? "(?";
      throw new Refusal(`invalid or unsupported Perl syntax: \`${shown}\``);
    }
    const before = this.#flags;
    this.#flags = { ...before };
    for (const flag of on) if (flag === "i" || flag === "s" || flag === "m") this.#flags[flag] = true;
    for (const flag of off) if (flag === "i" || flag === "s" || flag === "m") this.#flags[flag] = false;
    if (this.#wholeIgnoresCase) this.#flags.i = false;
    this.#at += all.length;
    if (end === ":") {
      this.#open.push(before);
      this.#out += "(?:";
    }
    return false;
  }

  #escape(): true {
    const rest = this.#rest();
    if (rest.startsWith("\\Q")) {
      const end = rest.indexOf("\\E");
      const text = rest.slice(2, end < 0 ? undefined : end);
      const quoted = [...text].map((one) => literal(one, this.#flags.i)).join("");
      return this.#emit(end < 0 ? rest.length : end + 2, quoted);
    }
    const found = escapeOf(rest, this.#flags.i);
    if ("why" in found) throw new Refusal(found.why);
    return this.#emit(found.length, found.source);
  }

  #class(): true {
    const from = this.#at;
    const unclosed = () => new Refusal(`missing closing ]: \`${this.#pattern.slice(from)}\``);
    this.#at += 1;
    let out = "[";
    if (this.#pattern[this.#at] === "^") {
      out += "^";
      this.#at += 1;
    }
    for (let first = true; first || this.#pattern[this.#at] !== "]"; first = false) {
      if (this.#at >= this.#pattern.length) throw unclosed();
      const item = classItem(this.#rest(), this.#flags.i);
      if ("why" in item) throw new Refusal(item.why);
      out += item.source;
      this.#at += item.length;
    }
    return this.#emit(1, `${out}]`);
  }
}
