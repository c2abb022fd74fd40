import type { Font, Weight } from "./font.ts";

export interface TextStyle {
  size: number;
  weight: Weight;
  fill: string;
  /** Which end `x` is: the start of the text where not said. */
  anchor?: "start" | "middle" | "end";
  /** Background colour drawn around the letters, where they lie over lines. */
  halo?: string;
}

/** One SVG text. The only place where a string from outside gets into a picture, so the one that escapes. */
export function textAt(x: number, y: number, text: string, style: TextStyle): string {
  const halo = style.halo
    ? ` stroke="${style.halo}" stroke-width="4" stroke-opacity=".8" stroke-linejoin="round" paint-order="stroke"`
    : "";
  return (
    `<text x="${round(x)}" y="${round(y)}" font-size="${style.size}" font-weight="${style.weight}"` +
    ` text-anchor="${style.anchor ?? "start"}" fill="${style.fill}"${halo}>${escapeXml(text)}</text>`
  );
}

/** Cuts a text to a width, with an ellipsis where something is lost. Empty when not even that fits. */
export function fitText(text: string, width: number, size: number, weight: Weight, font: Font): string {
  const readable = drawable(text, font);
  if (font.width(readable, size, weight) <= width) return readable;
  let room = width - font.width("…", size, weight);
  if (room < 0) return "";
  let kept = "";
  for (const character of readable) {
    room -= font.width(character, size, weight);
    if (room < 0) break;
    kept += character;
  }
  return `${kept.trimEnd()}…`;
}

/**
 * A text on one line, without what could break or forge a picture: control characters, bidirectional
 * overrides, lone surrogates, towers of combining marks. At most 500 characters: no picture holds more.
 */
export function oneLine(text: string): string {
  return text
    .slice(0, 2000)
    .normalize("NFC")
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Zs}]+/gu, " ")
    .replace(/[\p{Cs}\p{Cf}\p{Cn}\p{Co}\p{Variation_Selector}]/gu, "")
    .replace(/(\p{M}{2})\p{M}+/gu, "$1")
    .trim()
    .replace(/^((?:.){500}).+$/u, "$1…");
}

/** As `oneLine`, with one box in place of a run of characters that the font cannot draw. */
function drawable(text: string, font: Font): string {
  let drawn = "";
  for (const character of oneLine(text)) {
    if (font.has(character.codePointAt(0) ?? 0)) drawn += character;
    else if (!drawn.endsWith(MISSING)) drawn += MISSING;
  }
  return drawn;
}

const MISSING = "□";

function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** A quarter of a logical pixel is half a device pixel: finer than that only makes the SVG longer. */
export function round(value: number): number {
  return Math.round(value * 4) / 4;
}
