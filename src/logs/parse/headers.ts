import { levelOfSeverity, levelOfWord } from "../severity.ts";
import type { Level } from "../source.ts";
import type { Clock } from "./instant.ts";
import { klogStamp, stampAt } from "./time.ts";
import { isDigit } from "./zone.ts";

/** What the beginning of a plain line says, and where its message begins. */
export interface Prefix {
  format: "klog" | "syslog" | "plain";
  atNs: bigint | undefined;
  unknownZone?: string | undefined;
  level: Level | undefined;
  service: string | undefined;
  /** Where the message begins in the line. */
  end: number;
}

/** https://github.com/kubernetes/klog: Lmmdd hh:mm:ss.uuuuuu threadid file:line] msg */
const KLOG = /^([IWEF])(\d{4}) (\d\d:\d\d:\d\d\.\d{1,9}) +\d+ [^\]\s]{1,120}:\d+\] ?/;

export function klogPrefix(head: string, clock: Clock | undefined): Prefix | undefined {
  const found = isDigit(head.charCodeAt(1)) ? KLOG.exec(head) : null;
  if (found === null) return undefined;
  const [whole, letter = "", mmdd = "", time = ""] = found;
  return {
    format: "klog",
    atNs: klogStamp(mmdd, time, clock),
    level: levelOfWord(letter),
    service: undefined,
    end: whole.length,
  };
}

const LESS = 60;

/** RFC 5424: <PRI>1 time host app procid msgid data message */
const SYSLOG_5424 =
  /^<(\d{1,3})>\d (\S{1,64}) \S{1,255} (\S{1,48}) \S{1,128} \S{1,32} (?:-|(?:\[(?:[^\]\\"]|\\.|"(?:[^"\\]|\\.){0,200}"){0,300}\])+) ?(?:\ufeff)?/;
/** RFC 3164, as rsyslog and journald print it: host program[pid]: message */
const SYSLOG_TAG = /^ ?([\w.:@-]{1,255}) ([\w./@ -]{1,64}?)(?:\[(\d{1,10})\])?: /;

export function syslogPrefix(head: string, clock: Clock | undefined): Prefix | undefined {
  const hasPriority = head.charCodeAt(0) === LESS;
  // Most lines begin with a time in digits, and few of those name a host and a program after it.
  if (!hasPriority && isDigit(head.charCodeAt(0)) && !head.includes("]: ")) return undefined;
  const modern = hasPriority ? SYSLOG_5424.exec(head) : null;
  if (modern !== null) {
    const [whole, priority, time = "", app] = modern;
    const level = levelOfSeverity(Number(priority) % 8);
    const atNs = stampAt(time, 0, clock)?.atNs;
    return { format: "syslog", atNs, level, service: app === "-" ? undefined : app, end: whole.length };
  }
  const priority = hasPriority ? /^<(\d{1,3})>/.exec(head) : null;
  const from = priority?.[0].length ?? 0;
  const stamp = stampAt(head, from, clock);
  const isOld = stamp !== undefined && /[A-Z]/.test(head.charAt(from));
  if (
    stamp === undefined ||
    (priority === null &&
      !isOld &&
      !/^ [\w.-]{1,255} [\w./-]{1,64}\[\d{1,10}\]: /.test(head.slice(stamp.end)))
  ) {
    return undefined;
  }
  const tag = SYSLOG_TAG.exec(head.slice(stamp.end));
  if (tag === null) return undefined;
  const level = priority === null ? undefined : levelOfSeverity(Number(priority[1]) % 8);
  const { atNs, unknownZone } = stamp;
  return { format: "syslog", atNs, unknownZone, level, service: tag[2], end: stamp.end + tag[0].length };
}

/** Redis: pid:role time mark message; the mark says the level. */
const REDIS = /^(?:\d{1,10}:)?[MSCX] /;
const REDIS_MARKS: Readonly<Record<string, Level>> = { "#": "WARN", "*": "INFO", "-": "DEBUG", ".": "DEBUG" };

export function redisPrefix(head: string, clock: Clock | undefined): Prefix | undefined {
  const role = REDIS.exec(head);
  const stamp = role === null ? undefined : stampAt(head, role[0].length, clock);
  const mark = stamp === undefined ? null : /^ ([#*.-]) /.exec(head.slice(stamp.end));
  if (stamp === undefined || mark === null) return undefined;
  return {
    format: "plain",
    atNs: stamp.atNs,
    unknownZone: stamp.unknownZone,
    level: REDIS_MARKS[mark[1] ?? ""],
    service: undefined,
    end: stamp.end + 3,
  };
}
