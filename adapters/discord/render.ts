import {
  type APIComponentInContainer,
  type APIContainerComponent,
  type APIMessageTopLevelComponent,
  ButtonStyle,
  ComponentType,
} from "discord.js";
import type { Chart } from "../../src/charts/chart.ts";
import { type Button, type Card, encodeAction, type Link, type Tone } from "../../src/chat/card.ts";
import { fitCard, type TextFile } from "../../src/chat/fit.ts";
import { blockMarkdown, footnoteMarkdown, httpUrl, type Look } from "./blocks.ts";
import {
  BUTTON_LABEL_CHARS,
  BUTTON_URL_CHARS,
  LIMITS,
  MESSAGE_ATTACHMENTS,
  MESSAGE_TEXT_CHARS,
  ROW_BUTTONS,
} from "./limits.ts";
import { escapeText, oneLine, plain, strong } from "./markup.ts";
import { mentionMarkdown } from "./mentions.ts";

export interface Rendered {
  components: APIMessageTopLevelComponent[];
  pictures: Picture[];
  files: TextFile[];
}

export interface Picture {
  name: string;
  chart: Chart;
  alt: string;
}

/** The button that opens a field for a question, where Discord does not hand LogHunter what is written in threads. */
export const ASK_ID = "~ask";

/**
 * A card as components of the second kind (https://discord.com/developers/docs/components/reference), not as an embed:
 * pictures stand where they belong and have a text of their own, links are buttons, small print may hold times, and
 * nothing in it unfurls. An embed would take 6,000 characters to these 4,000, but one picture and a footer without
 * times. The flag that a message is of this kind stays on it for good, so every message of LogHunter's is.
 *
 * Never cuts and never throws: the limits leave room for the usual marks, and a card with too many of them is shown
 * without any.
 */
export function renderCard(card: Card, { ask }: { ask: boolean }): Rendered {
  const { card: fitted, files } = fitCard(card, LIMITS);
  const question = ask && card.discussable === true;
  const pretty = layOut(fitted, files, "pretty", question);
  if (textChars(pretty.components) <= MESSAGE_TEXT_CHARS) return pretty;
  const bare = layOut(fitted, files, "bare", question);
  return { ...bare, components: cutToTotal(bare.components) };
}

/** Each tone has a colour, and a symbol for who does not see it. */
const TONES: Record<Tone, { colour: number; symbol: string }> = {
  neutral: { colour: 0x6b7a90, symbol: "●" },
  working: { colour: 0x4c8dff, symbol: "◌" },
  good: { colour: 0x2ea36b, symbol: "✓" },
  warning: { colour: 0xd99a1c, symbol: "▲" },
  critical: { colour: 0xd64545, symbol: "◆" },
};

function layOut(card: Card, files: TextFile[], look: Look, ask: boolean): Rendered {
  const pictures: Picture[] = [];
  const parts = [textDisplay(headingOf(card)), textDisplay(mentionMarkdown(card.mentions ?? []))];
  let rows = 0;
  for (const block of card.body) {
    if (block.kind === "chart" && pictures.length < MOST_PICTURES) {
      const picture = { name: `chart-${pictures.length + 1}.png`, chart: block.chart, alt: plain(block.alt) };
      pictures.push(picture);
      parts.push(gallery(picture));
      continue;
    }
    const row = block.kind === "links" && look === "pretty" && rows === 0 ? linkRow(block.links) : undefined;
    if (row !== undefined) rows++;
    const part = row ?? textDisplay(blockMarkdown(block, look));
    parts.push(part);
  }
  if (card.footnote !== undefined) parts.push(textDisplay(footnoteMarkdown(card.footnote, look)));
  for (const { name } of files) {
    parts.push(textDisplay(`${SHORTENED}. The whole text is in \`${name}\`.`));
    parts.push({ type: ComponentType.File, file: { url: `attachment://${name}` } });
  }
  parts.push(...buttonRows(card.actions ?? [], ask));
  const shown = parts.filter((part) => part.type !== ComponentType.TextDisplay || part.content.trim() !== "");
  const container: APIContainerComponent = {
    type: ComponentType.Container,
    accent_color: TONES[card.tone].colour,
    components: shown,
  };
  return { components: [container], pictures, files };
}

const SHORTENED = "-# Shortened here";

/** The same without anything that is attached: pictures in words, and a sentence in the place of the file. */
export function inWords(components: readonly APIMessageTopLevelComponent[]): APIMessageTopLevelComponent[] {
  const said = (part: APIComponentInContainer): APIComponentInContainer[] => {
    switch (part.type) {
      case ComponentType.MediaGallery:
        return part.items.map(({ description }) => textDisplay(escapeText(description ?? "")));
      case ComponentType.File:
        return [];
      case ComponentType.TextDisplay:
        return [part.content.startsWith(SHORTENED) ? textDisplay(NO_FILE) : { ...part }];
      default:
        return [part];
    }
  };
  const told = components.map((top) =>
    top.type === ComponentType.Container ? { ...top, components: top.components.flatMap(said) } : top,
  );
  return cutToTotal(told);
}

const NO_FILE = `${SHORTENED}: give LogHunter Attach Files in this channel, and the whole text comes with it as a file.`;

/** One attachment is left for the file with the whole text. More pictures than that are told in words. */
const MOST_PICTURES = MESSAGE_ATTACHMENTS - 2;

function headingOf({ title, tone, badge }: Card): string {
  const { symbol } = TONES[tone];
  const text = escapeText(oneLine(title));
  return badge === undefined
    ? `### ${symbol} ${text}`
    : `### ${text}\n${symbol} ${strong(oneLine(badge), symbol)}`;
}

function textDisplay(content: string): APIComponentInContainer {
  return { type: ComponentType.TextDisplay, content };
}

function gallery({ name, alt }: Picture): APIComponentInContainer {
  const description = alt.trim() === "" ? {} : { description: alt };
  return {
    type: ComponentType.MediaGallery,
    items: [{ media: { url: `attachment://${name}` }, ...description }],
  };
}

/** Links as buttons; undefined where one of them is too long for that. */
function linkRow(links: readonly Link[]): APIComponentInContainer | undefined {
  const buttons = links.map(({ label, url }) => ({ label: plain(label), url: httpUrl(url) }));
  const fit = ({ label, url = "" }: { label: string; url: string | undefined }) =>
    label.trim() !== "" && label.length <= BUTTON_LABEL_CHARS && url !== "" && url.length <= BUTTON_URL_CHARS;
  if (buttons.length === 0 || buttons.length > ROW_BUTTONS || !buttons.every(fit)) return undefined;
  return {
    type: ComponentType.ActionRow,
    components: buttons.map(({ label, url = "" }) => ({
      type: ComponentType.Button,
      style: ButtonStyle.Link,
      label,
      url,
    })),
  };
}

const STYLES = {
  primary: ButtonStyle.Primary,
  plain: ButtonStyle.Secondary,
  danger: ButtonStyle.Danger,
} as const;

function buttonRows(actions: readonly Button[], ask: boolean): APIComponentInContainer[] {
  const ids = new Set<string>();
  const buttons = actions.flatMap(({ label, style, action }) => {
    const id = encodeAction(action);
    // Two buttons of one action do the same, and Discord takes an id once in a message.
    if (ids.has(id)) return [];
    ids.add(id);
    return [
      { type: ComponentType.Button as const, style: STYLES[style], label: plain(label), custom_id: id },
    ];
  });
  if (ask) {
    const style = ButtonStyle.Secondary;
    buttons.push({ type: ComponentType.Button, style, label: "Ask about it", custom_id: ASK_ID });
  }
  const rows: APIComponentInContainer[] = [];
  for (let at = 0; at < buttons.length; at += ROW_BUTTONS) {
    rows.push({ type: ComponentType.ActionRow, components: buttons.slice(at, at + ROW_BUTTONS) });
  }
  return rows;
}

/** Of all text that counts towards a message's limit. */
export function textChars(components: readonly APIMessageTopLevelComponent[]): number {
  return textsIn(components).reduce((sum, text) => sum + text.content.length, 0);
}

function textsIn(components: readonly APIMessageTopLevelComponent[]) {
  return components.flatMap((top) =>
    top.type === ComponentType.Container
      ? top.components.filter((part) => part.type === ComponentType.TextDisplay)
      : [],
  );
}

/** Where even a card without marks is too long, its last texts go: what the core makes never is. */
function cutToTotal(components: APIMessageTopLevelComponent[]): APIMessageTopLevelComponent[] {
  let left = MESSAGE_TEXT_CHARS;
  for (const text of textsIn(components)) {
    if (text.content.length > left) text.content = left > 1 ? `${text.content.slice(0, left - 1)}…` : "";
    left -= text.content.length;
  }
  for (const top of components) {
    if (top.type !== ComponentType.Container) continue;
    top.components = top.components.filter(
      (part) => part.type !== ComponentType.TextDisplay || part.content.trim() !== "",
    );
  }
  return components;
}
