import type { ChatPlatform, Delivery, MessageRef, Place } from "../../src/chat/platform.ts";

/** A platform that was started with a core, and a user who acts on it over real sockets. */
export interface ChatPlatformHarness {
  platform: ChatPlatform;
  /** A channel that exists, for posts that nobody asked for. */
  channel: Place;
  /** Ids that a card may mention there, and others that it may not. */
  mentions: { person: string; group?: string; wrong: readonly string[] };
  /**
   * The user types a command, without the slash command itself.
   * Resolves once the platform was told that the act has arrived; the answer may come later.
   */
  command(text: string, thread?: string): Promise<Act>;
  /** The user writes under a message. */
  reply(root: string, text: string): Promise<Act>;
  /** The user presses a button that stands on a message. */
  press(message: string, label: string): Promise<Act>;
  /** The form that stands open before the user; undefined where there is none. */
  openForm(): Promise<OpenForm | undefined>;
  /** The user writes over fields of the form that stands open, and sends it off. */
  fill(values: Record<string, string>): Promise<Filled>;
  /** The user writes in the channel, to nobody in particular. @returns the message's id */
  say(text: string): Promise<string>;
  /** The user chooses "Explain this log" for a message. */
  explain(message: string): Promise<Act>;
  /** What the user is offered while typing. */
  suggest(text: string): Promise<string[]>;
  /** Everything that stands in the channel and its threads as the user sees it, oldest first. */
  standing(): Promise<Standing[]>;
  /** One of them. */
  message(id: string): Promise<Standing | undefined>;
  /** Has the message removed on the platform's side, where that can be; or names one that never was. */
  gone(): Promise<MessageRef>;
  /** What can befall an answer that only the caller may see. */
  privately: PrivateWays;
  /** Rules of the platform that something it was sent has broken. */
  complaints(): string[];
  close(): Promise<void>;
}

/** The ways to the caller alone. A platform with a single one, which is there or is not, has no other faults of it. */
export interface PrivateWays {
  /** The first way refuses the next message, and shows nothing of it. */
  refuseFirst?(): void;
  /** The first way shows the next message, and the answer to that is lost. */
  loseAnswer?(): void;
  /** From now on there is no way to them. */
  refuseAll(): Promise<void>;
  /** All that has left the bot so far, whatever came of it. */
  sent(): Promise<SentText[]>;
}

export interface SentText {
  text: string;
  /** Only the caller gets it. */
  isPrivate: boolean;
  /** The part of it that is read elsewhere too: in notifications, by other apps. */
  aside: string;
}

export interface Act {
  /** Delivers the very same act again, as a platform does that has not heard of it. */
  again(): Promise<void>;
}

export interface OpenForm {
  title: string;
  submitLabel: string;
  /** What each holds; several values with commas between. */
  fields: { name: string; value: string }[];
}

export interface Filled extends Act {
  /** What the user is told at once is wrong with what was filled in; "" where it was taken. */
  mistakes: string;
}

export interface Standing {
  id: string;
  thread?: string;
  by: "bot" | "person";
  seenBy: "everybody" | "caller";
  /** All that can be read, marks and addresses left out. */
  text: string;
  buttons: string[];
  links: string[];
  /** Whom it mentions so that they are pinged, by the ids that cards have; "everybody" for a mention of all. */
  pings: string[];
  pictures: { alt: string; bytes: Uint8Array }[];
  files: { name: string; text: string }[];
}

export function sentOf(delivery: Delivery): MessageRef {
  if (delivery.outcome !== "sent") throw new Error(`not sent: ${delivery.outcome}, ${delivery.why}`);
  return delivery.message;
}

/** Long enough for what must not happen to have happened. */
export function quiet(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 50));
}
