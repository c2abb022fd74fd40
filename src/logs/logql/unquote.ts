/** What an escape of one letter stands for. */
const LETTERS: Readonly<Record<string, string>> = {
  a: "\u0007",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
  '"': '"',
};

const NUMBERS = /\\(?:x([0-9a-fA-F]{2})|([0-7]{3})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/y;

/**
 * The value of a double-quoted string as Go reads it, https://go.dev/ref/spec#String_literals: `\xNN` and `\NNN`
 * are bytes, `\u` and `\U` are characters, and half a surrogate pair is none, so U+FFFD.
 * @param body what stands between the quotes
 */
export function unquoted(body: string): { value: string } | { wrongEscape: string } {
  if (!body.includes("\\")) return { value: body };
  // Bytes first: several escapes of one byte each can make up one character.
  const parts: Buffer[] = [];
  let at = 0;
  while (at < body.length) {
    const slash = body.indexOf("\\", at);
    const end = slash < 0 ? body.length : slash;
    if (end > at) parts.push(Buffer.from(body.slice(at, end)));
    if (slash < 0) break;
    const letter = LETTERS[body.charAt(slash + 1)];
    const { bytes, length } =
      letter === undefined ? numbered(body, slash) : { bytes: Buffer.from(letter), length: 2 };
    if (bytes === undefined) return { wrongEscape: [...body.slice(slash, slash + 3)].slice(0, 2).join("") };
    parts.push(bytes);
    at = slash + length;
  }
  return { value: Buffer.concat(parts).toString() };
}

function numbered(body: string, at: number): { bytes: Buffer | undefined; length: number } {
  NUMBERS.lastIndex = at;
  const [whole = "", hex, octal, short, long] = NUMBERS.exec(body) ?? [];
  const byte = hex ? Number.parseInt(hex, 16) : Number.parseInt(octal ?? "", 8);
  if (hex ?? octal) return { bytes: byte > 0xff ? undefined : Buffer.of(byte), length: whole.length };
  const char = Number.parseInt(short ?? long ?? "", 16);
  // Buffer makes U+FFFD of a lone surrogate, as Go does.
  const isChar = char <= 0x10ffff;
  return { bytes: isChar ? Buffer.from(String.fromCodePoint(char)) : undefined, length: whole.length };
}
