/**
 * Literal text for Slack's mark-up: only `& < >` are entities, and nothing else may be
 * (https://docs.slack.dev/messaging/formatting-message-text#escaping).
 */
export function escapeText(text: string): string {
  const shown = shownText(text);
  return shown.replace(/[&<>]/g, (char) => ENTITIES[char] as string);
}

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
const LITERALS: Record<string, string> = { "&amp;": "&", "&lt;": "<", "&gt;": ">" };

/** As it is seen: what would be invisible, reorder its neighbours or break the request gets a visible stand-in. */
export function shownText(text: string): string {
  // Most texts have nothing of the kind, and a card is measured by this function many times.
  return UNSEEN.test(text) ? text.replace(EVERY_UNSEEN, standIn) : text;
}

/**
 * Control characters but tab and newline; U+2028, U+2029; the bidirectional controls and marks that make text read
 * differently from what it is (https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters); lone
 * surrogates, which no URL-encoded request can carry.
 */
const EVERY_UNSEEN =
  /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]|\p{Surrogate}/gu;
const UNSEEN = new RegExp(EVERY_UNSEEN.source, "u");

function standIn(char: string): string {
  const code = char.charCodeAt(0);
  // U+2400 begins the pictures of the control characters: ␀ ␛ ␍.
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? "\u2421" : "\ufffd";
}

/** In one line, for titles and labels: those have no second one. */
export function oneLine(text: string): string {
  return shownText(text).replace(/[\n\t]+/g, " ");
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
