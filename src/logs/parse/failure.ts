/** The class of an error, and the parts of an entry that has a stack. */
export interface Failure {
  errorClass: string | undefined;
  message: string;
  stack: string | undefined;
}

/** How much of a message is searched for a class. */
const SEARCHED_CHARS = 600;
const CLASS =
  /(?<![\w$./-])((?:[A-Za-z_$][\w$]*[.\\]){0,12}[A-Z][\w$]*(?:Error|Exception|Fault|Failure|Panic|Interrupt)|Error|Exception)(?![\w$-])/;
/** Most messages name nothing, and searching them for each of these was a tenth of all parsing. */
const MAY_NAME =
  /Error|Exception|Fault|Failure|Panic|Interrupt|E(?:2BIG|AI_|[A-Z]{3})|SQLSTATE|(?:ORA|PLS|SP2|TNS)-\d/;
const CLASS_END = /(?:Error|Exception|Fault|Failure|Panic|Interrupt)(?![\w$-])/;
const WHOLE_CLASS = new RegExp(
  `^${CLASS.source.slice(CLASS.source.indexOf("("), CLASS.source.lastIndexOf("(?!"))}$`,
);
const ERRNO = /(?<![\w-])E(?:2BIG|[A-Z]{3,14}|AI_[A-Z]{4,8})(?![\w-])/g;
const SQLSTATE = /SQLSTATE[ [(:=]{1,3}([0-9A-Z]{5})(?![0-9A-Z])/;
const CODE = /(?<![\w-])((?:ORA|PLS|SP2|TNS)-\d{4,5})(?!\d)/;
/** The names of errno.h and of Node's resolver that are met in logs: words such as EVENT or ERROR are none. */
const ERRNOS = new Set(
  (
    "EACCES EADDRINUSE EADDRNOTAVAIL EAGAIN EALREADY EBADF EBUSY ECONNABORTED ECONNREFUSED ECONNRESET EDEADLK " +
    "EDESTADDRREQ EDQUOT EEXIST EFAULT EFBIG EHOSTDOWN EHOSTUNREACH EINPROGRESS EINTR EINVAL EIO EISCONN EISDIR " +
    "ELOOP EMFILE EMLINK EMSGSIZE ENAMETOOLONG ENETDOWN ENETRESET ENETUNREACH ENFILE ENOBUFS ENODEV ENOENT ENOEXEC " +
    "ENOLCK ENOMEM ENOSPC ENOSYS ENOTCONN ENOTDIR ENOTEMPTY ENOTFOUND ENOTSOCK ENOTSUP ENXIO EOVERFLOW EPERM EPIPE " +
    "EPROTO ERANGE EROFS ESOCKETTIMEDOUT ESRCH ESTALE ETIMEDOUT ETIMEOUT ETXTBSY EXDEV E2BIG EAI_AGAIN EAI_FAIL EAI_NONAME " +
    "ENODATA ESERVFAIL EREFUSED EINTEGRITY ERESOLVE"
  ).split(" "),
);

/** The class or code of an error that a message names. */
export function errorClassOf(message: string): string | undefined {
  const text = message.slice(0, SEARCHED_CHARS);
  if (!MAY_NAME.test(text)) return panicOf(text);
  const named = classIn(text);
  if (named !== undefined && named !== "Error" && named !== "Exception") return named;
  const errno = errnoIn(text);
  if (errno !== undefined) return errno;
  const state = text.includes("SQLSTATE") ? SQLSTATE.exec(text)?.[1] : undefined;
  if (state !== undefined) return `SQLSTATE ${state}`;
  const code = CODE.exec(text)?.[1];
  if (code !== undefined) return code;
  const panic = panicOf(text);
  if (panic !== undefined) return panic;
  return named !== undefined && new RegExp(`(?:^|[:\\s])${named}(?::|$)`).test(text) ? named : undefined;
}

/** The first class, by its end: looking for it from the beginning of each word took ten times as long. */
function classIn(text: string): string | undefined {
  const found = CLASS_END.exec(text);
  if (found === null) return undefined;
  const end = found.index + found[0].length;
  let from = found.index;
  while (from > 0 && isOfClass(text.charCodeAt(from - 1))) from--;
  const name = text.slice(from, end);
  const before = text.charAt(from - 1);
  return before !== "/" && before !== "-" && WHOLE_CLASS.test(name) ? name : CLASS.exec(text)?.[1];
}

/** `[\w$.\\]` */
function isOfClass(code: number): boolean {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 65 && code <= 90) ||
    (code >= 48 && code <= 57) ||
    code === 95 ||
    code === 46 ||
    code === 36 ||
    code === 92
  );
}

function panicOf(text: string): string | undefined {
  return /^(?:(?:panic|fatal error):|thread '[^'\n]{0,80}' panicked)/.test(text) ? "panic" : undefined;
}

function errnoIn(text: string): string | undefined {
  ERRNO.lastIndex = 0;
  for (let found = ERRNO.exec(text); found !== null; found = ERRNO.exec(text)) {
    if (ERRNOS.has(found[0])) return found[0];
  }
  return undefined;
}

/** A line that begins with a class, as runtimes write an uncaught error. */
const FAILED_AT_START =
  /^(?:(?:Uncaught|Unhandled)\b[^\n:]{0,40}[.:]? ?)?(?:Exception in thread "[^"\n]{0,80}" )?(?:Error|Exception|panic|fatal error|PHP (?:Fatal|Parse) error|Traceback \(most recent|(?:[A-Za-z_$][\w$]*[.\\:]{1,2}){0,12}[A-Z][\w$]*(?:Error|Exception|Fault|Interrupt))(?=[:\s(]|$)/;

/** /app/x.rb:12:in 'place': boom (RuntimeError) */
const RUBY = /^\S{1,300}:\d+:in [`'][^\n]{0,300}\([\w:]{1,80}\)(?:\n|$)/;

/** Whether a message without a level is an error by how it begins. */
export function beginsAsFailure(message: string): boolean {
  // `panic` is the shortest of them.
  if (message.length < 5) return false;
  const text = message.slice(0, SEARCHED_CHARS);
  return (
    FAILED_AT_START.test(text) ||
    /^thread '[^'\n]{0,80}' panicked at/.test(text) ||
    // From each of 300 characters on it would look for a place.
    (text.includes(":in ") && RUBY.test(text))
  );
}

/** A line of a stack in any of the languages that the joiner keeps together. */
export function isFrame(line: string): boolean {
  return line.length > 2 && FRAME.test(line.slice(0, 400));
}

/** Java, Node, .NET · Python · Ruby · Go · PHP · Rust · Java's elision. */
const FRAME =
  /^(?:\s+at \S|\s{1,8}File "|\s+from \S+:\d+|\t\S+:\d+ \+0x|\s{1,8}\S+\.go:\d+|goroutine \d+ \[|created by |[^\s(]{1,200}\.(?:\(\*?\w{1,60}\)\.)?[\w.$-]{1,120}\((?:0x|\{0x|\.\.\.\)|\)$)|#\d+ |\s{0,6}\d+: +\S|\s+\.{3} \d+ (?:more|common)|\s+at$|stack backtrace:|\[?(?:signal|exit status) )/;
const HEADER = /^(?:Traceback \(most recent call last\)|Stack trace:|During handling of|The above exception)/;

const PADDING = "      ";

/** The lines without what .NET's console writes before each line below a message. */
function unpadded(lines: string[]): string[] {
  const isPadded =
    lines[0]?.startsWith(PADDING) === true &&
    beginsAsFailure(lines[0].slice(PADDING.length)) &&
    lines.every((line) => line === "" || line.startsWith(PADDING));
  return isPadded ? lines.map((line) => line.slice(PADDING.length)) : lines;
}

/** Parts a message of several lines: what happened, and the stack without it. */
export function failureOf(text: string): Failure {
  const newline = text.indexOf("\n");
  if (newline < 0) return { errorClass: errorClassOf(text), message: text, stack: undefined };
  const head = text.slice(0, newline).trimEnd();
  const lines = unpadded(text.slice(newline + 1).split("\n", 2_000));
  if (!HEADER.test(head) && !lines.some((line) => isFrame(line) || HEADER.test(line))) {
    return { errorClass: errorClassOf(text), message: text.trimEnd(), stack: undefined };
  }
  // The line that names the error stands before the frames, or after them in Python.
  const said = lines.findLastIndex(
    (line) => !/^\s/.test(line) && beginsAsFailure(line) && !HEADER.test(line),
  );
  const causedBy = lines.findIndex((line) => /^Caused by: /.test(line));
  const first = lines.findIndex(
    (line) => line !== "" && !isFrame(line) && beginsAsFailure(line) && !HEADER.test(line),
  );
  const named = HEADER.test(head) || lines.some((line) => HEADER.test(line)) ? said : first;
  const stack = lines
    .filter((_line, i) => i !== named)
    .join("\n")
    .trim();
  const error = named >= 0 ? (lines[named] ?? "").trim() : "";
  const isCause = causedBy >= 0 && named > causedBy && !HEADER.test(head);
  if (HEADER.test(head))
    return { errorClass: errorClassOf(error), message: error || head, stack: stack || undefined };
  if (error === "" || isCause || /^thread '/.test(head)) {
    // Rust writes the message on the line after the place.
    const message =
      /^thread '/.test(head) && lines[0] !== undefined && !isFrame(lines[0]) ? `${head} ${lines[0]}` : head;
    return { errorClass: errorClassOf(message), message, stack: stack || undefined };
  }
  const message =
    head === "" ? error : head.includes(error) ? head : `${head.replace(/(?<![:\s])[:\s]+$/, "")}: ${error}`;
  return { errorClass: errorClassOf(error) ?? errorClassOf(message), message, stack: stack || undefined };
}
