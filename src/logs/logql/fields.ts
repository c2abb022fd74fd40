/** A line's fields by label name. `error` is Loki's word for a line that was not of the form. */
export interface LineFields {
  fields: Map<string, string>;
  error: string;
}

/** Objects in objects; each costs stack. */
const DEEPEST = 64;

/**
 * The fields that `| json` takes from a line: those of objects within objects joined with `_`, numbers as they are
 * written, and no lists. Not JSON.parse, which would round long numbers.
 */
export function jsonLineFields(text: string): LineFields {
  const fields = new Map<string, string>();
  const at = skipSpace(text, 0);
  const isObject = text.charAt(at) === "{" && objectEnd(text, at, "", fields, 0) !== undefined;
  return { fields, error: isObject ? "" : "JSONParserErr" };
}

/** Where the object ends that begins at `at`; undefined where it is none. */
function objectEnd(
  text: string,
  at: number,
  prefix: string,
  fields: Map<string, string>,
  depth: number,
): number | undefined {
  let next = skipSpace(text, at + 1);
  if (text.charAt(next) === "}") return next + 1;
  for (;;) {
    const key = matchAt(STRING, text, next);
    if (key === undefined) return undefined;
    next = skipSpace(text, next + key.length);
    if (text.charAt(next) !== ":") return undefined;
    next = skipSpace(text, next + 1);
    const end = valueEnd(text, next, prefix + labelOf(decoded(key), prefix), fields, depth);
    if (end === undefined) return undefined;
    next = skipSpace(text, end);
    if (text.charAt(next) === "}") return next + 1;
    if (text.charAt(next) !== ",") return undefined;
    next = skipSpace(text, next + 1);
  }
}

function valueEnd(
  text: string,
  at: number,
  name: string,
  fields: Map<string, string>,
  depth: number,
): number | undefined {
  const first = text.charAt(at);
  if (first === "{" && depth < DEEPEST) return objectEnd(text, at, `${name}_`, fields, depth + 1);
  if (first === "{" || first === "[") return bracketsEnd(text, at);
  const value = matchAt(STRING, text, at) ?? matchAt(BARE, text, at);
  if (value === undefined) return undefined;
  // A null has no label, and a label with no name is none.
  if (value !== "null" && name !== "") fields.set(name, first === '"' ? decoded(value) : value);
  return at + value.length;
}

const STRING = /"[^"\\]*(?:\\[\s\S][^"\\]*)*"/y;
const BARE = /true|false|null|-?\d[\d.eE+-]*/y;
const SPACE = /[ \t\r\n]*/y;

/** Where the list or object ends, whatever it holds. */
function bracketsEnd(text: string, at: number): number | undefined {
  let open = 0;
  for (let next = at; next < text.length; next++) {
    const char = text.charAt(next);
    if (char === '"') next += (matchAt(STRING, text, next)?.length ?? text.length) - 1;
    else if (char === "{" || char === "[") open++;
    else if ((char === "}" || char === "]") && --open === 0) return next + 1;
  }
  return undefined;
}

/** A JSON string's value; what cannot be one is empty, as in Loki. */
function decoded(literal: string): string {
  if (!literal.includes("\\")) return literal.slice(1, -1);
  try {
    return String(JSON.parse(literal));
  } catch {
    // An escape that JSON does not have.
    return "";
  }
}

/** A field's name as a label: `http.status-code` is `http_status_code`, `2xx` is `_2xx`. */
function labelOf(key: string, prefix = ""): string {
  const label = key.trim().replace(/[^a-zA-Z0-9_]/gu, "_");
  return prefix === "" && /^\d/.test(label) ? `_${label}` : label;
}

function skipSpace(text: string, at: number): number {
  return at + (matchAt(SPACE, text, at)?.length ?? 0);
}

const PAIR =
  /([^="\u0000-\u0020]+)(?:=(?:"([^"\\]*(?:\\[\s\S][^"\\]*)*)"|([^="\u0000-\u0020]*)(?=[\u0000-\u0020]|$)))?/y;
const WORD = /[^\u0000-\u0020]+/y;
const LOGFMT_SPACE = /[\u0000-\u0020]*/y;

/** The fields that `| logfmt` takes from a line: `key=value` and `key="quoted value"`, and nothing of what is neither. */
export function logfmtLineFields(
  text: string,
  { isStrict, keepsEmpty }: { isStrict: boolean; keepsEmpty: boolean },
): LineFields {
  const fields = new Map<string, string>();
  for (let at = 0; ; ) {
    at += matchAt(LOGFMT_SPACE, text, at)?.length ?? 0;
    if (at >= text.length) return { fields, error: "" };
    PAIR.lastIndex = at;
    const [whole = "", key = "", inQuotes, bare = ""] = PAIR.exec(text) ?? [];
    const end = at + whole.length;
    const next = text.charCodeAt(end);
    // A key on its own ends at white space, or is the beginning of something else.
    const isWhole = whole !== "" && (inQuotes !== undefined || Number.isNaN(next) || next <= 32);
    if (!isWhole) {
      if (isStrict) return { fields, error: "LogfmtParserErr" };
      // An open quote takes the rest of the line with it.
      if (text.startsWith('="', end)) return { fields, error: "" };
      at += matchAt(WORD, text, at)?.length ?? 1;
      continue;
    }
    const value = inQuotes === undefined ? bare : decoded(`"${inQuotes}"`);
    if (value !== "" || keepsEmpty) fields.set(labelOf(key), value);
    at = end;
  }
}

function matchAt(sticky: RegExp, text: string, at: number): string | undefined {
  sticky.lastIndex = at;
  return sticky.exec(text)?.[0];
}
