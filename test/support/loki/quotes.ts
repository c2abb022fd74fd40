const SHORT = new Map([
  ["a", "\x07"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
  ["v", "\v"],
  ["\\", "\\"],
  ['"', '"'],
]);
const ESCAPE = /\\(?:([abfnrtv\\"])|x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{3}))/y;

/** What a string in double quotes or backticks says, by Go's rules; undefined where an escape is none. */
export function unquote(quoted: string): string | undefined {
  const inner = quoted.slice(1, -1);
  // Go leaves carriage returns out of raw strings.
  if (quoted.startsWith("`")) return inner.replaceAll("\r", "");
  let text = "";
  for (let at = 0; at < inner.length; ) {
    const next = inner.indexOf("\\", at);
    if (next < 0) return text + inner.slice(at);
    text += inner.slice(at, next);
    ESCAPE.lastIndex = next;
    const [all, short, hex, unicode, long, octal] = ESCAPE.exec(inner) ?? [];
    if (all === undefined) return undefined;
    text += short !== undefined ? SHORT.get(short) : character(hex ?? unicode ?? long, octal);
    at = next + all.length;
  }
  return text;
}

function character(hex: string | undefined, octal: string | undefined): string {
  const code = hex === undefined ? Number.parseInt(octal ?? "0", 8) : Number.parseInt(hex, 16);
  // Half a surrogate pair is no character to Go.
  return code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? "\ufffd" : String.fromCodePoint(code);
}

/** A string as Go's %q writes it, for messages. */
export function quote(text: string): string {
  return JSON.stringify(text);
}
