import type { Announcement, Announcer } from "../anomalies/announcer.ts";
import type { Band } from "../anomalies/detector.ts";
import type { Change } from "../anomalies/episode.ts";
import { type EpisodeEvidence, readEvidence } from "../anomalies/evidence.ts";
import type { FingerprintPool } from "../clusters/fingerprintPool.ts";
import type { Log } from "../log.ts";
import type { LogSource } from "../logs/source.ts";
import type { Queryable, TenantScope } from "../tenancy/scope.ts";
import { takeTurns } from "../turns.ts";
import { oweIncident, type Telling } from "./alerts.ts";
import { type Audience, keyOfEpisode, readAudience } from "./audience.ts";
import type { Channel } from "./channels.ts";
import { openRoom } from "./floods.ts";
import { group, type Joined } from "./grouping.ts";
import { type EpisodeHold, holdKey, keepHolds, listKnownHolds } from "./holds.ts";
import { IN_COMMON } from "./incidentCard.ts";
import { findLeaders, joinIncidents, keepKinds, readSurroundings } from "./incidents.ts";
import { oweWatchNotices } from "./notices.ts";
import { type Hold, isNews, type Offer } from "./stages.ts";
import { readReach } from "./troubles.ts";

export interface AnnouncerParts {
  /** With a time limit that a scan can wait for. */
  logs: LogSource;
  fingerprints: FingerprintPool;
  log: Log;
  now: () => number;
}

/** Where much begins at once, reading the evidence of all of it must not take longer than the watch is kept. */
const EVIDENCE_MS = 30_000;
/** Kinds of lines that an episode is compared with others by. */
const KINDS = 3;

/**
 * Reasons that are kept of an episode, one a channel: as many as `explain` shows. Where hundreds of channels each want to hear of
 * their own services only, all of them were more than the database took in one transaction, and nobody was told of anything.
 */
const HOLDS = 50;

interface Found {
  change: Change;
  /** Its episode began in this scan: nobody has heard of it, whatever they have heard of the one before. */
  isOfScan: boolean;
  evidence: EpisodeEvidence | undefined;
}

/** What is to be told of a change. */
interface Offered extends Found {
  offer: Offer;
  /** Channels that have heard of it, and want to hear more. */
  callable: Channel[];
}

/** The same, and what its episode is kept as. */
interface Kept extends Offered {
  eventId: string;
}

/** Takes what a scan has found through the stages, to what is owed to channels. */
export function createAnnouncer({ logs, fingerprints, log, now }: AnnouncerParts): Announcer {
  return {
    notify: (scope, watch) => oweWatchNotices(scope, watch, logs, now()),

    reach: readReach,

    async prepare(scope, changes, { isLive, goOn, services, bandOf }) {
      if (changes.length === 0) return async () => undefined;
      const before = await readAudience(scope, now());
      const found: Found[] = [];
      const untilMs = performance.now() + EVIDENCE_MS;
      const turn = takeTurns();
      const begun = new Set<string>();
      for (const change of changes) {
        await turn();
        if (change.kind === "opens") begun.add(keyOfEpisode(change.episode));
        const each = { change, isOfScan: begun.has(keyOfEpisode(change.episode)), evidence: undefined };
        const isRead = isToldOf(each, before, isLive) && performance.now() <= untilMs;
        if (isRead) await goOn();
        found.push(isRead ? { ...each, evidence: await evidenceOf(scope, change, bandOf(change)) } : each);
      }
      // Somebody may have muted a service while lines were read.
      const hasWaited = found.some(({ evidence }) => evidence !== undefined);
      if (hasWaited) await goOn();
      const audience = hasWaited ? await readAudience(scope, now()) : before;
      const known = await listKnownHolds(scope);
      // Before the transaction: hundreds of channels asked about each of thousands of changes are seconds of work.
      const offered: Offered[] = [];
      for (const each of found) {
        await turn();
        offered.push({ ...each, ...withHeard(each, audience, true) });
      }
      return announcing(scope, offered, { audience, known, services, nowMs: now() });
    },
  };

  function evidenceOf(
    scope: TenantScope,
    { episode, atMs }: Change,
    band: ((atMs: number) => Band) | undefined,
  ): Promise<EpisodeEvidence | undefined> {
    return readEvidence({ logs, fingerprints, band }, scope, episode, atMs).catch((err: unknown) => {
      log.warn({ err, tenant: scope.tenantId }, "could not read the evidence of an alert");
      return undefined;
    });
  }
}

function isToldOf(found: Found, audience: Audience, isLive: boolean): boolean {
  const { change, isOfScan } = found;
  const { wanted } = withHeard(found, audience, isLive).offer;
  return wanted.length > 0 || (!isOfScan && audience.isHeard(change.episode) && isNews(change));
}

/** Who has heard of an episode is not offered it again. */
function withHeard(
  { change, isOfScan }: Found,
  audience: Audience,
  isLive: boolean,
): Pick<Offered, "offer" | "callable"> {
  const offer = audience.offerOf(change, isLive);
  const isSame = !isNews(change);
  const hasHeard = isOfScan ? () => false : audience.heardOf(change.episode);
  const callable: Channel[] = [];
  const wanted: Channel[] = [];
  for (const channel of offer.wanted) (hasHeard(channel) ? callable : wanted).push(channel);
  const holds = [
    ...offer.holds.filter(({ channel }) => channel === undefined || !hasHeard(channel)),
    ...(isSame ? callable.map((channel): Hold => ({ stage: "deduplicate", reason: SAME, channel })) : []),
  ];
  return { offer: { ...offer, wanted, holds: holds.slice(0, HOLDS) }, callable };
}

const SAME = "its message stands there, and nothing of it is new";

/** The stages that need to know what stands in the database: part of the transaction that keeps the changes. */
function announcing(
  scope: TenantScope,
  offered: readonly Offered[],
  about: { audience: Audience; known: ReadonlySet<string>; services: number; nowMs: number },
): Announcement {
  const { audience, services } = about;
  return async (db, eventIds, isLive) => {
    const kept = offered.flatMap((each, at): Kept[] => {
      const eventId = eventIds[at];
      if (eventId === undefined) return [];
      return [{ ...each, ...(!isLive && withHeard(each, audience, false)), eventId }];
    });
    const going = kept.filter(({ offer, change }) => !offer.isStopped && change.kind !== "ends");
    const leaders = await findLeaders(
      scope,
      db,
      kept.map(({ eventId }) => eventId),
    );
    const fresh = going.filter(({ eventId }) => leaders.get(eventId) === undefined);
    const joined = await join(scope, db, fresh, { muted: audience.muted, services });
    const leaderOf = new Map(joined.map(({ id, leaderId }) => [id, leaderId]));
    const incidents = new Map<string, Telling[]>();
    for (const { offer, ...each } of kept) {
      const { eventId } = each;
      const leaderId = leaderOf.get(eventId) ?? leaders.get(eventId) ?? eventId;
      const telling = { ...each, wanted: offer.wanted, isJoining: leaderOf.has(eventId) };
      const tellings = incidents.get(leaderId) ?? [];
      tellings.push(telling);
      incidents.set(leaderId, tellings);
    }
    await keepHolds(scope, db, await newHolds(kept, joined, about.known));
    const room = openRoom(scope, db);
    for (const [leaderId, tellings] of incidents)
      await oweIncident(scope, db, leaderId, tellings, about.nowMs, room);
    await room.close();
  };
}

async function join(
  scope: TenantScope,
  db: Queryable,
  fresh: readonly Kept[],
  { muted, services }: { muted: string[]; services: number },
): Promise<Joined[]> {
  if (fresh.length === 0) return [];
  const kinds = fresh.flatMap(({ eventId, evidence }) =>
    evidence === undefined
      ? []
      : [{ id: eventId, kinds: evidence.clusters.slice(0, KINDS).map(({ fingerprint }) => fingerprint) }],
  );
  await keepKinds(scope, db, kinds);
  const ids = fresh.map(({ eventId }) => eventId);
  const surroundings = await readSurroundings(scope, db, ids, muted);
  const joined = group(surroundings.fresh, surroundings.open, services);
  await joinIncidents(scope, db, joined);
  return joined;
}

async function newHolds(
  kept: readonly Kept[],
  joined: readonly Joined[],
  known: ReadonlySet<string>,
): Promise<EpisodeHold[]> {
  const isNew = ({ eventId, stage, channel }: EpisodeHold) =>
    !known.has(holdKey(eventId, stage, channel?.workspaceId, channel?.externalId));
  const holds: EpisodeHold[] = [];
  const turn = takeTurns();
  for (const { eventId, offer } of kept) {
    await turn();
    holds.push(...offer.holds.map((hold) => ({ ...hold, eventId })).filter(isNew));
  }
  const grouped = joined.map(
    ({ id, cause }): EpisodeHold => ({
      eventId: id,
      stage: "group",
      reason: `listed in the message of an episode that it has this in common with: ${IN_COMMON[cause]}`,
    }),
  );
  return [...holds, ...grouped.filter(isNew)];
}
