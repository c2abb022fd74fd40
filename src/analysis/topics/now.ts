import type { Block, Inline } from "../../chat/card.ts";
import { type Pack, rangeOf } from "../../evidence/pack.ts";
import { ratesOf } from "../errorChart.ts";
import { countOf, duration, moment } from "../words.ts";
import { exactly, type FollowUp, type Subject, text } from "./topic.ts";

/** Of longer ago nothing is counted. */
export const MOST_NOW_MINUTES = 6 * 60;
/** The rate of now is that of so many minutes. */
const LATELY_MINUTES = 5;
/** Errors of up to this many times the usual are the usual ones. */
const AS_USUAL = 1.5;

/** Whether it is over: what the evidence says of its end, and what was logged since it was gathered. */
export async function tellNow(followUp: FollowUp, subject: Subject | undefined): Promise<Block[]> {
  const { pack, answer, errorsSince } = followUp;
  const number = subject?.numbers[0] ?? (answer.culprit === undefined ? undefined : answer.culprit + 1);
  const cluster = number === undefined ? undefined : pack.clusters[number - 1];
  const services =
    subject === undefined
      ? [...new Set([cluster?.service ?? pack.service, pack.service])]
      : [cluster?.service ?? subject.name];
  const since = await Promise.all(
    services.map(async (service) => lately(pack, service, await errorsSince(service))),
  );
  const hadEnded = cluster?.endedMs !== undefined;
  const told: Inline[] = [{ strong: verdict(hadEnded, since) }, " "];
  if (cluster !== undefined && number !== undefined) {
    told.push(
      ...(cluster.endedMs === undefined
        ? [`${cluster.service} was still logging it [${number}] at `, readAt(pack)]
        : [`${cluster.service} logged it last at `, exactly(cluster.endedMs, pack), ` [${number}]`]),
      ". ",
    );
  }
  const unknown = since.filter(({ minutes }) => minutes === 0);
  if (unknown.length > 0) {
    const names = unknown.map(({ service }) => service).join(" and ");
    told.push("Too little time has passed since ", readAt(pack), ` to say anything new about ${names}. `);
  }
  for (const one of since) if (one.minutes > 0) told.push(...sinceText(pack, one, hadEnded));
  return [text(told)];
}

interface Lately {
  service: string;
  minutes: number;
  total: number;
  /** A minute, over the last of them. */
  rate: number;
  lastMinutes: number;
  isUsual: boolean;
}

function lately(pack: Pack, service: string, counts: readonly number[]): Lately {
  const last = counts.slice(-LATELY_MINUTES);
  const rate = last.length === 0 ? 0 : last.reduce((sum, count) => sum + count, 0) / last.length;
  const usual = service === pack.service ? (ratesOf(pack).expected ?? 0) : 0;
  return {
    ...{ service, minutes: counts.length, rate, lastMinutes: last.length },
    total: counts.reduce((sum, count) => sum + count, 0),
    isUsual: rate <= usual * AS_USUAL,
  };
}

function verdict(hadEnded: boolean, since: readonly Lately[]): string {
  const isKnown = since.every(({ minutes }) => minutes > 0);
  if (!isKnown) return hadEnded ? "It had stopped when this was read." : "It went on when this was read.";
  if (since.every(({ isUsual }) => isUsual)) return "It seems to be over.";
  return hadEnded ? "It had stopped, and there are errors again, or others." : "It goes on.";
}

function sinceText(pack: Pack, one: Lately, hadEnded: boolean): Inline[] {
  const { service, minutes, total, rate, lastMinutes } = one;
  const when: Inline[] =
    minutes < MOST_NOW_MINUTES ? ["since ", readAt(pack)] : [`in the last ${duration(minutes * 60_000)}`];
  if (total === 0) return [`${service} has logged no error `, ...when, ". "];
  return [
    `${service} has logged ${countOf(total, "error", "errors")}${hadEnded ? " of any kind" : ""} `,
    ...when,
    ", ",
    { strong: `${rate.toFixed(1)} a minute` },
    ` in the last ${countOf(lastMinutes, "minute", "minutes")}. `,
  ];
}

function readAt(pack: Pack): Inline {
  return moment(pack.window.toMs, rangeOf(pack));
}
