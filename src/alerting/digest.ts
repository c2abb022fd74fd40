import type { Watch } from "../anomalies/watchStore.ts";
import { UserError } from "../errors.ts";
import { unusedKeys } from "../keys/unused.ts";
import type { TenantScope } from "../tenancy/scope.ts";
import { type Channel, listChannels } from "./channels.ts";
import { isNoticeOwed, oweNotice } from "./deliveries.ts";
import { digestCard } from "./digestCard.ts";
import { listDigestEvents } from "./digestStore.ts";
import { addDays, instantOf, localTime, weekdayOf } from "./localTime.ts";
import { listMutes } from "./mutes.ts";
import { type Policy, wants, zoneOf, zoneOfPolicy } from "./policy.ts";

/** When it comes, by the channel's own clock: there every day has one, whichever clocks are changed that night. */
const AT_MINUTE = 9 * 60;
/** So long it waits for a scan that is behind: what it counts should be complete. */
const WAIT_MS = 60 * 60_000;
const MOST = 500;

export const DIGESTS = ["daily", "weekly"] as const;
export type DigestEvery = (typeof DIGESTS)[number];

/** A digest as a person asks for it; without a zone by the clock that the channel has. */
export interface AskedDigest {
  every: DigestEvery;
  zone?: string;
}

/** `daily`, `weekly,Europe/Berlin`. @throws UserError */
export function readDigest(raw: string): AskedDigest {
  const [every = "", zone, ...more] = raw.trim().split(/[\s,]+/);
  const found = DIGESTS.find((known) => known === every.toLowerCase());
  if (found === undefined || more.length > 0)
    throw new UserError(
      `"${raw.slice(0, 40)}" is no digest. Use daily, weekly or off; with a zone behind a comma: daily,Europe/Berlin.`,
    );
  return { every: found, ...(zone !== undefined && { zone: zoneOf(zone) }) };
}

/** The newest digest that a channel's clock has come to. */
export interface DigestDue {
  /** The day on which it is due there. */
  day: string;
  fromMs: number;
  untilMs: number;
}

/** Of every day the time since the day before, of every week that since the Monday before. */
export function lastDigest(every: DigestEvery, zone: string, nowMs: number): DigestDue {
  const reached = dayReached(zone, nowMs);
  const day = every === "daily" ? reached : addDays(reached, -weekdayOf(reached));
  const at = (of: string) => instantOf(zone, { day: of, minute: AT_MINUTE });
  return { day, fromMs: at(addDays(day, every === "daily" ? -1 : -7)), untilMs: at(day) };
}

/** The last day there that has come to its nine o'clock. Where the date line was moved a day was left out: it has none. */
function dayReached(zone: string, nowMs: number): string {
  let { day } = localTime(zone, nowMs);
  for (;;) {
    const nineMs = instantOf(zone, { day, minute: AT_MINUTE });
    if (nineMs <= nowMs && localTime(zone, nineMs).day === day) return day;
    day = addDays(day, -1);
  }
}

/** A policy with a digest from the next one that is due on; one that was asked for before goes on as it did. */
export function withDigest(policy: Policy, { every, zone }: AskedDigest, nowMs: number): Policy {
  const { digest: before } = policy;
  const clock = zone ?? before?.zone;
  const own = clock === undefined ? {} : { zone: clock };
  const afterDay =
    before?.every === every
      ? before.afterDay
      : lastDigest(every, zoneOfPolicy({ ...policy, digest: { every, afterDay: "", ...own } }), nowMs).day;
  return { ...policy, digest: { every, afterDay, ...own } };
}

/** Owes the digests that are due, once for each channel and day of its own. In shadow mode there are none. */
export async function oweDigests(scope: TenantScope, watch: Watch, nowMs: number): Promise<void> {
  if (watch.liveSinceMs === undefined) return;
  for (const channel of await listChannels(scope, "alerts")) await oweDigest(scope, channel, watch, nowMs);
}

async function oweDigest(scope: TenantScope, channel: Channel, watch: Watch, nowMs: number): Promise<void> {
  const { workspaceId, externalId, policy } = channel;
  if (policy.digest === undefined) return;
  const { every, afterDay } = policy.digest;
  const zone = zoneOfPolicy(policy);
  const due = lastDigest(every, zone, nowMs);
  const { day, fromMs, untilMs } = due;
  if (day <= afterDay) return;
  if ((watch.scannedUntilMs ?? 0) < untilMs && nowMs < untilMs + WAIT_MS) return;
  const notice = `digest ${every} ${day}`;
  const owed = { workspaceId, channel: externalId, notice };
  if (await isNoticeOwed(scope, owed)) return;
  const [events, mutes, unused] = await Promise.all([
    listDigestEvents(scope, channel, due, MOST + 1),
    listMutes(scope, nowMs),
    unusedKeys(scope, nowMs),
  ]);
  const card = digestCard({
    ...{ every, zone, fromMs, untilMs, nowMs },
    events: events.slice(0, MOST),
    areCut: events.length > MOST,
    mutes: mutes.filter(({ service }) => wants(policy, { service, severity: "CRITICAL" })),
    unusedKeys: unused,
    ...(watch.failing !== undefined && { failing: watch.failing }),
  });
  await scope.transaction((db) => oweNotice(scope, db, { ...owed, card }));
}
