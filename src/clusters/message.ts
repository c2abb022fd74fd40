import { type Telling, tellLine } from "../logs/parse.ts";
import { redact } from "../logs/redaction.ts";

/** How much of a message can take part. */
const MESSAGE_CHARS = 8_192;
/** How many frames of the project tell one failure from another; more would split it by who called. */
const FRAMES = 3;
/** How many lines of a stack are looked at for them. */
const STACK_LINES = 200;

/** What an entry says, without secrets: the text that is fingerprinted, and that its template is made of. */
export function saidBy(entry: string): string {
  return redact(clusterText(tellLine(entry)));
}

/**
 * The part of an entry that says what kind of thing happened, which is what is fingerprinted: class and
 * message; for a stack also the topmost frames of the project's own code, without line numbers, and the
 * classes of its causes.
 */
export function clusterText(parsed: Telling): string {
  const { errorClass, stack } = parsed;
  const message = parsed.message.slice(0, MESSAGE_CHARS);
  const lines = [
    errorClass === undefined || message.includes(errorClass) ? message : `${errorClass}: ${message}`,
  ];
  if (stack === undefined) return message === "" ? (errorClass ?? "") : (lines[0] ?? "");
  const stackLines = stack.split("\n", STACK_LINES);
  for (const frame of projectFrames(stackLines)) lines.push(`at ${frame}`);
  for (const cause of causes(stackLines)) lines.push(`caused by ${cause}`);
  return lines.join("\n");
}

/** A minifier's names are that short, and others in every build. */
const MINIFIED_CHARS = 2;

interface Frame {
  name: string;
  /** Of the language, its library or a dependency. */
  foreign: boolean;
}

function projectFrames(lines: readonly string[]): string[] {
  const frames: Frame[] = [];
  let python = false;
  for (const line of lines) {
    if (/^\s*Caused by: /.test(line)) break;
    const frame = frameOf(line.slice(0, 400));
    if (frame === undefined) continue;
    python ||= /^\s*File "/.test(line);
    if (frames.at(-1)?.name !== frame.name) frames.push(frame);
  }
  // Python writes the place of the error last.
  if (python) frames.reverse();
  const own = frames.filter((frame) => !frame.foreign);
  return (own.length > 0 ? own.slice(0, FRAMES) : frames.slice(0, 1)).map((frame) => frame.name);
}

const FOREIGN =
  /^<?(?:java|javax|jdk|sun|com\.sun|kotlin|scala|groovy|jakarta|node|internal|System|Microsoft|runtime|reflect|net\/http|std|core|alloc|tokio)[.:/]|^lambda_method\d*$|node:|node_modules|site-packages|dist-packages|\/lib\/python|<frozen|<anonymous>$|\/gems\/|\/vendor\/|\/go\/pkg\/mod\/|\/rustc\/|rust_begin_unwind|^org\.(?:springframework|apache|eclipse|hibernate|jboss)\.|^io\.(?:netty|undertow)\./;

/** One frame: Python, Ruby, PHP, Rust, then what begins with `at`, then Go. */
function frameOf(line: string): Frame | undefined {
  const python = /^\s*File "([^"]{1,300})", line \d+(?:, in (\S{1,100}))?/.exec(line);
  if (python !== null) return frame(`${baseName(python[1])}.${python[2] ?? ""}`, line);
  const ruby = /^\s*from (\S{1,300}):\d+(?::in [`'](.{1,100})')?/.exec(line);
  if (ruby !== null) return frame(`${baseName(ruby[1])}.${ruby[2] ?? ""}`, line);
  const php = /^#\d+ (?:\S{1,300}\(\d+\)|\[internal function\]): ([^(\s]{1,200})/.exec(line);
  if (php !== null) return frame(php[1], line);
  const rust = /^\s{0,8}\d+: {1,8}(?:0x[0-9a-f]+ - )?(\S{1,200})/.exec(line);
  if (rust !== null) return frame(rust[1], rust[1] ?? "");
  // Where the frame before it is.
  if (/^ {13}at \S{1,300}\.rs:/.test(line)) return undefined;
  const at = /^\s*at (?:async )?(?:new )?([^\s(]{1,300})(.*)$/.exec(line);
  if (at !== null) {
    const [, place = "", rest = ""] = at;
    // Node writes a function without a name as its file.
    const isFile = /:\d+$/.test(place) || place.startsWith("file:") || place.startsWith("/");
    const isNameless =
      (place.length <= MINIFIED_CHARS && !rest.startsWith(" (node:")) ||
      place === "<anonymous>" ||
      place === "Object.<anonymous>";
    const named = isNameless ? baseName(/\(([^)]*)\)/.exec(rest)?.[1]) : place;
    return frame(isFile ? baseName(place) : named, `${place}${rest}`);
  }
  const go = /^([\w./-]{1,200}?(?:\.\(\*?\w{1,80}\))?[\w.-]{0,100})\((?!\*)/.exec(line);
  return go?.[1]?.includes(".") ? frame(go[1], go[1]) : undefined;
}

function frame(name: string | undefined, whole: string): Frame | undefined {
  const plain = (name ?? "")
    // Proxies and lambdas are numbered anew in every process.
    .replace(/\$\$.*$/, "")
    .replace(/\$\d+|\{\{.*$|::h[0-9a-f]{16}$/g, "")
    // So are .NET's: `<>c__DisplayClass3_0.<Place>b__0`, `<PlaceAsync>d__4`, `<Place>g__Inner|12_0`.
    .replace(/((?:DisplayClass|[bd]__))\d+(?:_\d+)?|\|\d+_\d+/g, "$1")
    .replace(/::|->|\\+/g, ".")
    .replace(/[^\w.$/-]+/g, "_");
  return plain === ""
    ? undefined
    : { name: plain, foreign: FOREIGN.test(whole.trim()) || FOREIGN.test(name ?? "") };
}

/** The file's name without its directories, its line and the hash of a bundle. */
function baseName(path: string | undefined): string {
  return (path ?? "")
    .replace(/(?::\d+){1,2}\)?$/, "")
    .replace(/^.*[/\\]/, "")
    .replace(/[.-][0-9a-f]{8,64}(?=\.)/, "");
}

/** The classes after `Caused by:` (Java), `[cause]:` (Node) and `--->` (.NET), each once. */
function causes(lines: readonly string[]): string[] {
  const classes = new Set<string>();
  for (const line of lines) {
    const found = /^\s*(?:Caused by: |\[cause\]: |---> )([\w.$]{1,200})/.exec(line.slice(0, 300));
    if (found?.[1] !== undefined) classes.add(found[1]);
  }
  return [...classes].slice(0, 5);
}
