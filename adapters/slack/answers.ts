import type { Card } from "../../src/chat/card.ts";
import {
  answerIdOf,
  type ChatCore,
  type Delivery,
  type MessageRef,
  type Place,
  type RefusalReason,
  type Reply,
  type Secret,
} from "../../src/chat/platform.ts";
import { showSecret } from "../../src/chat/secret.ts";
import type { Log } from "../../src/log.ts";
import type { Account } from "./accounts.ts";
import type { Called, Calls } from "./calls.ts";
import { deliveryOf } from "./errors.ts";
import type { Pause } from "./pause.ts";
import type { Posting } from "./posting.ts";
import type { ResponseUrl } from "./responseUrl.ts";
import { secretWays } from "./secrets.ts";

/** Whom an answer is for, and the ways to reach them. */
export interface Asker {
  account: Account;
  personId: string;
  /** Where everybody sees it; its channel is "" where only the person's own messages are left. */
  at: Place;
  privately?: ResponseUrl | undefined;
  /** What was pressed. One that only its reader sees can only be replaced through its response_url. */
  pressed?: { message: MessageRef; isEphemeral: boolean } | undefined;
  /** The act was delivered before: its answer may stand there. */
  wasDelivered: boolean;
  actId: string;
}

/** Answers to acts of people. Nobody repeats those, so they are tried for minutes. Never throws. */
export interface Answers {
  give(asker: Asker, reply: Reply): Promise<void>;
  /** Says it to the one who acted and to nobody else. */
  whisper(asker: Asker, card: Card): Promise<void>;
}

export interface AnswersParts {
  calls: Calls;
  posting: Posting;
  log: Log;
  now: () => number;
  pause: Pause;
  reachAgain: ChatCore["reachAgain"];
  /** Aborted when the process is about to end: nothing is tried again then. */
  ending: AbortSignal;
}

export function createAnswers(parts: AnswersParts): Answers {
  const { calls, posting, log, now, pause, reachAgain, ending } = parts;

  /** @param wasTried an earlier attempt may have come through. */
  async function persist(
    send: (maybeSent: boolean) => Promise<Delivery>,
    wasTried: boolean,
  ): Promise<Delivery> {
    const untilMs = now() + TRY_FOR_MS;
    let maybeSent = wasTried;
    for (let attempt = 0; ; attempt++) {
      const outcome = await send(maybeSent);
      if (outcome.outcome === "sent" || outcome.outcome === "refused") return outcome;
      if (outcome.outcome === "unknown") maybeSent = true;
      const waitMs = Math.max(backoffMs(attempt), outcome.outcome === "later" ? outcome.afterMs : 0);
      if (ending.aborted || now() + waitMs > untilMs) return outcome;
      await pause(waitMs, ending);
    }
  }

  async function toEverybody(asker: Asker, card: Card): Promise<Delivery> {
    if (asker.at.channel === "") return directly(asker, card);
    const { account, at, actId, wasDelivered } = asker;
    const posted = await persist(
      (maybeSent) => posting.post(account, at, card, { deliveryId: answerIdOf(actId), maybeSent }),
      wasDelivered,
    );
    if (posted.outcome === "sent") await reachAgain(at);
    if (posted.outcome !== "refused" || !NOT_THERE.has(posted.reason)) return posted;
    // A command can be typed where the bot is not.
    const why = whyDirectly(at.channel, posted.reason);
    const direct = await directly(asker, withText(card, why));
    if (direct.outcome === "sent") await whisper(asker, note("I answered you in a direct message", why));
    return direct;
  }

  /** In the person's own messages with the bot. */
  async function directly(asker: Asker, card: Card): Promise<Delivery> {
    const { account, personId, actId, wasDelivered } = asker;
    return persist(async (maybeSent) => {
      const direct = await posting.directChannel(account, personId);
      if (!direct.ok) return asDelivery(direct);
      const place = { platform: asker.at.platform, workspace: asker.at.workspace, channel: direct.value };
      return posting.post(account, place, card, { deliveryId: answerIdOf(actId), maybeSent });
    }, wasDelivered);
  }

  async function whisper(asker: Asker, card: Card): Promise<void> {
    const { account, at, personId, privately, pressed } = asker;
    const send = posting.privately(account, personId, card);
    if (privately !== undefined) {
      const thread = pressed === undefined ? undefined : at.thread;
      const sent = await throughResponseUrl(() => send((message) => privately.send(message, "new", thread)));
      if (sent.outcome === "sent") return;
    }
    return whisperByToken(asker, card, send);
  }

  /** Twice at most, and quickly: somebody waits, and there are other ways to them. */
  async function throughResponseUrl(send: () => Promise<Called<unknown>>): Promise<Delivery> {
    const untilMs = now() + AGAIN_WITHIN_MS;
    const attempt = async () => asDelivery(await send());
    const first = await attempt();
    if (first.outcome === "sent" || first.outcome === "refused" || ending.aborted) return first;
    const waitMs = Math.max(backoffMs(0), first.outcome === "later" ? first.afterMs : 0);
    if (now() + waitMs > untilMs) return first;
    await pause(waitMs, ending);
    return attempt();
  }

  async function whisperByToken(
    asker: Asker,
    card: Card,
    send: ReturnType<Posting["privately"]>,
  ): Promise<void> {
    const { account, at, personId } = asker;
    if (at.channel !== "") {
      // What is written in their own messages with the bot only they see, and it stays there.
      const isTheirs = at.channel.startsWith("D");
      const sent = await persist(
        async (maybeSent) =>
          isTheirs
            ? posting.post(account, at, card, { deliveryId: answerIdOf(asker.actId), maybeSent })
            : asDelivery(await send(posting.ephemeral(account, at, personId))),
        false,
      );
      if (sent.outcome === "sent") return;
    }
    noteLost(asker, await directly(asker, card));
  }

  async function replace(asker: Asker, card: Card): Promise<void> {
    const { account, personId, pressed, privately } = asker;
    if (pressed === undefined) return whisper(asker, card);
    if (!pressed.isEphemeral) {
      const edited = await persist(() => posting.edit(account, pressed.message, card), false);
      return edited.outcome === "refused" ? whisper(asker, card) : noteLost(asker, edited);
    }
    const send = posting.privately(account, personId, card);
    if (privately !== undefined) {
      const sent = await throughResponseUrl(() => send((message) => privately.send(message, "replace")));
      if (sent.outcome === "sent") return;
    }
    return whisperByToken(asker, card, send);
  }

  async function showOnce(asker: Asker, card: Card, secret: Secret): Promise<void> {
    const ways = () => secretWays({ calls, posting }, asker, card);
    const then = await showSecret(secret, asker.actId, ways, { log, pause, stopping: ending });
    if (then !== undefined) await whisper(asker, then);
  }

  function noteLost({ account, actId }: Asker, outcome: Delivery): void {
    if (outcome.outcome === "sent") return;
    log.error(
      { workspace: account.workspace, act: actId, why: outcome.why },
      "slack: an answer could not be given",
    );
  }

  async function tellShown(reply: Extract<Reply, { kind: "message" }>, message: MessageRef): Promise<void> {
    try {
      await reply.shown?.(message);
    } catch (err) {
      // The answer stands; only its later edits are lost.
      log.error({ err, message: message.id }, "slack: the core could not note where its answer stands");
    }
  }

  return {
    whisper,

    async give(asker, reply) {
      switch (reply.kind) {
        case "silence":
          return;
        case "replace":
          return replace(asker, reply.card);
        case "message": {
          if (reply.secret !== undefined) return showOnce(asker, reply.card, reply.secret);
          // What is edited later must be a message that can be: no one that vanishes is.
          if (reply.visibility === "caller" && reply.shown === undefined) return whisper(asker, reply.card);
          const sent =
            reply.visibility === "channel"
              ? await toEverybody(asker, reply.card)
              : await directly(asker, reply.card);
          if (sent.outcome === "sent") return tellShown(reply, sent.message);
          if (sent.outcome === "refused") return whisper(asker, reply.card);
          return noteLost(asker, sent);
        }
      }
    },
  };
}

/** Longer than most outages; somebody who waits longer has asked again. */
const TRY_FOR_MS = 4 * 60_000;
/** A response_url that takes longer is left for another way. */
const AGAIN_WITHIN_MS = 2_000;

function backoffMs(attempt: number): number {
  return Math.min(30_000, 500 * 2 ** attempt);
}

/** The bot does not stand in the channel, or cannot see it. */
const NOT_THERE: ReadonlySet<string> = new Set(["not in channel", "channel gone"]);

/** Nobody can be invited into a conversation of two; and one that the bot cannot see may be a private channel, or not. */
function whyDirectly(channel: string, reason: RefusalReason): string {
  if (channel.startsWith("D"))
    return "You asked in a conversation between other people, where I can neither read nor write. Ask me here, or in a channel that I was invited to.";
  if (reason === "channel gone")
    return "I am not in the conversation where you asked. If it is a channel, invite me with /invite @LogHunter, and the next answer stands there; if it is one between a few people I cannot come: ask me here.";
  return "I am not in the channel where you asked. Invite me with /invite @LogHunter, and the next answer stands there.";
}

function withText(card: Card, text: string): Card {
  return { ...card, body: [...card.body, { kind: "text", text }] };
}

function note(title: string, text: string): Card {
  return { title, tone: "neutral", body: [{ kind: "text", text }] };
}

/** A message that cannot be named once it stands there. */
function asDelivery(called: Called<unknown>): Delivery {
  return called.ok ? { outcome: "sent", message: NAMELESS } : deliveryOf(called);
}
const NAMELESS: MessageRef = { place: { platform: "slack", workspace: "", channel: "" }, id: "" };
