import type { Block, Inline } from "../../chat/card.ts";
import { failureKindOf, isSymptom } from "../../evidence/failureKinds.ts";
import { evidenceItems } from "../../evidence/items.ts";
import { type Pack, rangeOf } from "../../evidence/pack.ts";
import type { Answer } from "../answer.ts";
import { DEPLOY_REACH_MS } from "../builtin.ts";
import { EVENT_WORDS } from "../evidenceCard.ts";
import { duration, windowText } from "../words.ts";
import { exactly, type FollowUp, numbersText, tableOf, text } from "./topic.ts";

/** Whether it was a deploy, in a sentence with the reason; and then all there were. */
export function tellDeploys({ pack, answer }: FollowUp): Block[] {
  if (pack.deploys.length === 0) {
    return [
      text([
        "No deploy was marked from ",
        ...windowText(rangeOf(pack)),
        ". Mark them with ",
        { code: "deploy <service> <version>" },
        " and they become evidence.",
        ...otherOccasions(pack),
      ]),
    ];
  }
  const onsetMs = beganMs(pack, answer);
  return [
    text([...whether(pack, answer), ...otherOccasions(pack)]),
    ...tableOf(
      ["When", "Deploy", "Before it began"],
      deployItems(pack).map(({ deploy, number }) => [
        [exactly(deploy.atMs, pack)],
        `${deploy.service} ${deploy.version} ${numbersText([number])}`,
        onsetMs === undefined ? "–" : onsetMs >= deploy.atMs ? duration(onsetMs - deploy.atMs) : "after it",
      ]),
    ),
  ];
}

/** When what the answer blames began: one moment for the sentence and the table below it. */
function beganMs(pack: Pack, { culprit }: Answer): number | undefined {
  return (culprit === undefined ? undefined : pack.clusters[culprit]?.onsetMs) ?? pack.onsetMs;
}

/** What else was done to services near the onset: a deploy that nobody marked shows as a restart. */
function otherOccasions(pack: Pack): Inline[] {
  return evidenceItems(pack).flatMap((item): Inline[] =>
    item.kind === "event" && item.event.kind !== "anomaly"
      ? [
          ` ${item.service}: ${EVENT_WORDS[item.event.kind]} at `,
          exactly(item.event.atMs, pack),
          ` [${item.number}].`,
        ]
      : [],
  );
}

function deployItems(pack: Pack) {
  return evidenceItems(pack).flatMap((item) => (item.kind === "deploy" ? [item] : []));
}

/** Held against the service that the answer blames, by the rules the built-in analyzer goes by. */
function whether(pack: Pack, answer: Answer): Inline[] {
  const cluster = answer.culprit === undefined ? undefined : pack.clusters[answer.culprit];
  const atMs = beganMs(pack, answer);
  if (cluster === undefined || atMs === undefined)
    return ["No error shows the cause, so nothing ties a deploy to it or clears one."];
  const before = deployItems(pack).filter(({ deploy }) => deploy.atMs <= atMs);
  const where = `${cluster.service} [${(answer.culprit ?? 0) + 1}]`;
  const own = before.findLast(({ deploy }) => deploy.service === cluster.service);
  const last = before.at(-1);
  if (last === undefined)
    return [`No deploy came before it began in ${where}: what follows cannot have caused it.`];
  if (own === undefined) {
    const { deploy, number } = last;
    return [
      `The errors that it is put down to are of ${where}, and no deploy of ${cluster.service} was marked. The last of any other was ${deploy.service} ${deploy.version}, ${duration(atMs - deploy.atMs)} before [${number}]. It may still be the cause, but nothing except the time says so.`,
    ];
  }
  const ago = `${own.deploy.service} ${own.deploy.version} was deployed ${duration(atMs - own.deploy.atMs)} before [${own.number}]`;
  if (isSymptom(failureKindOf(cluster.sample)))
    return [
      `${ago}, but its errors [${(answer.culprit ?? 0) + 1}] say that something it calls fails, which its own deploy does not explain.`,
    ];
  if (atMs - own.deploy.atMs > DEPLOY_REACH_MS)
    return [
      `${ago}: more than ${duration(DEPLOY_REACH_MS)}, after which a deploy is not taken for the cause of what begins.`,
    ];
  return [{ strong: "It fits: " }, `${ago} ${where} began to fail.`];
}
