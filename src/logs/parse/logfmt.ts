import { type Fields, fieldsOf } from "./fields.ts";
import type { Clock } from "./time.ts";

/** A logfmt line says at least one of these of itself; other lines may hold pairs too. */
const OWN = ["level", "lvl", "msg", "severity", "ts", "time", "message"];

/** The fields of a logfmt line (key=value pairs from its first character on). */
export function logfmtFields(text: string, clock: Clock | undefined, isWhole: boolean): Fields | undefined {
  if (!/^[A-Za-z_@][\w.@/-]{0,63}=/.test(text)) return undefined;
  const pairs = pairsOf(text);
  if (pairs === undefined || pairs.size < 2 || !OWN.some((name) => pairs.has(name))) return undefined;
  const fields = fieldsOf((name) => pairs.get(name), clock, isWhole);
  if (!isWhole || fields.message !== undefined) return fields;
  const rest = [...pairs].filter(([key]) => !OWN.includes(key)).map(([key, value]) => `${key}=${value}`);
  return { ...fields, message: rest.join(" ") };
}

/** The pairs in their order, or nothing where the first words are none. */
function pairsOf(text: string): Map<string, string> | undefined {
  const pairs = new Map<string, string>();
  let at = 0;
  let bare = 0;
  while (at < text.length && pairs.size < 200) {
    while (text.charCodeAt(at) <= 32) at++;
    if (at >= text.length) break;
    const start = at;
    while (at < text.length && text.charCodeAt(at) > 32 && text.charAt(at) !== "=") at++;
    const key = text.slice(start, at);
    if (text.charAt(at) !== "=") {
      bare++;
      if (bare > pairs.size) return undefined;
      continue;
    }
    const value = valueAt(text, at + 1);
    at = value.end;
    if (key !== "" && key.length <= 64 && !pairs.has(key)) pairs.set(key, value.text);
  }
  return pairs;
}

function valueAt(text: string, from: number): { text: string; end: number } {
  let at = from;
  if (text.charAt(at) !== '"') {
    while (at < text.length && text.charCodeAt(at) > 32) at++;
    return { text: text.slice(from, at), end: at };
  }
  for (at++; at < text.length && text.charAt(at) !== '"'; at++) if (text.charAt(at) === "\\") at++;
  return { text: unescaped(text.slice(from + 1, at)), end: at + 1 };
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r" };

function unescaped(text: string): string {
  return text.includes("\\") ? text.replace(/\\(.)/g, (_whole, char: string) => ESCAPES[char] ?? char) : text;
}
