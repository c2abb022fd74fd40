import type { Action, Card } from "./card.ts";
import type { CommandCall, CommandDefinition, Visibility } from "./command.ts";
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
  /** A message written in a thread; `place.thread` is set. `toBot`: the thread hangs under a message of the bot's. */
  | (InboundBase & { kind: "reply"; text: string; toBot: boolean });

/** What the core hands back; the adapter shows it. */
export type Reply =
  | {
      kind: "message";
      card: Card;
      visibility: Visibility;
      /** Called by the adapter once the card stands somewhere, so that it can be edited later. */
      shown?: (message: MessageRef) => Promise<void>;
    }
  /** The message that was pressed now shows this card. */
  | { kind: "replace"; card: Card }
  /** Nothing is said: two people talking in a thread that is not the bot's. */
  | { kind: "silence" };

/** What came of a post or an edit. Retrying is the outbox's business, never the adapter's. */
export type Delivery =
  | { outcome: "sent"; message: MessageRef }
  | { outcome: "later"; afterMs: number; why: string }
  | { outcome: "refused"; why: string }
  /** It may or may not stand there: the answer was lost. */
  | { outcome: "unknown"; why: string };

/** The core as adapters see it. None of these throws: errors come back as cards. */
export interface ChatCore {
  readonly catalogue: readonly CommandDefinition[];
  /** Who will see the answer, known before it is made. Anything unreadable is for the caller only. */
  visibilityOf(call: CommandCall): Visibility;
  handle(inbound: Inbound): Promise<Reply>;
  /** Values for one option while it is typed, best first, at most 25. */
  suggest(ask: Suggest): Promise<string[]>;
}

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
  /** Begins to receive; resolves when it can also post. */
  start(core: ChatCore): Promise<void>;
  stop(): Promise<void>;
  /**
   * Posts a new message.
   * @param deliveryId the same id posts the same message once, as far as the platform can promise it.
   * @param signal aborted when the caller waits no longer: nothing may be sent after that.
   */
  post(place: Place, card: Card, deliveryId: string, signal?: AbortSignal): Promise<Delivery>;
  edit(message: MessageRef, card: Card, signal?: AbortSignal): Promise<Delivery>;
}
