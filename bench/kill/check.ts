import { nonceOf } from "../../adapters/discord/standing.ts";
import { type Delivery, type Episode, readKept } from "./kept.ts";

/** A message as it stands on a platform. */
export interface Standing {
  /** What the platform has of the delivery that made it: the id in Slack's metadata, the nonce of Discord's. */
  mark: string;
  channel: string;
  id: string;
  /** What a person reads. */
  text: string;
}

/** What came of the episodes that began in one phase. */
export interface Verdict {
  episodes: number;
  messages: number;
  /** Channels that should show an episode and do not. */
  lost: number;
  /** Messages beside the one that a channel should have. */
  doubled: number;
  /** Messages that do not show how their episode ended, or that the database has under another id. */
  wrongState: number;
  /** Episodes that are said to be notified and were not, or the other way round. */
  wrongNotified: number;
  /** Each of these in words. */
  troubles: string[];
}

export const NOTHING: Readonly<Verdict> = {
  ...{ episodes: 0, messages: 0, lost: 0, doubled: 0, wrongState: 0, wrongNotified: 0, troubles: [] },
};

/** A stretch of time under a name; one name may have several. */
export interface Phase {
  name: string;
  fromMs: number;
  toMs: number;
}

/**
 * Holds what stands on the platforms against the database, when nothing is owed any longer and every episode is over: one
 * message for each episode in each channel of its tenant, which shows its end, and each escalation in its thread.
 */
export async function check(
  databaseUrl: string,
  standing: readonly Standing[],
  phases: readonly Phase[],
): Promise<Map<string, Verdict>> {
  const { episodes, channels, deliveries } = await readKept(databaseUrl);
  const verdicts = new Map<string, Verdict>();
  const verdictAt = (atMs: number) => {
    const name = phases.find(({ fromMs, toMs }) => atMs >= fromMs && atMs < toMs)?.name ?? BETWEEN;
    const verdict = verdicts.get(name) ?? { ...NOTHING, troubles: [] };
    verdicts.set(name, verdict);
    return verdict;
  };

  const alerts = deliveries.filter(({ kind }) => kind === "alert");
  const byMark = new Map(alerts.flatMap((each) => marksOf(each.id).map((mark) => [mark, each])));
  const shown = new Map<string, Standing[]>();
  for (const message of standing) {
    const delivery = byMark.get(message.mark);
    if (delivery === undefined) continue;
    const key = `${delivery.episode} ${delivery.channel}`;
    shown.set(key, [...(shown.get(key) ?? []), message]);
  }

  for (const episode of episodes) {
    const verdict = verdictAt(episode.begunMs);
    verdict.episodes++;
    const name = `${episode.service} ${episode.metric}`;
    let isShown = false;
    for (const { channel } of channels.filter(({ tenant }) => tenant === episode.tenant)) {
      const there = shown.get(`${episode.lead} ${channel}`) ?? [];
      isShown ||= there.length > 0;
      // Of several episodes in one message only the first has a message of its own to count.
      if (episode.lead === episode.id) {
        verdict.messages += there.length;
        verdict.doubled += Math.max(0, there.length - 1);
        if (there.length > 1) verdict.troubles.push(`${name}: ${there.length} messages in ${channel}`);
      }
      if (there.length === 0) {
        verdict.lost++;
        verdict.troubles.push(`${name}: no message in ${channel}`);
        continue;
      }
      if (episode.lead !== episode.id) continue;
      const own = alerts.filter((each) => each.episode === episode.lead && each.channel === channel);
      const why = whyWrong(episode, own, there);
      if (why === undefined) continue;
      verdict.wrongState++;
      verdict.troubles.push(`${name} in ${channel}: ${why}`);
    }
    if (episode.notified === isShown) continue;
    verdict.wrongNotified++;
    verdict.troubles.push(`${name}: ${episode.notified ? "notified, not shown" : "shown, not notified"}`);
  }
  for (const reply of deliveries.filter(({ kind }) => kind === "escalation")) {
    const verdict = verdictAt(episodes.find(({ id }) => id === reply.episode)?.begunMs ?? 0);
    const marks = marksOf(reply.id);
    const there = standing.filter(({ mark }) => marks.includes(mark)).length;
    verdict.messages += there;
    verdict.lost += there === 0 ? 1 : 0;
    verdict.doubled += Math.max(0, there - 1);
    if (there !== 1) verdict.troubles.push(`"${reply.card.title}" stands ${there} times in ${reply.channel}`);
  }
  return verdicts;
}

/** The row of episodes that began in no phase. */
export const BETWEEN = "in between";

/** @param own its deliveries to one channel, the last one last */
function whyWrong(
  { isOver }: Episode,
  own: readonly Delivery[],
  there: readonly Standing[],
): string | undefined {
  const last = own.at(-1);
  if (last === undefined) return "nothing was owed";
  if (!isOver) return "it is not over";
  if (last.state !== "sent") return `its last state is ${last.state}`;
  const { badge, title } = last.card;
  if (badge !== OVER) return `its last state was owed as ${badge}`;
  const message = there.find(({ id }) => id === last.message);
  if (message === undefined) return "what the database has its last state in is not there";
  if (!message.text.includes(title) || !message.text.includes(OVER)) return `it does not show "${title}"`;
  return undefined;
}

const OVER = "RESOLVED";

function marksOf(deliveryId: string): string[] {
  return [deliveryId, nonceOf(deliveryId)];
}
