import type { Chart } from "../charts/chart.ts";

/**
 * A message in the bot's own form: plain data that survives JSON, with no platform in it. The core
 * makes cards; `fitCard` makes one small enough; a platform's `render` turns it into its own shape.
 * Every string is literal text: renderers escape all of it, so nothing in it can ping or format, but for `mentions`.
 */
export interface Card {
  /** Service and state: "checkout: likely cause found". */
  title: string;
  tone: Tone;
  /** The state in one word, always shown beside the colour and the symbol of the tone. */
  badge?: string;
  body: Block[];
  /** At most five. */
  actions?: Button[];
  footnote?: Text;
  /**
   * Who is pinged when it is posted, by the platform's ids, that of a group with & before it: the only thing in a
   * card that pings. An edit pings nobody. What is no id of the platform is left out, and everybody at once always is.
   */
  mentions?: readonly string[];
  /** Questions about it may be asked in its thread: a platform whose threads must be opened opens one. */
  discussable?: true;
}

/** What the card means to its reader; each platform gives it a colour and a symbol, never a colour alone. */
export type Tone = "neutral" | "working" | "good" | "warning" | "critical";

/** A run of text: literal, or a list of literal runs and marks. */
export type Text = string | readonly Inline[];

export type Inline =
  | string
  | { strong: string }
  | { code: string }
  /** A channel of the workspace that reads the card, by the platform's id: shown by its name where that can be. */
  | { channel: string }
  /** An instant, shown in the reader's own time zone. */
  | { atMs: number; show: "time" | "time with seconds" | "date and time" | "relative" };

/** A `switch` over a block has no `default`, so a new kind does not compile until every renderer has it. */
export type Block =
  | { kind: "text"; text: Text }
  | { kind: "facts"; facts: Fact[] }
  | { kind: "items"; items: Item[] }
  /**
   * Transient lines come straight from the log source, or are a secret: they are shown, and never kept in our own
   * stores. Where the newest are last, those are the ones that stay when there is no room for all.
   */
  | { kind: "log"; lines: string[]; caption?: Text; transient?: true; newestLast?: true }
  | { kind: "table"; columns: string[]; rows: Text[][] }
  | { kind: "chart"; chart: Chart; alt: string }
  | { kind: "links"; links: Link[] }
  | { kind: "progress"; steps: ProgressStep[] };

export interface Fact {
  label: string;
  value: Text;
}

/** One thing of a list: a cluster, a piece of evidence, a command of help. */
export interface Item {
  /** Shown as [n]; what a claim cites. */
  number?: number;
  heading: Text;
  detail?: Text;
  /** Log lines that belong to it: cut by whole lines, never formatted. */
  log?: string[];
}

export interface Link {
  label: string;
  /** http or https. */
  url: string;
}

export interface ProgressStep {
  label: Text;
  state: "done" | "now" | "next";
}

/** What a press means. State lives in the database, never in a button. */
export interface Action {
  name: string;
  /** An id the action's handler looks up, or "". */
  subject: string;
}

export interface Button {
  label: string;
  style: "primary" | "plain" | "danger";
  action: Action;
}

/** Discord's `custom_id`, the narrowest carrier: https://discord.com/developers/docs/components/reference */
const MAX_ACTION_CHARS = 100;

/** Makes a button, and throws at once when its action would not survive the narrowest platform. */
export function button(label: string, action: Action, style: Button["style"] = "plain"): Button {
  const id = encodeAction(action);
  if (id.length > MAX_ACTION_CHARS) {
    throw new Error(`action id is ${id.length} characters, the limit is ${MAX_ACTION_CHARS}: ${action.name}`);
  }
  return { label, style, action };
}

/** People and groups that one card pings at most, and how long an id may be: longer ones are none. */
export const MAX_MENTIONS = 10;
export const MAX_MENTION_CHARS = 40;

/** `name:subject`. A name has no colon, so the first one parts them. */
export function encodeAction(action: Action): string {
  if (!/^[a-z][a-z0-9.-]*$/.test(action.name)) throw new Error(`not an action name: ${action.name}`);
  return `${action.name}:${action.subject}`;
}

/** The inverse of `encodeAction`; undefined for anything else, since ids come back from outside. */
export function decodeAction(id: string): Action | undefined {
  const match = /^([a-z][a-z0-9.-]*):(.*)$/s.exec(id);
  if (id.length > MAX_ACTION_CHARS || match === null) return undefined;
  return { name: match[1] as string, subject: match[2] as string };
}
