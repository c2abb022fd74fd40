import type { Key } from "./keyBefore.ts";
import { isHarmlessBelow, type KeyMeaning, type KeyRole } from "./keyNames.ts";
import type { Separator } from "./separators.ts";
import { isPlaceholder, isWordlike } from "./wordlike.ts";

/** The part of a text that stands below a key, in braces or by indentation. */
export interface Below {
  to: number;
  meaning: KeyMeaning;
  /** Any key in it holds a secret (`secrets:`), not only those that are called a value. */
  any: boolean;
  /** Where values without a key stand in it, or all of a block of text. */
  bare: readonly { from: number; to: number }[];
}

/** Bounds what one key is searched for. */
const BELOW_CHARS = 4_096;
const LINES = 64;
/** The end of a line, also where it is written as an escape. */
const LINE_END = /[ \t]{0,8}(?:!\w{1,20}[ ]{1,4})?([|>][+-]?\d?)?[ \t]{0,8}(?:\r?\n|(?:\\{1,7}r)?\\{1,7}n)/y;
const LINE = /([ \t]{0,64})(?![ \t])(- {1,8})?([^\n]{0,1024})(?:\n|$)/y;
/** In a text on one line; what follows its real end is another text. */
const ESCAPED_LINE =
  /([ \t]{0,64})(?![ \t])(- {1,8})?((?:[^\n\\]|\\(?![rn]|\\)){0,1024})(?:(?:\\{1,7}r)?\\{1,7}n|(?=\n|$))/y;

/** What stands below a key whose value is a map, a list or a block of text. */
export function belowKey(text: string, key: Key, separator: Separator, role: KeyRole): Below | undefined {
  const meaning = role.below;
  if (meaning === undefined || (separator.kind !== "colon" && separator.kind !== "equals")) return undefined;
  const any = role.meaning === undefined || /s$/i.test(key.name);
  const brace = /^\s{0,8}(?:\[\s{0,8})?(?:&?[A-Za-z.]{0,40})?\{/.exec(
    text.slice(separator.to, separator.to + 52),
  );
  if (brace !== null) {
    const depth = brace[0].includes("[") ? 2 : 1;
    return { to: braceEnd(text, separator.to + brace[0].length, depth), meaning, any, bare: [] };
  }
  LINE_END.lastIndex = separator.to;
  const end = LINE_END.exec(text);
  if (end === null) return undefined;
  return indented(text, indentOf(text, key.from), LINE_END.lastIndex, end[1] !== undefined, meaning, any);
}

function braceEnd(text: string, from: number, opened: number): number {
  const last = Math.min(text.length, from + BELOW_CHARS);
  let depth = opened;
  for (let at = from; at < last; at++) {
    const code = text.charCodeAt(at);
    if (code === 123 || code === 91) depth++;
    else if ((code === 125 || code === 93) && --depth === 0) return at;
  }
  return last;
}

/** How far a key is indented; one in the middle of a line counts as not at all. */
function indentOf(text: string, from: number): number {
  const before = /(?:^|\n|\\n)([ \t]*(?:- *)?)["']?$/.exec(text.slice(Math.max(0, from - 80), from));
  return before?.[1]?.length ?? 0;
}

function indented(
  text: string,
  indent: number,
  from: number,
  isBlock: boolean,
  meaning: KeyMeaning,
  any: boolean,
): Below | undefined {
  const bare: { from: number; to: number }[] = [];
  let to = from;
  let first = from;
  const pattern = text.charAt(from - 1) === "\n" ? LINE : ESCAPED_LINE;
  for (let line = 0; line < LINES && to < text.length && to - from < BELOW_CHARS; line++) {
    pattern.lastIndex = to;
    const found = pattern.exec(text);
    if (found === null) break;
    const [, blanks = "", dash = "", content = ""] = found;
    // A prompt's answer stands right below it.
    const isAnswer =
      line === 0 &&
      meaning.trust === "certain" &&
      /^[^\s/([{<#]\S{4,127}[^\s;,([{:]$/.test(content) &&
      !isWordlike(content);
    const isDeeper = isAnswer || blanks.length > indent || (dash !== "" && blanks.length === indent);
    if (content.trim() !== "" && !isDeeper) break;
    const at = to + blanks.length + dash.length;
    if (line === 0) first = to + blanks.length;
    if (!isBlock && isBare(content.trim(), meaning)) bare.push(within(content, at));
    if (pattern.lastIndex === to) break;
    to = pattern.lastIndex;
  }
  if (to === from) return undefined;
  if (!isBlock) return { to, meaning, any, bare };
  const block = text.slice(first, to).replace(/(?:\s|\\{1,7}[rn])+$/, "");
  return { to, meaning, any, bare: isBlockSecret(block) ? [{ from: first, to: first + block.length }] : [] };
}

function isBlockSecret(block: string): boolean {
  return block !== "" && !block.includes("<redacted:") && !isPlaceholder(block);
}

/** The value in its quotes, if it has any. */
function within(content: string, at: number): { from: number; to: number } {
  const quoted = /^(["']?)(.*?)\1[\s,]*$/.exec(content);
  const from = at + (quoted?.[1]?.length ?? 0);
  return { from, to: from + (quoted?.[2]?.trimEnd().length ?? content.trimEnd().length) };
}

function isBare(content: string, meaning: KeyMeaning): boolean {
  if (content === "" || /\s|:$|^[{[<#(]/.test(content)) return false;
  const value = content.replace(/^["']|["'],?$|,$/g, "");
  if (
    /=(?!=|$)/.test(value) ||
    isPlaceholder(value) ||
    value.includes("<redacted:") ||
    /^[}\])]+$/.test(value)
  )
    return false;
  return meaning.trust === "certain" ? value.length > 2 : value.length >= 6 && !isWordlike(value);
}

/** What a key means within `below`, where it says nothing by itself. */
export function meaningBelow(below: Below, key: Key, role: KeyRole): KeyMeaning | undefined {
  if (role.holds) return below.meaning;
  if (!below.any || isHarmlessBelow(key.name)) return undefined;
  return { kind: below.meaning.kind, trust: "likely" };
}
