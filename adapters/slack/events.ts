import type { App } from "@slack/bolt";
import type { Card } from "../../src/chat/card.ts";
import { commandAt } from "../../src/chat/command.ts";
import type { ChatCore, Inbound } from "../../src/chat/platform.ts";
import type { Account } from "./accounts.ts";
import { type Hearing, vouched } from "./inbound.ts";
import { typedCommand, typedText } from "./markup.ts";
import { eventEnvelope, homeOpened, type MessageEvent, messageEvent, tokensRevoked } from "./payloads.ts";
import { type Arrival, PLATFORM, type Received } from "./reception.ts";

/** What people write, where they look, and that the app was removed. The SDK acknowledges events by itself, at once. */
export function hearEvents(app: App, { core, reception, answers, home, accounts, log }: Hearing): void {
  app.event("app_mention", async ({ body, context }) => {
    const heard = readMessage(body);
    if (heard === undefined || !isByPerson(heard.message)) return;
    receiveMessage(heard, vouched(context), (message, received) => mentioned(core, message, received));
  });

  app.event("message", async ({ body, context }) => {
    const heard = readMessage(body);
    if (heard !== undefined && JOINS.has(heard.message.subtype ?? ""))
      return noteJoined(heard.message, vouched(context));
    if (heard === undefined || !isByPerson(heard.message)) return;
    const isDirect = heard.message.channel_type === "im";
    // What is said in a channel to nobody is nobody's business.
    if (!isDirect && threadOf(heard.message) === undefined) return;
    receiveMessage(
      heard,
      vouched(context),
      (message, received) => (isDirect ? written(core, message, received) : replied(message, received)),
      !isDirect,
    );
  });

  app.event("app_home_opened", async ({ body, context }) => {
    const envelope = eventEnvelope.safeParse(body);
    const opened = homeOpened.safeParse(envelope.data?.event);
    if (!envelope.success || !opened.success || opened.data.tab !== "home") return;
    const arrival = {
      ...vouched(context),
      actId: envelope.data.event_id,
      userId: opened.data.user,
      userName: undefined,
      userTeam: undefined,
      responseUrl: undefined,
      at: { channel: "" },
      refuse: (account: Account, card: Card) => home.show(account, opened.data.user, card),
    };
    void reception.receive(arrival, ({ account, person }) => home.refresh(account, person, arrival.actId));
  });

  app.event("app_uninstalled", ({ context }) => removed(context));
  app.event("tokens_revoked", async ({ body, context }) => {
    const envelope = eventEnvelope.safeParse(body);
    const revoked = tokensRevoked.safeParse(envelope.data?.event);
    // Those of people are not ours.
    if (revoked.success && (revoked.data.tokens?.bot ?? []).length > 0) await removed(context);
  });

  async function removed({
    teamId,
    enterpriseId,
    isEnterpriseInstall,
  }: {
    teamId?: string;
    enterpriseId?: string;
    isEnterpriseInstall: boolean;
  }) {
    try {
      await accounts.removed(teamId ?? "", enterpriseId, isEnterpriseInstall);
    } catch (err) {
      log.error({ err, workspace: teamId }, "slack: a removed installation could not be forgotten");
    }
  }

  /** That the bot itself was invited. The event of its own for that would need channels:read and groups:read. */
  async function noteJoined(
    { user, channel }: MessageEvent,
    { workspace, enterpriseId }: Pick<Arrival, "workspace" | "enterpriseId">,
  ): Promise<void> {
    const account = await accounts.find(workspace, enterpriseId).catch(() => undefined);
    if (account?.botUserId === undefined || account.botUserId !== user) return;
    await core.reachAgain({ platform: PLATFORM, workspace: account.workspace, channel });
  }

  function receiveMessage(
    { eventId, message }: HeardMessage,
    from: Pick<Arrival, "workspace" | "enterpriseId" | "isRepeated">,
    read: (message: MessageEvent, received: Received) => ReadInbound | undefined,
    isTalk = false,
  ): void {
    const thread = threadOf(message);
    const at = { channel: message.channel, ...(thread !== undefined && { thread }) };
    const arrival: Arrival = {
      ...from,
      actId: eventId,
      userId: message.user ?? "",
      userName: undefined,
      userTeam: message.user_team ?? message.team ?? undefined,
      responseUrl: undefined,
      at,
      ...(isTalk && { refuse: async () => {} }),
    };
    void reception.receive(arrival, async (received) => {
      const inbound = read(message, received);
      if (inbound === undefined) return;
      const place = received.placeOf(at);
      await answers.give(
        received.asker,
        await core.handle({ ...inbound, id: eventId, place, person: received.person } as Inbound),
      );
    });
  }
}

interface HeardMessage {
  eventId: string;
  message: MessageEvent;
}

type ReadInbound =
  | Pick<Inbound & { kind: "command" }, "kind" | "call">
  | Pick<Inbound & { kind: "reply" }, "kind" | "text" | "toBot" | "addresses" | "alone">;

function readMessage(body: unknown): HeardMessage | undefined {
  const envelope = eventEnvelope.safeParse(body);
  const message = messageEvent.safeParse(envelope.data?.event);
  if (!envelope.success || !message.success) return undefined;
  return { eventId: envelope.data.event_id, message: message.data };
}

/** Written by a person, just now: neither by a bot, nor edited, nor a note that somebody joined. */
function isByPerson({ user, bot_id: bot, subtype }: MessageEvent): boolean {
  return !!user && !bot && (!subtype || SAID.has(subtype));
}

/** https://docs.slack.dev/reference/events/message#subtypes */
const SAID: ReadonlySet<string> = new Set(["file_share", "thread_broadcast", "me_message"]);

const JOINS: ReadonlySet<string> = new Set(["channel_join", "group_join"]);

function threadOf({ thread_ts: thread, ts }: MessageEvent): string | undefined {
  return thread && thread !== ts ? thread : undefined;
}

/** `@LogHunter analyze checkout`; in a thread of the bot's also a question to it. */
function mentioned(core: ChatCore, message: MessageEvent, { account }: Received): ReadInbound {
  const parent = message.parent_user_id ?? undefined;
  const isUnderBot =
    threadOf(message) !== undefined && (parent === undefined || parent === account.botUserId);
  const said = withoutMention(message.text, account.botUserId);
  return (
    commandIn(core, said, !isUnderBot) ?? {
      kind: "reply",
      text: typedText(said).trim(),
      toBot: true,
      addresses: "bot",
    }
  );
}

/** Written to the bot alone: a command, or in a thread what is said there. */
function written(core: ChatCore, message: MessageEvent, { account }: Received): ReadInbound | undefined {
  if (message.user === account.botUserId) return undefined;
  const said = withoutMention(message.text, account.botUserId);
  const toBot = message.parent_user_id === account.botUserId;
  const isOpening = threadOf(message) === undefined;
  return (
    commandIn(core, said, isOpening) ?? { kind: "reply", text: typedText(said).trim(), toBot, alone: true }
  );
}

/** @param isSure it can be nothing else: one that the catalogue does not have is told so. */
function commandIn(core: ChatCore, said: string, isSure: boolean): ReadInbound | undefined {
  const text = typedCommand(said).trim();
  const isCommand = text === "" || commandAt(core.catalogue, text.split(/\s+/)) !== undefined;
  return isCommand || isSure ? { kind: "command", call: { text } } : undefined;
}

/** Written in a thread of a channel. */
function replied(message: MessageEvent, { account }: Received): ReadInbound | undefined {
  if (message.user === account.botUserId) return undefined;
  // A mention comes as an event of its own too.
  if (account.botUserId !== undefined && message.text.includes(`<@${account.botUserId}`)) return undefined;
  return {
    kind: "reply",
    text: typedText(message.text).trim(),
    toBot: message.parent_user_id === account.botUserId,
    ...(NAMES_SOMEBODY.test(message.text) && { addresses: "others" }),
  };
}

/** Somebody, or a group; the bot itself is another event's. None begins within another, or each would be read to the end. */
const NAMES_SOMEBODY = /<(?:@|!subteam\^)[^<>]+>/;

function withoutMention(text: string, botUserId: string | undefined): string {
  if (botUserId === undefined) return text.replace(/^\s*<@[^>]*>/, "");
  return text.replace(new RegExp(`<@${botUserId}(?:\\|[^<>]*)?>`), "");
}
