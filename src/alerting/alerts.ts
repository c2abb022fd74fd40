import { alertButtons, anomalyCard, evidenceBlocks, LAST_DEPLOY, withService } from "../anomalies/card.ts";
import type { Change } from "../anomalies/episode.ts";
import type { EpisodeEvidence } from "../anomalies/evidence.ts";
import type { Card, Fact } from "../chat/card.ts";
import type { Queryable, TenantScope } from "../tenancy/scope.ts";
import { takeTurns } from "../turns.ts";
import { listStates, oweState } from "./alertDeliveries.ts";
import type { Channel } from "./channels.ts";
import { oweNotice } from "./deliveries.ts";
import { escalationCard, escalationOf, oweEscalation } from "./escalations.ts";
import type { Room } from "./floods.ts";
import { incidentCard, isIncident, isProof, worstFirst, worstOf } from "./incidentCard.ts";
import { lockIncident, type Member } from "./incidents.ts";
import { type Mark, withMarks } from "./markedCard.ts";
import { readMarks } from "./marks.ts";
import { withMentions } from "./mentions.ts";
import { isNews } from "./stages.ts";

/** What became of one episode just now. */
export interface Telling {
  eventId: string;
  change: Change;
  /** Channels that want to hear of it and have not. */
  wanted: readonly Channel[];
  /** Channels that have heard of it, and want to hear more. */
  callable: readonly Channel[];
  /** Absent where the log source did not give it. */
  evidence: EpisodeEvidence | undefined;
  /** It is listed in its incident's message from now on. */
  isJoining: boolean;
}

/**
 * Owes what is new of an incident, in the transaction that keeps it: the next state of its message where it was told, its
 * first to those who want to hear of it, and a word in the thread where it has become as bad as it never was.
 */
export async function oweIncident(
  scope: TenantScope,
  db: Queryable,
  leaderId: string,
  tellings: readonly Telling[],
  nowMs: number,
  room: Room,
): Promise<void> {
  if (!tellings.some((telling) => isNew(telling) || telling.wanted.length > 0)) return;
  const { members, told, marks } = await readIncident(scope, db, leaderId, tellings, nowMs);
  const card = withMarks(cardOf(leaderId, members, tellings, told[0]?.card), marks);
  const reports = members.map(({ id }) => id);
  const news = tellings.filter(isNew);
  if (news.length > 0)
    for (const state of told)
      await oweState(scope, db, { ...state, of: { eventId: leaderId }, card, reports });

  const heard = new Set(told.map(({ workspaceId, channel }) => keyOf(workspaceId, channel)));
  const isFirst = ({ workspaceId, externalId }: Channel) => !heard.has(keyOf(workspaceId, externalId));
  const worst = worstOf(members.filter(({ resolution }) => resolution === undefined));
  for (const channel of (await channelsOf(tellings, ({ wanted }) => wanted)).filter(isFirst)) {
    const eventIds = tellings.map(({ eventId }) => eventId);
    if (!(await room.takes(channel, eventIds, worst === "CRITICAL"))) continue;
    const { workspaceId, externalId, policy } = channel;
    const first = withMentions(card, policy, worst);
    const at = { workspaceId, channel: externalId };
    await oweState(scope, db, { ...at, of: { eventId: leaderId }, card: first, reports });
  }

  const changed = new Set(news.filter(({ change }) => change.kind !== "ends").map(({ eventId }) => eventId));
  const severity = escalationOf(members, changed);
  if (severity === undefined) return;
  const said = escalationCard(members, severity);
  // Who has heard of the incident may not have of what joins it just now.
  const calledBy = ({ wanted, callable, isJoining }: Telling) => [...callable, ...(isJoining ? wanted : [])];
  for (const channel of (await channelsOf(news, calledBy)).filter((each) => !isFirst(each))) {
    const calling = withMentions(said, channel.policy, severity);
    await oweEscalation(scope, db, channel, { leaderId, severity, card: calling });
  }
}

/** What its message does not say yet. */
function isNew({ change, isJoining }: Telling): boolean {
  return isJoining || isNews(change);
}

async function channelsOf(
  tellings: readonly Telling[],
  of: (telling: Telling) => readonly Channel[],
): Promise<Channel[]> {
  const found = new Map<string, Channel>();
  const turn = takeTurns();
  for (const telling of tellings) {
    await turn();
    for (const each of of(telling)) found.set(keyOf(each.workspaceId, each.externalId), each);
  }
  return [...found.values()];
}

interface IncidentState {
  members: readonly Member[];
  told: Awaited<ReturnType<typeof listStates>>;
  marks: readonly Mark[];
}

/** What stands of it. Of a single episode that this transaction has begun nothing does, and nobody else can see it. */
async function readIncident(
  scope: TenantScope,
  db: Queryable,
  leaderId: string,
  tellings: readonly Telling[],
  nowMs: number,
): Promise<IncidentState> {
  const [only] = tellings;
  if (tellings.length === 1 && only?.change.kind === "opens" && only.eventId === leaderId)
    return { members: [{ ...only.change.episode, id: leaderId }], told: [], marks: [] };
  const members = await lockIncident(scope, db, leaderId);
  const told = await listStates(scope, db, leaderId);
  return { members, told, marks: await readMarks(scope, db, leaderId, members, nowMs) };
}

function cardOf(
  leaderId: string,
  members: readonly Member[],
  tellings: readonly Telling[],
  before: Card | undefined,
): Card {
  return members.length === 1
    ? singleCard(tellings, before)
    : incidentCard({ leaderId, members, ...proofOf(tellings, members, before) });
}

/** Of one episode, as the last of its changes has left it; where nothing proves it now, with what its message shows already. */
function singleCard(tellings: readonly Telling[], before: Card | undefined): Card {
  const { eventId, change } = tellings.at(-1) as Telling;
  const { episode, kind } = change;
  const evidence = tellings.findLast((telling) => telling.evidence !== undefined)?.evidence;
  const card = anomalyCard({
    eventId,
    episode,
    evidence,
    ...(kind === "ends" && { resolution: change.why }),
  });
  const shown = before?.body.filter(isProof) ?? [];
  if (evidence !== undefined || before === undefined || shown.length === 0) return card;
  const deploy = factsOf(before).filter(({ label }) => label === LAST_DEPLOY);
  return {
    ...card,
    body: [{ kind: "facts", facts: [...factsOf(card), ...deploy] }, ...shown],
    actions: alertButtons(eventId, clusterOf(before), kind === "ends"),
  };
}

function factsOf({ body }: Card): Fact[] {
  return body.flatMap((block) => (block.kind === "facts" ? block.facts : []));
}

/** The kind of line whose root cause can be asked for under a message. */
function clusterOf(card: Card | undefined): string | undefined {
  return card?.actions?.find(({ action }) => action.name === "rootcause")?.action.subject;
}

/** The evidence of the first that is listed; where that has none now, what the message shows already, or of the next that has. */
function proofOf(tellings: readonly Telling[], members: readonly Member[], before: Card | undefined) {
  const ranks = new Map(worstFirst(members).map(({ id }, rank) => [id, rank]));
  const rankOf = ({ eventId }: Telling) => ranks.get(eventId) ?? -1;
  const [first] = tellings
    .filter(({ evidence, change }) => evidence !== undefined && change.kind !== "ends")
    .sort((a, b) => rankOf(a) - rankOf(b));
  const shown = before?.body.filter(isProof) ?? [];
  if (first !== undefined && (rankOf(first) === 0 || shown.length === 0)) {
    const evidence = withService(evidenceBlocks(first.evidence), first.change.episode.service);
    return { evidence, clusterId: first.evidence?.clusters[0]?.id };
  }
  // Until now it was of its leader alone, and did not have to say so.
  const [leader] = isIncident(before) ? [] : members;
  const evidence = leader === undefined ? shown : withService(shown, leader.service);
  return { evidence, clusterId: clusterOf(before) };
}

function keyOf(workspaceId: string, channel: string): string {
  return `${workspaceId} ${channel}`;
}

/** Owes a message that is about no single episode to channels, once for each `notice`. */
export async function oweNotices(
  scope: TenantScope,
  db: Queryable,
  channels: readonly Channel[],
  { notice, card }: { notice: string; card: Card },
): Promise<void> {
  for (const { workspaceId, externalId } of channels)
    await oweNotice(scope, db, { workspaceId, channel: externalId, notice, card });
}
