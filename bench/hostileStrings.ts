/** Makes strings that no program should write: the same for a seed. */
export interface HostileStrings {
  /** Mostly short, one in a thousand up to 64 KB. */
  next(): string;
  /** Of so many characters, of one of the shapes in turn. */
  long(chars: number): string;
}

/** Pieces that rules, parsers and tokens look for, in any order. */
const PIECES = [
  ...[
    "password",
    "token=",
    "secret: ",
    "Bearer ",
    "api_key",
    "Authorization: Basic ",
    "cookie: a=b; ",
    "PRIVATE KEY",
  ],
  ...[
    "-----BEGIN RSA PRIVATE KEY-----",
    "-----END",
    "eyJhbGciOi.eyJz.sig",
    "AKIA",
    "ghp_",
    "xoxb-",
    "://",
    "a:b@c",
  ],
  ...[
    "bob@example.com",
    "4111 1111 1111 1111",
    "+49 30 1234567",
    "DE89 3704 0044 0532 0130 00",
    "123-45-6789",
  ],
  ...[
    "<redacted:",
    "<redacted:jwt>",
    "<redacted:jwt#1>",
    "<*>",
    "at ",
    "\n\tat a.b(C.java:1)",
    'File "x", line 1, in y',
  ],
  ...[
    "Caused by: ",
    "goroutine 1 [running]:",
    "panic: ",
    "Error: ",
    "E0101 12:00:00.1 1 a.go:1] ",
    "2026-11-28T10:00:00Z ",
  ],
  ...[
    "Nov 28 10:00:00 host app[1]: ",
    "<34>1 ",
    "level=error ",
    'msg="',
    '{"msg":"',
    '"err":{"stack":"',
    "\\n",
    "\\u0000",
  ],
  ...[
    "insert into t (a, password) values ('",
    "--password ",
    "curl -u ",
    "| a | b |\n",
    "net use z: \\\\h\\s ",
    "%3A%2F%2F",
  ],
  ...[
    "\u0000",
    "\u001b[31m",
    "\u001b]0;",
    "\u200b",
    "\u202e",
    "\ud800",
    "\udc00",
    "\u2028",
    "\ufeff",
    "\u00a0",
    "＝",
    "→",
  ],
  ...[
    "密码：",
    "пароль=",
    "é",
    "😀",
    "\r\n",
    "\t",
    " ",
    "  ",
    "   ",
    ":",
    "=",
    ";",
    ",",
    "|",
    "'",
    '"',
    "`",
    "(",
    ")",
    "[",
  ],
  ...[
    "]",
    "{",
    "}",
    "<",
    ">",
    "/",
    "\\",
    "@",
    "#",
    "&",
    "?",
    "%",
    "+",
    "-",
    "_",
    ".",
    "..",
    "::",
    "$",
    "*",
    "a",
    "Z",
    "0",
  ],
];

/** What patterns that go back and forth choke on: long runs, of one thing or of things that nearly match. */
const SHAPES = [
  ...[
    "a",
    "0",
    " ",
    "\n",
    '"',
    "'",
    "\\",
    "{",
    "(",
    "[",
    ":",
    "=",
    ".",
    "-",
    "/",
    "@",
    ",",
    "|",
    "<",
    "\t",
    "\u0000",
    "é",
  ],
  ...[
    "a.",
    "a:",
    "a=",
    "a@",
    "a ",
    "0 ",
    "A1",
    "aA",
    "()",
    "{}",
    "[]",
    '""',
    "\\\\",
    "\\n",
    "://",
    "a/b",
    "a-b",
    "..",
    "::",
  ],
  ...[
    "password=x1 ",
    "password ",
    "https://bob:x7Kp@h.io/a ",
    "bob@example.com ",
    "token ",
    "Cookie: a=b; ",
    "key: ",
  ],
  ...[
    "-----BEGIN RSA PRIVATE KEY-----\n",
    "eyJhbGciOi.eyJz.sig ",
    "curl -u a:b --password x ",
    "4111 1111 1111 1111 ",
  ],
  ...[
    "<password>x</password>",
    '\\"password\\":\\"x\\",',
    "| password | x |\n",
    "insert into t (password) values ('x'); ",
  ],
  ...[
    "recovery codes: a1b2-c3d4, ",
    "seed phrase: abandon ability ",
    "digest response= ",
    "secrets: {a: b} ",
    "пароль: x ",
  ],
  ...[
    "\ud800",
    "\u200b",
    "\u001b[31m",
    "at a.b(C.java:1)\n",
    "Caused by: a\n",
    'File "x", line 1\n',
    "Error: ",
    "E",
    "A.A.",
  ],
  ...[
    "k=v ",
    'k="v" ',
    '{"a":',
    "2026-11-28T10:00:00Z ",
    "Nov 28 10:00:00 a b: ",
    "[a] ",
    "name=password value=x ",
    "as x:y ",
  ],
];

export function createHostileStrings(seed: number): HostileStrings {
  let state = seed >>> 0;
  // https://en.wikipedia.org/wiki/Xorshift
  const draw = (limit: number): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
  const of = (texts: readonly string[]) => texts[draw(texts.length)] as string;
  let shape = 0;
  const anyChars = (count: number) =>
    Array.from({ length: count }, () => String.fromCharCode(draw(draw(4) === 0 ? 65_536 : 128))).join("");
  const pieces = (count: number) => Array.from({ length: count }, () => of(PIECES)).join("");
  const runs = () => of(SHAPES).repeat(1 + draw(40)) + of(PIECES);

  return {
    next() {
      switch (draw(8)) {
        case 0:
          return anyChars(draw(120));
        case 1:
          return runs() + runs();
        case 2:
          return pieces(1 + draw(4)) + anyChars(draw(60)) + pieces(draw(4));
        case 3:
          return draw(125) === 0 ? this.long(draw(65_536)) : runs();
        default:
          return pieces(1 + draw(14));
      }
    },
    long(chars) {
      const text = SHAPES[shape++ % SHAPES.length] as string;
      // A beginning that is read, and an end that does not match.
      return (
        `${of(PIECES)}${text.repeat(Math.ceil(chars / text.length))}`.slice(0, chars) +
        of(["", "!", "\n", "x"])
      );
    },
  };
}
