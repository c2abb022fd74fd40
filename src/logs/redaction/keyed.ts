import { type Below, belowKey, meaningBelow } from "./below.ts";
import { isSecret, type Pair, passphraseEnd } from "./judge.ts";
import { type Key, keyBefore } from "./keyBefore.ts";
import { type KeyMeaning, type KeyRole, roleOf } from "./keyNames.ts";
import type { Mark } from "./mark.ts";
import { type Separator, separatorFrom } from "./separators.ts";
import { quotedFrom, valueAfter } from "./values.ts";

/** How far a value may stand from the name that another value gives it. */
const NAMED_CHARS = 240;
/** Longest name that a value gives to another one. */
const NAME_CHARS = 96;
/** Longest value that is searched for other pairs. */
const REREAD_CHARS = 512;

/**
 * Replaces the values of keys that are named like a secret: `k=v`, `k: v`, `k => v`, `"k":"v"` however
 * often escaped, `k%3Dv`, `<k>v</k>`, `('k', 'v')`, `k=[v]`, `| k | v |`, `{"name":"k","value":"v"}`, and what
 * stands below such a key. One pass from separator to separator; a value once read is never read again.
 */
export function redactKeyed(text: string, mark: Mark): string {
  const reading = new Reading(text);
  let at = 0;
  for (;;) {
    const separator = separatorFrom(text, at);
    if (separator === undefined) return reading.redacted(mark);
    at = reading.read(separator);
  }
}

interface Finding {
  from: number;
  to: number;
  kind: string;
}

/** Lines come again with other values: their keys are told once. What may be a secret itself is not remembered. */
const MAY_BE_KEPT = /^[\p{L}_.$ -]{1,40}$/u;
const roles = new Map<string, KeyRole>();
const MOST_ROLES = 10_000;

function knownRole(name: string): KeyRole {
  const known = roles.get(name);
  if (known !== undefined) return known;
  if (roles.size >= MOST_ROLES) roles.clear();
  const role = roleOf(name);
  if (!MAY_BE_KEPT.test(name)) return role;
  // A slice of a line would keep all of it.
  roles.set(Buffer.from(name).toString(), role);
  return role;
}

/** One pass over a text, with what it must remember on its way. */
class Reading {
  private readonly findings: Finding[] = [];
  private below: Below | undefined;
  /** What a value said of another one: `"name": "DB_PASSWORD"`. */
  private named: { meaning: KeyMeaning; at: number; by: string } | undefined;
  /** A value whose name may follow. */
  private held: { key: Key; separator: Separator } | undefined;
  private readonly text: string;
  /** Of a Secret of Kubernetes all data are secret, whatever they are called; their kind may stand behind them. */
  private readonly isSecretOfCluster: boolean;
  /** Parts of a key of RFC 7517 have one letter or two. */
  private readonly isKey: boolean;

  constructor(text: string) {
    this.text = text;
    this.isSecretOfCluster = SECRET_OF_CLUSTER.test(text);
    this.isKey = text.includes("kty");
  }

  /** Reads the pair around a separator. @returns where to read on */
  read(separator: Separator): number {
    const whole = keyBefore(this.text, separator);
    if (whole === undefined || this.isInArn(whole)) return separator.to;
    const key = this.withoutEscape(whole);
    const role = this.roleOf(key.name);
    if (this.below !== undefined && separator.from > this.below.to) this.below = undefined;
    const meaning = this.meaningOf(key, role);
    if (meaning !== undefined || role.below !== undefined) this.descend(key, separator, role);
    if (meaning === undefined && separator.kind === "comma") return separator.to;
    if (meaning === undefined) {
      this.remember(key, separator, role);
      return separator.to;
    }
    const value = valueAfter(this.text, separator, meaning);
    if (value === undefined) return separator.to;
    const pair = { text: this.text, key, separator, value };
    const end = meaning.kind === "password" ? passphraseEnd(pair) : undefined;
    if (end !== undefined) value.to = end;
    // A sentence in quotes may hold another pair; read again and again, a long one would take quadratic time.
    else if (!isSecret(pair, meaning)) {
      if (value.quoted) this.readList(pair, meaning);
      return value.text.length > REREAD_CHARS ? value.to : separator.to;
    }
    this.findings.push({ from: value.from, to: value.to, kind: meaning.kind });
    return Math.max(separator.to, value.quoted ? this.readList(pair, meaning) : value.to);
  }

  private roleOf(name: string): KeyRole {
    if (this.isSecretOfCluster && DATA.test(name)) return DATA_OF_SECRET;
    return this.isKey && PRIVATE_PART.test(name) ? PART_OF_KEY : knownRole(name);
  }

  /** `\\nauth: x`: the letter belongs to the escape where the name means something only without it. */
  private withoutEscape(key: Key): Key {
    if (this.text.charAt(key.from - 1) !== "\\" || !/^[nrt]./.test(key.name)) return key;
    const { meaning, below } = this.roleOf(key.name);
    if (meaning !== undefined || below !== undefined) return key;
    return { ...key, name: key.name.slice(1), from: key.from + 1 };
  }

  /** `arn:aws:secretsmanager:eu-central-1:1:secret:shop/db-AbCdEf` is where it is kept. */
  private isInArn(key: Key): boolean {
    return (
      key.name === "secret" &&
      /\barn:aws[\w-]{0,12}:secretsmanager:[\w-]{0,30}:\d{0,12}:$/.test(
        this.text.slice(Math.max(0, key.from - 90), key.from),
      )
    );
  }

  private meaningOf(key: Key, role: KeyRole): KeyMeaning | undefined {
    if (role.meaning !== undefined) return role.meaning;
    if (role.holds || key.name === "string" || key.name === "") {
      const named = this.named;
      this.named = undefined;
      if (named !== undefined && isNear(this.text, named.at, key.from)) return named.meaning;
    }
    if (this.below?.meaning === DATA_OF_SECRET.below) return DATA_OF_SECRET.below;
    return this.below === undefined ? undefined : meaningBelow(this.below, key, role);
  }

  /** Takes the values that stand without a key below this one, and remembers it for those with one. */
  private descend(key: Key, separator: Separator, role: KeyRole): void {
    if (this.below !== undefined) return;
    this.below = belowKey(this.text, key, separator, role);
    if (this.below === undefined) return;
    for (const span of this.below.bare) this.findings.push({ ...span, kind: this.below.meaning.kind });
  }

  private remember(key: Key, separator: Separator, role: KeyRole): void {
    if (role.holds) this.held = { key, separator };
    if (!role.names) return;
    // The next of its kind begins another pair.
    if (this.named?.by === key.name) this.named = undefined;
    const name = valueAfter(this.text, separator, undefined, NAME_CHARS);
    const said = name === undefined ? undefined : knownRole(name.text).meaning;
    if (name === undefined || said === undefined || (/type$/i.test(key.name) && said.kind !== "password"))
      return;
    const meaning: KeyMeaning = PERSONAL_KINDS.test(said.kind) ? said : { kind: said.kind, trust: "certain" };
    if (!this.takeHeld(key, meaning)) this.named = { meaning, at: name.to, by: key.name };
  }

  /** Takes the value that stood before its name. */
  private takeHeld(name: Key, meaning: KeyMeaning): boolean {
    const held = this.held;
    this.held = undefined;
    if (held === undefined) return false;
    const value = valueAfter(this.text, held.separator, meaning);
    if (value === undefined || !isNear(this.text, value.to, name.from)) return false;
    if (!isSecret({ ...held, text: this.text, value }, meaning)) return false;
    this.findings.push({ from: value.from, to: value.to, kind: meaning.kind });
    return true;
  }

  /** The other values of `"k": ["v", "w"]` and of `"v" -> "w"`. @returns where they end */
  private readList(first: Pair, meaning: KeyMeaning): number {
    let at = first.value.to;
    const more = first.value.listed
      ? /^(?:\\{0,15}["'`]|&quot;)\s{0,8},\s{0,8}(?=\\{0,15}["'`]|&quot;)/
      : CHANGED;
    for (;;) {
      const next = more.exec(this.text.slice(at, at + 64));
      const value = next === null ? undefined : quotedFrom(this.text, at + next[0].length);
      if (value === undefined) return at;
      const pair = { ...first, value: { ...first.value, ...value } };
      if (isSecret(pair, meaning)) this.findings.push({ from: value.from, to: value.to, kind: meaning.kind });
      at = value.to;
    }
  }

  redacted(mark: Mark): string {
    if (this.findings.length === 0) return this.text;
    let out = "";
    let kept = 0;
    for (const { from, to, kind } of this.findings.sort((a, b) => a.from - b.from)) {
      // What was found twice, by its key and by what stands above.
      if (from < kept) continue;
      out += this.text.slice(kept, from) + mark(kind, this.text.slice(from, to));
      kept = to;
    }
    return out + this.text.slice(kept);
  }
}

const SECRET_OF_CLUSTER = /kind\\{0,7}["']?\s{0,4}:\s{0,4}\\{0,7}["']?Secret\b/;
const DATA = /^(?:stringData|data)$/;
/** What only who may sign or decrypt has: RFC 7518, 6.2 to 6.4. */
const PRIVATE_PART = /^(?:d|p|q|dp|dq|qi|k)$/;
const PART_OF_KEY: KeyRole = {
  meaning: { kind: "private-key", trust: "likely" },
  names: false,
  holds: false,
};
const DATA_OF_SECRET: KeyRole = { below: { kind: "secret", trust: "likely" }, names: false, holds: false };

/** As a plan of changes shows it. */
const CHANGED = /^\\{0,15}["'`]\s{0,4}(?:->|=>|→)\s{0,4}(?=\\{0,15}["'`])/;
const PERSONAL_KINDS = /^(?:phone|pin|otp|card|iban|ssn|passport)/;

/** Two places of one map or element. */
function isNear(text: string, from: number, to: number): boolean {
  return to - from <= NAMED_CHARS && to >= from && !/[{}]|\n\s*\n/.test(text.slice(from, to));
}
