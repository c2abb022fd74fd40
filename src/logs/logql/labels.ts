import { levelOfWord } from "../severity.ts";
import type { LogLine } from "../source.ts";
import type { Matcher } from "./query.ts";
import { re2 } from "./re2.ts";

/** What is known of a line without reading its text. */
export type Stream = Pick<LogLine, "service" | "namespace" | "level">;

type Test = (stream: Stream) => boolean;

/** What different setups call the service. */
const SERVICE = ["service_name", "service", "app", "job", "container"];
const LEVEL = ["level", "detected_level"];

/** For sentences. */
export const KNOWN_LABELS = `${[...SERVICE, "namespace", ...LEVEL.slice(0, 1)].join(", ")} and ${LEVEL[1]}`;

export function isKnownLabel(name: string): boolean {
  return name === "namespace" || SERVICE.includes(name) || LEVEL.includes(name);
}

/** A known label's value; levels in lower case, and "" for a line that says none. */
export function labelValue(name: string, { service, namespace, level }: Stream): string {
  if (LEVEL.includes(name)) return level?.toLowerCase() ?? "";
  return name === "namespace" ? namespace : service;
}

/** How a comparison of a known label is decided. */
export function labelTest({ name, op, value }: Matcher, options?: { dotAll?: boolean }): Test {
  if (LEVEL.includes(name) && (op === "=" || op === "!=")) return levelTest(op === "=", value);
  const isText = textTest(op, value, options);
  return (stream) => isText(labelValue(name, stream));
}

/** `=`, `!=`, `=~` and `!~` of any text; regular expressions fit the whole of it. */
export function textTest(
  op: Matcher["op"],
  value: string,
  options?: { dotAll?: boolean },
): (text: string) => boolean {
  if (op === "=") return (text) => text === value;
  if (op === "!=") return (text) => text !== value;
  const regex = re2(value, options);
  return op === "=~" ? (text) => regex.fits(text) : (text) => !regex.fits(text);
}

/** `level="warning"` means WARN, however its lines spell it. Loki calls the level of a line without one "unknown". */
function levelTest(isEqual: boolean, word: string): Test {
  const level = levelOfWord(word);
  const isNone = word === "" || word.toLowerCase() === "unknown";
  return (stream) => {
    const isSame = level === undefined ? isNone && stream.level === undefined : stream.level === level;
    return isSame === isEqual;
  };
}
