import { createHash } from "node:crypto";
import type { types } from "@slack/bolt";
import type { Card } from "../../src/chat/card.ts";
import { type FittedCard, fitCard, type TextFile } from "../../src/chat/fit.ts";
import { clip } from "../../src/chat/limits.ts";
import { plainText } from "../../src/chat/plainText.ts";
import type { Delivery, MessageRef, Place, Sending } from "../../src/chat/platform.ts";
import { createRecent } from "../../src/chat/recent.ts";
import type { Log } from "../../src/log.ts";
import type { Account } from "./accounts.ts";
import type { Called, Calls } from "./calls.ts";
import { deliveryOf, type Failure, later } from "./errors.ts";
import { uploadFile } from "./files.ts";
import { LIMITS, MAX_FALLBACK_CHARS } from "./limits.ts";
import { escapeText } from "./markup.ts";
import type { Pause } from "./pause.ts";
import type { Pictures } from "./pictures.ts";
import { renderCard } from "./render.ts";
import { deliveryMetadata, findSent, hasFile } from "./sent.ts";

/** Messages of one account's bot. Each call tries once; what came of it is a Delivery. */
export interface Posting {
  post(account: Account, place: Place, card: Card, sending: Sending): Promise<Delivery>;
  edit(account: Account, message: MessageRef, card: Card, signal?: AbortSignal): Promise<Delivery>;
  /** Shows it to one person of the channel, until they reload. */
  whisper(account: Account, place: Place, personId: string, card: Card): Promise<Called<undefined>>;
  /** The channel in which the person and the bot write to each other. */
  directChannel(account: Account, personId: string, signal?: AbortSignal): Promise<Called<string>>;
  /** Sends a card as one message, by whatever call takes its blocks; without its pictures rather than not at all. */
  send<T>(account: Account, card: Card, call: SendMessage<T>, signal?: AbortSignal): Promise<SentCard<T>>;
}

export interface Message {
  text: string;
  blocks: types.KnownBlock[];
}
export type SendMessage<T> = (message: Message) => Promise<Called<T>>;
export interface SentCard<T> {
  called: Called<T>;
  /** The whole text, where not all of it had room: still to be shared. */
  files: TextFile[];
}

export interface PostingParts {
  calls: Calls;
  pictures: Pictures;
  pause: Pause;
  log: Log;
}

export function createPosting({ calls, pictures, pause, log }: PostingParts): Posting {
  /** The file under a message that is edited often is shared once as long as it stays the same. */
  const sharedFiles = createRecent<string>(KEPT_FILES);

  async function send<T>(
    account: Account,
    card: Card,
    call: SendMessage<T>,
    signal?: AbortSignal,
  ): Promise<SentCard<T>> {
    const fitted = fitCard(card, LIMITS);
    const { files } = fitted;
    const found = await pictures.of(account, fitted.card, signal);
    // Slack goes on processing a picture after it has it, and until then refuses blocks that name it:
    // https://docs.slack.dev/changelog/2024-04-a-better-way-to-upload-files-is-here-to-stay
    const waits = found.size === 0 ? [] : PICTURE_WAITS_MS;
    for (const waitMs of [0, ...waits]) {
      if (waitMs > 0) await pause(waitMs, signal);
      const called = await call(renderCard(fitted, found));
      if (!isRefusedContent(called)) return { called, files };
    }
    if (found.size > 0) {
      pictures.forget(account, fitted.card);
      const called = await call(renderCard(fitted, new Map()));
      if (!isRefusedContent(called)) return { called, files };
    }
    log.error({ workspace: account.workspace }, "slack: a card was refused, and is sent as plain text");
    return { called: await call(plainMessage(fitted)), files: wholeText(card, files) };
  }

  async function shareFiles(
    account: Account,
    message: { channel: string; ts: string; thread: string | undefined },
    files: readonly TextFile[],
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { channel, ts, thread = ts } = message;
    for (const { name, text } of files) {
      if (sharedFiles.get(keyOf(account, channel, ts, name)) === digestOf(text)) continue;
      const bytes = new TextEncoder().encode(text);
      const shared = await uploadFile(calls, account, { name, bytes }, { channel, thread }, signal);
      if (shared.ok) noteShared(account, channel, ts, name, text);
      else log.warn({ workspace: account.workspace, why: shared.why }, "slack: a file could not be shared");
    }
  }

  function noteShared(account: Account, channel: string, ts: string, name: string, text: string): void {
    sharedFiles.set(keyOf(account, channel, ts, name), digestOf(text));
  }

  /** What stands there of an earlier attempt, with the file that belongs to it. */
  async function findEarlier(
    account: Account,
    place: Place,
    card: Card,
    { deliveryId, signal }: Sending,
  ): Promise<Called<string | undefined>> {
    const found = await findSent(calls, account, place, deliveryId, signal);
    if (!found.ok || found.value === undefined) return found;
    const { channel, thread } = place;
    const ts = found.value;
    for (const { name, text } of fitCard(card, LIMITS).files) {
      // Shared by the attempt that was lost: not once more.
      if (await hasFile(calls, account, channel, thread ?? ts, name))
        noteShared(account, channel, ts, name, text);
    }
    return found;
  }

  return {
    send,

    async post(account, place, card, sending) {
      const { deliveryId, maybeSent, signal } = sending;
      const { channel, thread } = place;
      if (maybeSent) {
        const found = await findEarlier(account, place, card, sending);
        // Not knowing is no reason to post it twice: whoever sends it asks again.
        if (!found.ok) return found.outcome === "refused" ? deliveryOf(found) : unknownStill(found);
        if (found.value !== undefined) return edit(account, { place, id: found.value }, card, signal);
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
        signal,
      );
      if (!called.ok) return deliveryOf(called);
      const ts = called.value.ts;
      if (ts === undefined) return { outcome: "unknown", why: "Slack did not say which message it is" };
      await shareFiles(account, { channel, ts, thread }, files, signal);
      return { outcome: "sent", message: { place, id: ts } };
    },

    edit,

    async whisper(account, { channel, thread }, personId, card) {
      const { called, files } = await send(account, card, (message) =>
        calls.make(account, (client) =>
          client.chat.postEphemeral({
            channel,
            user: personId,
            ...(thread !== undefined && { thread_ts: thread }),
            ...message,
            link_names: false,
            parse: "none",
          }),
        ),
      );
      if (!called.ok) return called;
      if (files.length > 0) await shareWithPerson(account, personId, files);
      return { ok: true, value: undefined };
    },

    directChannel,
  };

  async function edit(
    account: Account,
    message: MessageRef,
    card: Card,
    signal?: AbortSignal,
  ): Promise<Delivery> {
    const { channel, thread } = message.place;
    const { called, files } = await send(
      account,
      card,
      (rendered) =>
        calls.make(
          account,
          (client) => client.chat.update({ channel, ts: message.id, ...rendered, ...LITERAL_EDIT }),
          signal,
        ),
      signal,
    );
    if (called.ok) {
      await shareFiles(account, { channel, ts: message.id, thread }, files, signal);
      return { outcome: "sent", message };
    }
    // An edit that is made twice is made once.
    return called.outcome === "unknown" ? deliveryOf(later(EDIT_AGAIN_MS, called.why)) : deliveryOf(called);
  }

  async function directChannel(
    account: Account,
    personId: string,
    signal?: AbortSignal,
  ): Promise<Called<string>> {
    const opened = await calls.make(
      account,
      (client) => client.conversations.open({ users: personId }),
      signal,
    );
    if (!opened.ok) return opened;
    const id = opened.value.channel?.id;
    return id === undefined
      ? { ok: false, outcome: "unknown", why: "Slack named no channel" }
      : { ok: true, value: id };
  }

  /** What only one person sees has no thread: its file comes as a message to them. */
  async function shareWithPerson(
    account: Account,
    personId: string,
    files: readonly TextFile[],
  ): Promise<void> {
    const direct = await directChannel(account, personId);
    if (!direct.ok) return;
    for (const { name, text } of files) {
      const bytes = new TextEncoder().encode(text);
      const shared = await uploadFile(calls, account, { name, bytes }, { channel: direct.value });
      if (!shared.ok)
        log.warn({ workspace: account.workspace, why: shared.why }, "slack: a file could not be shared");
    }
  }
}

function keyOf({ workspace }: Account, channel: string, ts: string, name: string): string {
  return `${workspace} ${channel} ${ts} ${name}`;
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}

/** Seen to take up to a few seconds. */
const PICTURE_WAITS_MS = [300, 700, 1_500, 3_000];
const KEPT_FILES = 500;
const EDIT_AGAIN_MS = 2_000;

/** Nothing in a text becomes a mention, a link or a preview. */
const LITERAL_EDIT = { link_names: false, parse: "none" } as const;
const LITERAL = { ...LITERAL_EDIT, mrkdwn: false, unfurl_links: false, unfurl_media: false } as const;

function isRefusedContent<T>(called: Called<T>): boolean {
  return !called.ok && called.outcome === "refused" && called.reason === "not acceptable";
}

/** The last resort, should Slack have a rule that nobody knows of: as much as a text takes. */
function plainMessage({ card }: FittedCard): Message {
  return { text: escapeText(clip(plainText(card), MAX_FALLBACK_CHARS - 1_000, LIMITS.cost)), blocks: [] };
}

function wholeText(card: Card, files: TextFile[]): TextFile[] {
  return files.length > 0 ? files : [{ name: "details.txt", text: plainText(card) }];
}

function unknownStill({ why }: Failure): Delivery {
  return { outcome: "unknown", why: `it could not be looked for: ${why}` };
}
