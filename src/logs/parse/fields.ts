import { redact } from "../redaction.ts";
import { levelOfNumber, levelOfWord } from "../severity.ts";
import type { Level } from "../source.ts";
import { errorClassOf } from "./failure.ts";
import { GROUPS, type Group, type Slots } from "./fieldNames.ts";
import type { Clock } from "./instant.ts";
import { fieldTime, type Stamp } from "./time.ts";

/** What the fields of a structured line say of its place. */
interface PlacingFields {
  atNs: bigint | undefined;
  unknownZone: string | undefined;
  level: Level | undefined;
  service: string | undefined;
  namespace: string | undefined;
}

/** What they tell of, before the message is looked into. */
export interface Told {
  message: string | undefined;
  errorClass: string | undefined;
  stack: string | undefined;
}

/** Each part only where it was asked for. */
export type Fields = Partial<PlacingFields & Told>;

/** What is wanted of a line. Each is half of the work. */
export interface Wanted {
  /** When, how bad and whose. */
  placing: boolean;
  /** Message, error and stack. */
  telling: boolean;
}

export function fieldsOf(slots: Slots, clock: Clock | undefined, wanted: Wanted): Fields {
  if (!wanted.placing) return toldOf(slots);
  const placing = placingOf(slots, clock);
  return wanted.telling ? { ...placing, ...toldOf(slots) } : placing;
}

function placingOf(slots: Slots, clock: Clock | undefined): PlacingFields {
  const time = timeIn(slots, clock);
  return {
    atNs: time?.atNs,
    unknownZone: time?.unknownZone,
    level: levelIn(slots),
    service: placeName(slots, GROUPS.service),
    namespace: placeName(slots, GROUPS.namespace),
  };
}

function toldOf(slots: Slots): Told {
  const message = textIn(slots, GROUPS.message);
  const said = textIn(slots, GROUPS.errorMessage) ?? textIn(slots, GROUPS.error);
  const stack = textIn(slots, GROUPS.stack);
  const type = textIn(slots, GROUPS.errorType) ?? shortClass(textIn(slots, GROUPS.errorCode));
  const error = firstLine(said ?? (stack === undefined || beginsWithFrame(stack) ? "" : stack));
  return {
    message: joined(message, type, error),
    // `Error` and the like say less than a code beside them.
    errorClass: specific(type) ?? errorClassOf(error) ?? type ?? errorClassOf(message ?? ""),
    stack: stackOnly(stack, said),
  };
}

function timeIn(slots: Slots, clock: Clock | undefined): Stamp | undefined {
  for (let place = GROUPS.time.from; place < GROUPS.time.to; place++) {
    const time = fieldTime(slots[place], clock);
    if (time !== undefined) return time;
  }
  return undefined;
}

function levelIn(slots: Slots): Level | undefined {
  for (let place = GROUPS.level.from; place < GROUPS.level.to; place++) {
    const level = levelOf(slots[place]);
    if (level !== undefined) return level;
  }
  return undefined;
}

function textIn(slots: Slots, { from, to }: Group): string | undefined {
  for (let place = from; place < to; place++) {
    const value = slots[place];
    if (typeof value === "string" && value !== "") return value;
  }
  return undefined;
}

/** A name without a secret in it: services are listed, stored and shown as they are. */
function placeName(slots: Slots, group: Group): string | undefined {
  const name = nameIn(slots, group);
  // Nearly every line names its service, and no token is shorter than this.
  if (name === undefined || (name.length < 16 && !name.includes("@"))) return name;
  return redact(name) === name ? name : undefined;
}

function nameIn(slots: Slots, { from, to }: Group): string | undefined {
  for (let place = from; place < to; place++) {
    const value = slots[place];
    if (typeof value === "string" && value !== "" && value.length <= 100 && !value.includes("\n"))
      return value;
  }
  return undefined;
}

export function levelOf(value: unknown): Level | undefined {
  if (typeof value === "number") return levelOfNumber(value);
  if (typeof value !== "string") return undefined;
  return /^\d{1,2}$/.test(value) ? levelOfNumber(Number(value)) : levelOfWord(value);
}

/** A code is a class only where it looks like one: ECONNREFUSED, 23505, ER_DUP_ENTRY, not 500 or "ok". */
function shortClass(code: string | undefined): string | undefined {
  if (code === undefined || code.length > 40) return undefined;
  if (/^[0-9A-Z]{5}$/.test(code) && /\d/.test(code)) return `SQLSTATE ${code}`;
  return /^[A-Z][A-Z0-9_]{3,}$/.test(code) ? code : undefined;
}

function specific(type: string | undefined): string | undefined {
  return type === undefined || type === "Error" || type === "Exception" ? undefined : type;
}

function firstLine(text: string): string {
  const end = text.indexOf("\n");
  return (end < 0 ? text : text.slice(0, end)).trim();
}

function joined(message: string | undefined, type: string | undefined, error: string): string | undefined {
  if (error === "") return message;
  const said = message ?? "";
  let whole = said;
  if (type !== undefined && !said.includes(type) && !error.includes(type)) whole = after(whole, type);
  if (!said.includes(error) && !/^Traceback /.test(error)) whole = after(whole, error);
  return message === undefined && whole === "" ? undefined : whole;
}

function after(whole: string, part: string): string {
  return whole === "" ? part : `${whole}: ${part}`;
}

/** zap's stacks have no message: `main.place\n\t/src/shop.go:12` */
function beginsWithFrame(stack: string): boolean {
  return /^\S{1,300}\n\t(?!at )/.test(stack);
}

/** A stack without the message it begins with. */
function stackOnly(stack: string | undefined, said: string | undefined): string | undefined {
  const text = stack ?? (said?.includes("\n") ? said : undefined);
  if (text === undefined) return undefined;
  if (/^Traceback /.test(text)) return text;
  const frames = text.search(FIRST_FRAME);
  const rest = frames > 0 ? text.slice(frames) : text;
  return rest.trim() === "" ? undefined : rest.trim();
}

/** White space within the line only: over empty lines it would look from each of them to their end. */
const FIRST_FRAME = /^[ \t]+at |^[^\S\r\n\u2028\u2029]+File "|^goroutine |^#\d+ |^\S+\n\t/m;
