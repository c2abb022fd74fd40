import type { types, webApi } from "@slack/bolt";
import type { Card } from "../../src/chat/card.ts";
import { type FittedCard, fitCard, type TextFile } from "../../src/chat/fit.ts";
import { clip } from "../../src/chat/limits.ts";
import { plainText } from "../../src/chat/plainText.ts";
import type { Delivery, MessageRef, Place, Sending } from "../../src/chat/platform.ts";
import type { Log } from "../../src/log.ts";
import type { Account } from "./accounts.ts";
import type { Called, Calls } from "./calls.ts";
import { directChannel } from "./directChannel.ts";
import { deliveryOf, type Failure, later } from "./errors.ts";
import { escapedChars, LIMITS, MAX_FALLBACK_CHARS } from "./limits.ts";
import { escapeText, mentionText } from "./markup.ts";
import type { Pause } from "./pause.ts";
import type { Pictures } from "./pictures.ts";
import { CUT, renderCard, type Surface } from "./render.ts";
import { deliveryMetadata, findSent } from "./sent.ts";
import type { Sharing } from "./sharing.ts";

/** Messages of one account's bot. Each call tries once; what came of it is a Delivery. */
export interface Posting {
  post(account: Account, place: Place, card: Card, sending: Sending): Promise<Delivery>;
  edit(account: Account, message: MessageRef, card: Card, signal?: AbortSignal): Promise<Delivery>;
  /**
   * A card for one person alone, to be sent by whatever call reaches them, as often as it takes. What has no room is
   * shared with them first, and once: such a message has no thread, and often cannot be edited.
   */
  privately(account: Account, personId: string, card: Card): <T>(call: SendMessage<T>) => Promise<Called<T>>;
  /** Shows it to one person of the channel, until they reload. */
  ephemeral(account: Account, place: Place, personId: string, signal?: AbortSignal): SendMessage<unknown>;
  /** The channel in which the person and the bot write to each other. */
  directChannel(account: Account, personId: string, signal?: AbortSignal): Promise<Called<string>>;
}

export interface Message {
  text: string;
  blocks: types.KnownBlock[];
}
export type SendMessage<T> = (message: Message) => Promise<Called<T>>;

export interface PostingParts {
  calls: Calls;
  pictures: Pictures;
  sharing: Sharing;
  pause: Pause;
  log: Log;
  /** Where nobody may look whether a message stands whose answer was lost: whether it is sent again. */
  resendsUnsure: boolean;
}

/** What had no room was or will be shared there, as the card says. */
type Whereabouts = (files: readonly TextFile[]) => Promise<Surface>;

export function createPosting({
  calls,
  pictures,
  sharing,
  pause,
  log,
  resendsUnsure,
}: PostingParts): Posting {
  /** Sends a card as one message, without its pictures rather than not at all. */
  async function send<T>(
    account: Account,
    card: Card,
    call: SendMessage<T>,
    whereabouts: Whereabouts,
    signal?: AbortSignal,
  ): Promise<{ called: Called<T>; files: TextFile[] }> {
    const fitted = fitCard(card, LIMITS);
    const { files } = fitted;
    const surface = files.length === 0 ? "message" : await whereabouts(files);
    const found = await pictures.of(account, fitted.card, signal);
    // Slack goes on processing a picture after it has it, and until then refuses blocks that name it:
    // https://docs.slack.dev/changelog/2024-04-a-better-way-to-upload-files-is-here-to-stay
    const waits = found.size === 0 ? [] : PICTURE_WAITS_MS;
    for (const waitMs of [0, ...waits]) {
      if (waitMs > 0) await pause(waitMs, signal);
      const called = await call(renderCard(fitted, found, surface));
      if (!isRefusedContent(called)) return { called, files };
    }
    if (found.size > 0) {
      pictures.forget(account, fitted.card);
      const called = await call(renderCard(fitted, new Map(), surface));
      if (!isRefusedContent(called)) return { called, files };
    }
    log.error({ workspace: account.workspace }, "slack: a card was refused, and is sent as plain text");
    const whole = wholeText(card, files);
    return { called: await call(plainMessage(fitted, await whereabouts(whole))), files: whole };
  }

  /** Shows the card in the place of what the message shows now. */
  function update(
    account: Account,
    { id: ts, place: { channel } }: MessageRef,
    card: Card,
    whereabouts: Whereabouts,
    signal: AbortSignal | undefined,
  ) {
    const call: SendMessage<unknown> = (message) =>
      calls.make(
        account,
        (client) => client.chat.update({ channel, ts, ...message, ...LITERAL_EDIT }),
        signal,
      );
    return send(account, card, call, whereabouts, signal);
  }

  /** Puts into the message's thread what the card says is there; where that fails the card says so. */
  async function shareFiles(
    account: Account,
    message: MessageRef,
    card: Card,
    files: readonly TextFile[],
    signal: AbortSignal | undefined,
  ): Promise<void> {
    if (await sharing.inThread(account, message.place, message.id, files, signal)) return;
    await update(account, message, card, NOWHERE, signal);
  }

  async function edit(
    account: Account,
    message: MessageRef,
    card: Card,
    signal?: AbortSignal,
  ): Promise<Delivery> {
    const { called, files } = await update(account, message, card, IN_THREAD, signal);
    if (called.ok) {
      await shareFiles(account, message, card, files, signal);
      return { outcome: "sent", message };
    }
    // An edit that is made twice is made once.
    return called.outcome === "unknown" ? deliveryOf(later(EDIT_AGAIN_MS, called.why)) : deliveryOf(called);
  }

  return {
    async post(account, place, card, { deliveryId, maybeSent, signal }) {
      const { channel, thread } = place;
      if (maybeSent) {
        const found = await findSent(calls, account, place, deliveryId, signal);
        // Not knowing is no reason to post it twice: whoever sends it asks again.
        if (!found.ok) return found.outcome === "refused" ? deliveryOf(found) : unknownStill(found);
        if (found.value.is === "there") {
          await sharing.noteEarlier(account, place, found.value.ts, fitCard(card, LIMITS).files);
          return edit(account, { place, id: found.value.ts }, card, signal);
        }
        // Without the scope nobody can know. Twice is better than not at all, unless the operator thinks otherwise.
        if (found.value.is === "hidden" && !resendsUnsure) return MAY_STAND;
      }
      const { called, files } = await send(
        account,
        card,
        (message) =>
          calls.make(
            account,
            (client) =>
              client.chat.postMessage({
                channel,
                ...(thread !== undefined && { thread_ts: thread }),
                ...message,
                ...LITERAL,
                metadata: deliveryMetadata(deliveryId),
              }),
            signal,
          ),
        IN_THREAD,
        signal,
      );
      if (!called.ok) return deliveryOf(called);
      const { ts: id } = called.value;
      if (id === undefined) return { outcome: "unknown", why: "Slack did not say which message it is" };
      await shareFiles(account, { place, id }, card, files, signal);
      return { outcome: "sent", message: { place, id } };
    },

    edit,

    privately(account, personId, card) {
      let shared: Promise<boolean> | undefined;
      const toPerson: Whereabouts = async (files) => {
        shared ??= sharing.withPerson(account, personId, files);
        return (await shared) ? "private" : "unshared";
      };
      return async (call) => (await send(account, card, call, toPerson)).called;
    },

    ephemeral:
      (account, { channel, thread }, user, signal) =>
      (message) => {
        const at = { channel, user, ...(thread !== undefined && { thread_ts: thread }) };
        const call = (client: webApi.WebClient) =>
          client.chat.postEphemeral({ ...at, ...message, ...LITERAL_EDIT });
        return calls.make(account, call, signal);
      },

    directChannel: (account, personId, signal) => directChannel(calls, account, personId, signal),
  };
}

const MAY_STAND: Delivery = {
  outcome: "refused",
  reason: "not acceptable",
  why: "it may stand there already, Slack lets nobody look without the history scopes, and SLACK_RESEND_UNSURE says not to send it again",
};

/** Seen to take up to a few seconds. */
const PICTURE_WAITS_MS = [300, 700, 1_500, 3_000];
const EDIT_AGAIN_MS = 2_000;

const IN_THREAD: Whereabouts = async () => "message";
const NOWHERE: Whereabouts = async () => "unshared";

/** Nothing in a text becomes a mention, a link or a preview. */
const LITERAL_EDIT = { link_names: false, parse: "none" } as const;
export const LITERAL = { ...LITERAL_EDIT, mrkdwn: false, unfurl_links: false, unfurl_media: false } as const;

function isRefusedContent<T>(called: Called<T>): boolean {
  return !called.ok && called.outcome === "refused" && called.reason === "not acceptable";
}

/** The last resort, should Slack have a rule that nobody knows of: as much as a text takes. */
function plainMessage({ card }: FittedCard, surface: Surface): Message {
  const text = escapeText(clip(plainText(card), MAX_FALLBACK_CHARS - 1_000, escapedChars));
  const mentions = mentionText(card.mentions ?? []);
  return { text: [text, CUT[surface], mentions].filter((part) => part !== "").join("\n\n"), blocks: [] };
}

function wholeText(card: Card, files: TextFile[]): TextFile[] {
  return files.length > 0 ? files : [{ name: "details.txt", text: plainText(card) }];
}

function unknownStill({ why }: Failure): Delivery {
  return { outcome: "unknown", why: `it could not be looked for: ${why}` };
}
