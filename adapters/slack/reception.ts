import type { Card } from "../../src/chat/card.ts";
import { fitCard } from "../../src/chat/fit.ts";
import type { Once } from "../../src/chat/once.ts";
import type { Person, Place } from "../../src/chat/platform.ts";
import type { Log } from "../../src/log.ts";
import type { Account, Accounts } from "./accounts.ts";
import type { IsSlacks } from "./addresses.ts";
import type { Answers, Asker } from "./answers.ts";
import type { LastWays } from "./lastWays.ts";
import { LIMITS } from "./limits.ts";
import type { Admission, People } from "./people.ts";
import { renderCard } from "./render.ts";
import { createResponseUrl } from "./responseUrl.ts";

/** One act of a person as Slack delivered it. */
export interface Arrival {
  actId: string;
  /** The workspace that Slack vouches for. */
  workspace: string;
  enterpriseId: string | undefined;
  userId: string;
  userName: string | undefined;
  /** The person's own workspace, where Slack names it. */
  userTeam: string | undefined;
  responseUrl: string | undefined;
  /** Slack has delivered it before. */
  isRepeated: boolean;
  /** Where its answer goes, without a thread's root that is not known yet. */
  at: Pick<Place, "channel" | "thread">;
  pressed?: { message: string; thread?: string | undefined; isEphemeral: boolean } | undefined;
  /** How it is told that nothing is done, where not by a whisper: talk among people is not answered with that. */
  refuse?: (account: Account, card: Card) => Promise<void>;
}

export interface Received {
  account: Account;
  person: Person;
  asker: Asker;
  placeOf(at: Pick<Place, "channel" | "thread">): Place;
}

/** Lets in the acts of those who belong here, each once, and after Slack was told that they arrived. */
export interface Reception {
  /** Resolves when it is done, here; of one that is not new at once. Never rejects. */
  receive(arrival: Arrival, act: (received: Received) => Promise<void>): Promise<void>;
}

export interface ReceptionParts {
  accounts: Accounts;
  people: People;
  once: Once;
  answers: Answers;
  lastWays: LastWays;
  isSlacks: IsSlacks;
  log: Log;
  now: () => number;
}

export function createReception(parts: ReceptionParts): Reception {
  const { accounts, people, once, answers, lastWays, isSlacks, log, now } = parts;

  async function letIn(
    arrival: Arrival,
    account: Account | undefined,
    act: (received: Received) => Promise<void>,
  ): Promise<void> {
    const { workspace, userId, userName, userTeam, refuse } = arrival;
    if (account === undefined) {
      log.warn({ workspace }, "slack: an act of a workspace where LogHunter is not installed");
      return turnAway(arrival, ANOTHER_WORKSPACE);
    }
    const asker = askerOf(arrival, account);
    const admission = await people.admit(account, { id: userId, name: userName, team: userTeam });
    if (!admission.isIn) {
      log.warn({ workspace, person: userId, why: admission.because }, "slack: an act was turned away");
      const card = refusalOf(admission);
      return refuse === undefined ? answers.whisper(asker, card) : refuse(account, card);
    }
    const { person } = admission;
    if (asker.privately !== undefined) lastWays.note(account.workspace, userId, asker.privately);
    await act({ account, person, asker, placeOf: (at) => placeIn(account.workspace, at) });
  }

  async function receiveOnce(arrival: Arrival, act: (received: Received) => Promise<void>): Promise<void> {
    const { workspace, enterpriseId, actId } = arrival;
    if (!(await once.begin(workspace, actId))) return;
    let account: Account | undefined;
    try {
      account = await accounts.find(workspace, enterpriseId);
    } catch (err) {
      log.error(
        { err, workspace, act: actId },
        "slack: an act could not be done: its installation cannot be read",
      );
      // Not done, and so not noted as done.
      return turnAway(arrival, NO_DATABASE);
    }
    await letIn(arrival, account, act).catch((err) =>
      log.error({ err, workspace, act: actId }, "slack: an act failed"),
    );
    await once.end(workspace, actId);
  }

  /** Without a token only the response_url can say so. */
  async function turnAway({ responseUrl, refuse }: Arrival, card: Card): Promise<void> {
    if (responseUrl === undefined || refuse !== undefined) return;
    const message = renderCard(fitCard(card, LIMITS), new Map(), "private");
    await createResponseUrl(responseUrl, now, isSlacks).send(message, "new");
  }

  function askerOf(arrival: Arrival, account: Account): Asker {
    const { at, pressed, responseUrl, userId, actId, isRepeated } = arrival;
    const place = placeIn(account.workspace, at);
    return {
      account,
      personId: userId,
      at: place,
      actId,
      wasDelivered: isRepeated,
      ...(responseUrl !== undefined && { privately: createResponseUrl(responseUrl, now, isSlacks) }),
      ...(pressed !== undefined && {
        pressed: {
          isEphemeral: pressed.isEphemeral,
          message: {
            place: placeIn(account.workspace, {
              channel: at.channel,
              ...(pressed.thread !== undefined && { thread: pressed.thread }),
            }),
            id: pressed.message,
          },
        },
      }),
    };
  }

  return {
    async receive(arrival, act) {
      if (once.isNew(arrival.actId)) await once.inHand(receiveOnce(arrival, act));
    },
  };
}

export const PLATFORM = "slack";

function placeIn(workspace: string, { channel, thread }: Pick<Place, "channel" | "thread">): Place {
  return { platform: PLATFORM, workspace, channel, ...(thread !== undefined && { thread }) };
}

function refusalOf(turnedAway: Admission & { isIn: false }): Card {
  if (turnedAway.because === "another workspace") return ANOTHER_WORKSPACE;
  const { why, isLasting } = turnedAway;
  const next = isLasting ? "Try again once that is mended." : "Try again in a moment.";
  return {
    title: "Slack did not say who you are",
    tone: "warning",
    badge: "NOT DONE",
    body: [
      {
        kind: "text",
        text: `LogHunter asked Slack who you are and got no answer: ${why}. Without it nobody is let in, and nothing was done. ${next}`,
      },
    ],
  };
}

const NO_DATABASE: Card = {
  title: "Not now",
  tone: "warning",
  badge: "NOT DONE",
  body: [
    {
      kind: "text",
      text: "LogHunter's database does not answer. Nothing is lost; try again in a minute.",
    },
  ],
};

const ANOTHER_WORKSPACE: Card = {
  title: "This LogHunter belongs to another workspace",
  tone: "warning",
  badge: "NOT DONE",
  body: [
    {
      kind: "text",
      text: "This LogHunter belongs to another workspace, and shows its logs to that workspace's people only. Ask one of them, or have your own installed.",
    },
  ],
};
