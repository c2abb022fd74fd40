import { shownTemplate } from "../clusters/cluster.ts";
import { fingerprintOf } from "../clusters/fingerprint.ts";
import { clusterText } from "../clusters/message.ts";
import { failureKindOf } from "../evidence/failureKinds.ts";
import { entriesOf, looksLogged, withoutFences } from "../logs/looksLogged.ts";
import { parseLine } from "../logs/parse.ts";
import { type Redaction, redact } from "../logs/redaction.ts";
import { LEVELS, type Level } from "../logs/source.ts";

/** A message of a chat holds no more than this; a pasted file may. */
const MAX_CHARS = 100_000;
const SAMPLE_CHARS = 1_000;
/** What an alert puts before a line is short, and so is an alert. */
const PREFIX_CHARS = 300;
const PREFIXED_ENTRIES = 20;
const TAILS = 8;
const SHORTEST_TAIL = 12;

/** Lines of one message that are of one kind. */
export interface Kind {
  fingerprint: string;
  template: string;
  level: Level | undefined;
  errorClass: string | undefined;
  service: string | undefined;
  count: number;
  sample: string;
  text: string;
}

/** An entry of a message as it stands there, where it looks like a program's, and what it may quote after words of its own. */
export interface PastedEntry {
  whole: Kind | undefined;
  tails: readonly Kind[];
}

/** The entries of a message: an alert of another bot's often quotes a line behind its own name and the service's. */
export function pastedEntries(message: string, redaction: Redaction): PastedEntry[] {
  const found: PastedEntry[] = [];
  let number = 0;
  for (const entry of entriesOf(withoutFences(message).slice(0, MAX_CHARS))) {
    const tails = ++number > PREFIXED_ENTRIES ? [] : tailsOf(entry);
    const whole = kindOf(entry, redaction);
    const told = tails.flatMap((tail) => kindOf(tail, redaction) ?? []);
    if (whole !== undefined || told.length > 0) found.push({ whole, tails: told });
  }
  return found;
}

/** The kinds of lines, the worst and most frequent first: what was met before is taken for what an entry says, wherever it begins. */
export function kindsOf(entries: readonly PastedEntry[], isKnown: (fingerprint: string) => boolean): Kind[] {
  const kinds = new Map<string, Kind>();
  for (const { whole, tails } of entries) {
    const kind =
      [...(whole === undefined ? [] : [whole]), ...tails].find((one) => isKnown(one.fingerprint)) ?? whole;
    if (kind === undefined) continue;
    const same = kinds.get(kind.fingerprint);
    kinds.set(kind.fingerprint, { ...(same ?? kind), count: (same?.count ?? 0) + 1 });
  }
  return [...kinds.values()].sort((a, b) => badness(a) - badness(b) || b.count - a.count);
}

function kindOf(entry: string, redaction: Redaction): Kind | undefined {
  const parsed = parseLine(entry);
  // Whoever asks for it may have pasted no more than what failed.
  const failed = parsed.errorClass !== undefined || failureKindOf(entry) !== undefined;
  if (!failed && !looksLogged(parsed)) return undefined;
  const unhidden = (name: string | undefined) =>
    name === undefined || redaction.redact(name) === name ? name : undefined;
  const said = clusterText(parsed);
  const told = redact(said);
  return {
    fingerprint: fingerprintOf(told),
    template: shownTemplate(said, redaction),
    level: parsed.level,
    errorClass: unhidden(parsed.errorClass),
    service: unhidden(parsed.service),
    count: 1,
    sample: redaction.sampleOf(entry, SAMPLE_CHARS),
    text: told,
  };
}

/** What stands behind "[FIRING:1]", "checkout:", "Message: " and the like. */
function tailsOf(entry: string): string[] {
  const tails: string[] = [];
  for (const { index, 0: mark } of entry.slice(0, PREFIX_CHARS).matchAll(BEGINS)) {
    const tail = entry.slice(index + mark.length);
    if (tail.length < SHORTEST_TAIL || tails.length === TAILS) break;
    tails.push(tail);
  }
  return tails;
}

/** Before a level in capitals, or after what parts a name from a text. */
const BEGINS = /\s(?=(?:FATAL|PANIC|CRITICAL|SEVERE|ERROR|WARN(?:ING)?)\b)|[\])]\s+|:\s+|\s[-–—|>]\s+/g;

/** A level that is not said stands behind errors and before what is said to be well. */
function badness({ level }: Kind): number {
  return level === undefined ? LEVELS.indexOf("WARN") + 0.5 : LEVELS.indexOf(level);
}
