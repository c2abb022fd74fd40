import { withStandIns } from "../../src/chat/standIns.ts";

/**
 * Text as it may stand anywhere in a message: visible, and what a place that reads mark-up would make a mention or a link of is parted
 * by a character without width. Rich text is literal, but what is sent as such is read again by others: exports, bridges, whoever
 * normalises look-alikes.
 */
export function literalText(text: string): string {
  return withStandIns(text).replace(OPENS, "$&\u200b");
}

/** `<` and what Unicode's compatibility forms make one, before what makes a mention, a command or a link. */
const OPENS = /[<＜﹤](?=[@#!＠＃！﹫﹟﹗]|(?:https?|mailto|tel):|[a-z][a-z0-9+.-]{0,20}:\/\/)/giu;

/**
 * Literal text for Slack's mark-up: only `& < >` are entities, and nothing else may be
 * (https://docs.slack.dev/messaging/formatting-message-text#escaping).
 */
export function escapeText(text: string): string {
  const shown = literalText(text);
  return shown.replace(/[&<>]/g, (char) => ENTITIES[char] as string);
}

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
const LITERALS: Record<string, string> = { "&amp;": "&", "&lt;": "<", "&gt;": ">" };

/**
 * People and groups of a workspace, so that they are pinged (https://docs.slack.dev/messaging/formatting-message-text):
 * ids alone, so that no text of anybody's gets here, and nothing that means everybody.
 */
export function mentionText(ids: readonly string[]): string {
  return ids
    .flatMap((id) => {
      if (USER_ID.test(id)) return `<@${id}>`;
      return GROUP_ID.test(id) ? `<!subteam^${id.replace("&", "")}>` : [];
    })
    .join(" ");
}

const USER_ID = /^[UW][A-Z0-9]{1,20}$/;
const GROUP_ID = /^&?S[A-Z0-9]{1,20}$/;

/** In one line, for titles and labels: those have no second one. */
export function oneLine(text: string): string {
  return literalText(text).replace(/[\n\t]+/g, " ");
}

/**
 * What a person typed, out of what Slack made of it: links that it found (`<http://x|x>`), people and channels
 * (`<@U1|anna>`, `<#C1|general>`), groups and broadcasts (`<!here>`), and the three entities.
 */
export function typedText(text: string): string {
  return literals(text.replace(MARKED, (_, inside: string) => labelOf(inside)));
}

/** The same of a command: mentions of people and groups stay, since what they name is their id. */
export function typedCommand(text: string): string {
  return literals(
    text.replace(MARKED, (whole, inside: string) =>
      /^(?:@|!subteam\^)/.test(inside) ? whole : labelOf(inside),
    ),
  );
}

const MARKED = /<([^<>]*)>/g;

function literals(text: string): string {
  return text.replace(/&(?:amp|lt|gt);/g, (entity) => LITERALS[entity] as string);
}

function labelOf(inside: string): string {
  const bar = inside.indexOf("|");
  const [target, label] = bar < 0 ? [inside, undefined] : [inside.slice(0, bar), inside.slice(bar + 1)];
  if (target.startsWith("@")) return label === undefined || label === "" ? target : `@${label}`;
  if (target.startsWith("#")) return `#${label === undefined || label === "" ? target.slice(1) : label}`;
  if (target.startsWith("!")) return label ?? `@${target.slice(1).split("^")[0]}`;
  return label ?? target.replace(/^mailto:/, "");
}
