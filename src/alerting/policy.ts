import { z } from "zod";
import { isWorse, SEVERITIES, type Severity } from "../anomalies/metric.ts";
import { MAX_MENTION_CHARS, MAX_MENTIONS } from "../chat/card.ts";
import { UserError } from "../errors.ts";
import { localTime } from "./localTime.ts";

/** A time of day in a zone in which a channel is left alone, but for what is CRITICAL. */
export interface QuietHours {
  /** Minutes after midnight; `from` after `to` goes over midnight. */
  fromMinute: number;
  toMinute: number;
  /** IANA. */
  zone: string;
}

/** More than that nobody reads; and where so much begins at once, most of it has a cause in common. */
export const USUAL_FLOOD = 10;
export const MOST_FLOOD = 1_000;

const minute = z
  .int()
  .min(0)
  .max(24 * 60 - 1);

/** Which alerts a channel gets, and how: channels.policy. What is left out is as if nothing had been said. */
const Policy = z.strictObject({
  /** This and worse. */
  severity: z.enum(SEVERITIES).exactOptional(),
  /** Names with * for any letters; one that fits is enough. */
  services: z.array(z.string().min(1).max(200)).min(1).max(50).exactOptional(),
  quiet: z.object({ fromMinute: minute, toMinute: minute, zone: z.string() }).exactOptional(),
  /** Whether a root cause is looked for in the alert's thread without being asked. */
  thread: z.enum(["ask", "always"]).exactOptional(),
  /** Alerts at most within ten minutes; what is more is held back, and the channel told so. 0: as many as there are. */
  flood: z.int().min(0).max(MOST_FLOOD).exactOptional(),
  /** The platform's ids of people who are mentioned when it is CRITICAL; those of groups with & before. */
  mention: z
    .array(
      z
        .string()
        .max(MAX_MENTION_CHARS)
        .regex(/^&?[\w-]+$/),
    )
    .min(1)
    .max(MAX_MENTIONS)
    .exactOptional(),
  /** A summary of what was found; none where it is left out. */
  digest: z
    .object({
      every: z.enum(["daily", "weekly"]),
      /** IANA; where it is left out that of the quiet hours. */
      zone: z.string().exactOptional(),
      /** The day whose digest was due when this was said, YYYY-MM-DD: the first is a later one. */
      afterDay: z.string(),
    })
    .exactOptional(),
});
export type Policy = z.infer<typeof Policy>;

/** A policy as it was kept; of another version only what is understood. */
export function readPolicy(kept: unknown): Policy {
  const whole = Policy.safeParse(kept).data;
  if (whole !== undefined || typeof kept !== "object" || kept === null) return whole ?? {};
  const parts = Object.entries(kept).map(([name, value]) => Policy.safeParse({ [name]: value }).data);
  return Object.assign({}, ...parts);
}

/** `22:00-07:00 Europe/Berlin`. @throws UserError */
export function readQuietHours(raw: string): QuietHours {
  const [, from, fromM, to, toM, zone] =
    /^([01]?\d|2[0-3]):([0-5]\d)\s*(?:-|–|to)\s*([01]?\d|2[0-3]):([0-5]\d)(?:\s+(\S+))?$/.exec(raw.trim()) ??
    [];
  if (from === undefined) {
    throw new UserError(`"${raw.slice(0, 40)}" are no quiet hours. Try 22:00-07:00 Europe/Berlin, or off.`);
  }
  const hours = {
    fromMinute: Number(from) * 60 + Number(fromM),
    toMinute: Number(to) * 60 + Number(toM),
    zone: zoneOf(zone ?? "UTC"),
  };
  if (hours.fromMinute === hours.toMinute)
    throw new UserError("Quiet hours that begin when they end are no hours. Say off to have none.");
  return hours;
}

/** @throws UserError */
export function zoneOf(name: string): string {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    throw new UserError(
      `"${name.slice(0, 40)}" is not a time zone. Use a name such as Europe/Berlin or UTC.`,
    );
  }
}

/** Why a channel does not want to hear of an episode now; undefined where it does. */
export function whyNot(
  policy: Policy,
  episode: Said,
  nowMs: number,
): { stage: "quiet hours" | "route"; reason: string } | undefined {
  const reason = whyUnwanted(policy, episode);
  if (reason !== undefined) return { stage: "route", reason };
  const { quiet } = policy;
  if (quiet === undefined || episode.severity === "CRITICAL" || !isQuiet(quiet, nowMs)) return undefined;
  return { stage: "quiet hours", reason: `the channel is left alone ${hoursText(quiet)}` };
}

/** Whether a channel wants to hear of an episode at all, whatever its clock shows. */
export function wants(policy: Policy, episode: Said): boolean {
  return whyUnwanted(policy, episode) === undefined;
}

type Said = { service: string; severity: Severity };

function whyUnwanted({ severity, services }: Policy, episode: Said): string | undefined {
  if (severity !== undefined && isWorse(severity, episode.severity))
    return `${episode.severity}, and the channel wants ${severity} and worse`;
  if (services !== undefined && !services.some((pattern) => fits(pattern, episode.service)))
    return `the channel is for ${services.join(", ")}`;
  return undefined;
}

/** By which clock a channel lives. */
export function zoneOfPolicy({ digest, quiet }: Policy): string {
  return digest?.zone ?? quiet?.zone ?? "UTC";
}

/** `pay-*`: `*` stands for any letters. Compared part by part, so that no pattern takes long. */
function fits(pattern: string, service: string): boolean {
  const [first = "", ...rest] = pattern.toLowerCase().split("*");
  const name = service.toLowerCase();
  const last = rest.pop();
  if (last === undefined) return name === first;
  if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length)
    return false;
  let at = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found < 0 || found + part.length > name.length - last.length) return false;
    at = found + part.length;
  }
  return true;
}

function isQuiet({ fromMinute, toMinute, zone }: QuietHours, nowMs: number): boolean {
  const { minute: now } = localTime(zone, nowMs);
  return fromMinute < toMinute ? now >= fromMinute && now < toMinute : now >= fromMinute || now < toMinute;
}

/** What a policy means, a line for each part. */
export function meaningOfPolicy(policy: Policy): { label: string; value: string }[] {
  const { severity = "LOW", services, quiet, thread = "ask", mention, digest, flood = USUAL_FLOOD } = policy;
  return [
    { label: "Severity", value: severity === "LOW" ? "all" : `${severity} and worse` },
    { label: "Services", value: services?.join(", ") ?? "all" },
    {
      label: "Quiet hours",
      value: quiet === undefined ? "none" : `${hoursText(quiet)}, CRITICAL comes through`,
    },
    {
      label: "Root cause",
      value: thread === "always" ? "looked for at once, in the thread" : "when asked for",
    },
    {
      label: "Flood limit",
      value: flood === 0 ? "none" : `${flood} in ten minutes`,
    },
    { label: "Mentioned when CRITICAL", value: mention?.join(", ") ?? "nobody" },
    {
      label: "Digest",
      value:
        digest === undefined
          ? "none"
          : `${digest.every === "daily" ? "every day" : "on Mondays"} at 9:00 ${zoneOfPolicy(policy)}`,
    },
  ];
}

/** As it is typed. */
export function hoursText({ fromMinute, toMinute, zone }: QuietHours): string {
  return `${clock(fromMinute)}-${clock(toMinute)} ${zone}`;
}

function clock(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
}
