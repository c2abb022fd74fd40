import type { CommandCall } from "./call.ts";
import type { Action, Card } from "./card.ts";
import type { CommandDefinition, Visibility } from "./command.ts";
import type { Form } from "./form.ts";
import type { Limits } from "./limits.ts";

/** Where a message stands. All ids are the platform's own; `workspace` decides the tenant and nothing else does. */
export interface Place {
  platform: string;
  workspace: string;
  channel: string;
  /** The id of the message the thread hangs under; absent in the channel itself. */
  thread?: string;
}

export interface MessageRef {
  place: Place;
  id: string;
}

/** Who wrote or pressed, as the platform vouches for them. */
export interface Person {
  id: string;
  name: string;
  /** An admin of the platform's workspace: admin here until `members` says otherwise. */
  platformAdmin: boolean;
  /** A guest of the workspace: sees nothing until an admin gives a role. */
  guest?: true;
  /** Runs this LogHunter: may let workspaces join any organisation it may read. */
  operator?: true;
  /** IANA zone, where the platform tells. */
  zone?: string;
}

interface InboundBase {
  /** Unique for one act of one person; a repeat of it is the same act delivered again. */
  id: string;
  place: Place;
  person: Person;
}

/** Everything a platform hands the core. */
export type Inbound =
  | (InboundBase & { kind: "command"; call: CommandCall })
  | (InboundBase & { kind: "press"; action: Action; message: MessageRef })
  /**
   * A message written in a thread; `place.thread` is set. `toBot`: the thread hangs under a message of the bot's. `addresses`: whom
   * the text names, where it names somebody. `alone`: nobody else reads it there, so that it can be meant for the bot only.
   */
  | (InboundBase & {
      kind: "reply";
      text: string;
      toBot: boolean;
      addresses?: "bot" | "others";
      alone?: true;
    })
  /** "Explain this log" on a message that somebody wrote or pasted; `place.thread` is set where it stands in one. */
  | (InboundBase & { kind: "explain"; text: string; message: MessageRef })
  /** Somebody looks at the bot's own page, where the platform has one. The channel of the place is "". */
  | (InboundBase & { kind: "home" });

/** What the core hands back; the adapter shows it. */
export type Reply =
  | {
      kind: "message";
      card: Card;
      visibility: Visibility;
      /** The question it answers, without the secrets in it: for where the others do not see what was asked. */
      asked?: string;
      /** Called by the adapter once the card stands somewhere, so that it can be edited later. */
      shown?: (message: MessageRef) => Promise<void>;
      /** It shows a secret, in transient lines of the card. Its visibility is "caller", and it has no `shown`. */
      secret?: Secret;
      /** What the person can mend, said alone: a form that was sent off may show it and stay open, in place of the card. */
      mistake?: string;
    }
  /** The message that was pressed now shows this card. */
  | { kind: "replace"; card: Card }
  /** Nothing is said: two people talking in a thread that is not the bot's. */
  | { kind: "silence" };

/**
 * What only whoever asked sees, and once: nothing keeps it, and no way is tried after one that may have worked. Told
 * exactly once what came of it; the card it gives back, if any, is then shown to the same person like any other answer.
 */
export interface Secret {
  ended(outcome: SecretOutcome): Promise<Card | undefined>;
}

/** Of a secret that is "not known" it may or may not have been seen. */
export type SecretOutcome = "shown" | "not shown" | "not known";

/** What came of a post or an edit. Retrying is the outbox's business, never the adapter's. */
export type Delivery =
  | { outcome: "sent"; message: MessageRef }
  | { outcome: "later"; afterMs: number; why: string }
  | { outcome: "refused"; reason: RefusalReason; why: string }
  /** It may or may not stand there: the answer was lost. */
  | { outcome: "unknown"; why: string };

/** Why a platform does not take a message. Those of a channel or a workspace stay until somebody mends them. */
export type RefusalReason =
  /** The message to be edited, or the one whose thread was meant, is not there. */
  | "message gone"
  /** The channel does not exist, or not for the bot. */
  | "channel gone"
  | "channel archived"
  | "not in channel"
  /** A permission or a scope is missing; `why` names it. */
  | "not permitted"
  /** The workspace has removed the bot, or its token is not accepted. */
  | "not installed"
  /** The platform found something wrong in the message itself. */
  | "not acceptable";

/** What is known about the sending of a message. */
export interface Sending {
  /** The same id posts the same message once, as far as the platform can promise it. */
  deliveryId: string;
  /**
   * An earlier attempt was made whose outcome nobody knows: its message is looked for before another is sent, and is
   * made to show this card.
   */
  maybeSent?: boolean;
  /** Aborted when the caller waits no longer: nothing may be sent after that. */
  signal?: AbortSignal;
}

/**
 * The delivery id of what the core answers to an act. Adapters post answers under it, so that one whose process died
 * before it could say where it stands is found, and becomes what is owed.
 */
export function answerIdOf(actId: string): string {
  return `${ANSWER}${actId}`;
}

/** The act that a delivery answers; undefined for one that nobody asked for. */
export function actAnsweredBy(deliveryId: string): string | undefined {
  return deliveryId.startsWith(ANSWER) ? deliveryId.slice(ANSWER.length) : undefined;
}

const ANSWER = "answer:";

/** The core as adapters see it. None of these throws: errors come back as cards. */
export interface ChatCore {
  readonly catalogue: readonly CommandDefinition[];
  /** Who will see the answer, known before it is made. Anything unreadable is for the caller only. */
  visibilityOf(call: CommandCall): Visibility;
  handle(inbound: Inbound): Promise<Reply>;
  /**
   * Whether the act opens a form in place of being handled. Known from the act alone: platforms want a form opened
   * at once, and take none after the act was acknowledged.
   */
  opensForm(act: FormAct): boolean;
  /** The form that the act opens; or the card that says why it does not, for whoever acted only. */
  form(inbound: Inbound & FormAct): Promise<{ form: Form } | { card: Card }>;
  /** What is wrong with the options of a call, a sentence by option: for platforms that show it beside the fields. */
  mistakes(call: CommandCall): Record<string, string>;
  /** Values for one option while it is typed, best first, at most 25. */
  suggest(ask: Suggest): Promise<string[]>;
  /**
   * Tells that a message of the bot's stands in the channel; or, where none is named, that the workspace is connected, or that
   * something has changed there: what was held back since messages were refused is told again.
   */
  reachAgain(at: Omit<Place, "channel"> & { channel?: string }): Promise<void>;
}

export type FormAct = { kind: "command"; call: CommandCall } | { kind: "press"; action: Action };

export interface Suggest {
  place: Place;
  person: Person;
  command: string;
  option: string;
  typed: string;
}

/** A chat platform. `test/contract/chatPlatform.ts` holds every adapter to it. */
export interface ChatPlatform {
  /** Goes into `Place.platform`. */
  readonly name: string;
  readonly limits: Limits;
  /** What its users call a workspace, where they call it otherwise. */
  readonly workspaceWord?: string;
  /** Begins to receive; resolves when it can also post. */
  start(core: ChatCore): Promise<void>;
  stop(): Promise<void>;
  /** Posts a new message. */
  post(place: Place, card: Card, sending: Sending): Promise<Delivery>;
  edit(message: MessageRef, card: Card, signal?: AbortSignal): Promise<Delivery>;
  /** Posts where only this person of the workspace sees it, outside of any channel's talk. */
  tell(workspace: string, personId: string, card: Card, sending: Sending): Promise<Delivery>;
  /** An address that opens the message; undefined where there is none. */
  addressOf(message: MessageRef): Promise<string | undefined>;
  /** Whose id this is in the workspace. Never throws. */
  whoIs(workspace: string, personId: string): Promise<Named>;
  /** Whether the connection stands over which it tells what people do; undefined where each act is a request of its own. */
  isConnected(): boolean | undefined;
  /** Whether it is connected, and what is to be mended: sentences for people. */
  health(workspace: string): Promise<PlatformHealth>;
  /** Whether a message would be taken there. Nobody sees that it was asked. Never throws. */
  reach(place: Place, signal: AbortSignal): Promise<Reach>;
}

/** What a platform says of a channel: that it takes messages; why it takes none; or nothing that could be relied on. */
export type Reach =
  /** `without`: what messages there lose all the same, and for want of what; a sentence without its point. */
  | { outcome: "open"; without?: string }
  | Extract<Delivery, { outcome: "refused" }>
  | { outcome: "not told"; why: string };

/** Somebody's name; or that nobody of the workspace has the id; or that the platform does not say so just now. */
export type Named =
  /** `uncalled`: what is to be done so that a mention of theirs calls them, a sentence; absent where it does. */
  { name: string; uncalled?: string } | "nobody" | "not told";

export interface PlatformHealth {
  ok: boolean;
  summary: string;
  /** What does not work although it is connected, each with what mends it. */
  warnings: string[];
}
