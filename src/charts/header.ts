import type { Colours } from "./colours.ts";
import { symbol } from "./context.ts";
import type { Font } from "./font.ts";
import { PADDING, PICTURE, TEXT_SIZE, TITLE_SIZE } from "./frame.ts";
import { fitText, textAt } from "./text.ts";

/** Where the header ends and the labels of marks may begin (logical pixels from the top). */
export const HEADER_BOTTOM = 62;

export type LegendEntry = { kind: "normal" | "anomaly" | "deploy" | "onset"; text: string };

/** Title; under it the unit and the day on the left, what the shades and symbols mean on the right. */
export function drawHeader(
  words: { title: string; unit: string; day: string },
  legend: LegendEntry[],
  colours: Colours,
  font: Font,
): string {
  const right = PICTURE.width - PADDING;
  const whole = right - PADDING;
  const title = fitText(words.title, whole, TITLE_SIZE, 600, font);
  const key = drawLegend(legend, right, colours, font);
  // The unit gives way before the day does: it is the longer of the two, and the one from outside.
  const day = words.day && ` · ${words.day}`;
  const room = key.left - PADDING - 20 - font.width(day, TEXT_SIZE, 500);
  const unit = fitText(words.unit, room, TEXT_SIZE, 500, font);
  const small = { size: TEXT_SIZE, weight: 500 as const, fill: colours.muted };
  return (
    textAt(PADDING, 29, title, { size: TITLE_SIZE, weight: 600, fill: colours.ink }) +
    textAt(PADDING, BASELINE, unit === "" ? words.day : `${unit}${day}`, small) +
    key.svg
  );
}

const BASELINE = 51;
const SWATCH = 16;
const SYMBOL = 9;

/** The legend from the right edge leftwards, and where it begins. */
function drawLegend(entries: LegendEntry[], right: number, colours: Colours, font: Font) {
  let svg = "";
  let left = right;
  for (const { kind, text } of entries.toReversed()) {
    left -= font.width(text, TEXT_SIZE, 500);
    svg += textAt(left, BASELINE, text, { size: TEXT_SIZE, weight: 500, fill: colours.muted });
    left -= (kind === "normal" || kind === "anomaly" ? SWATCH : SYMBOL) + 6;
    svg += swatch(kind, left, colours);
    left -= 16;
  }
  return { svg, left };
}

function swatch(kind: LegendEntry["kind"], x: number, colours: Colours): string {
  const top = BASELINE - 11;
  if (kind === "deploy") return symbol(kind, x + SYMBOL / 2, BASELINE - 5, colours.mark);
  if (kind === "onset") return symbol(kind, x + SYMBOL / 2, BASELINE - 5, colours.alarm);
  if (kind === "anomaly") {
    return (
      `<rect x="${x}" y="${top}" width="${SWATCH}" height="12" fill="${colours.alarmFill}" fill-opacity=".2"/>` +
      `<rect x="${x}" y="${top}" width="${SWATCH}" height="3" fill="${colours.alarm}"/>`
    );
  }
  return (
    `<rect x="${x}" y="${top}" width="${SWATCH}" height="12" fill="${colours.band}" fill-opacity=".25"/>` +
    `<path d="M${x} ${top + 0.5}h${SWATCH}" stroke="${colours.bandEdge}" stroke-width="1.25" stroke-dasharray="4 2"/>`
  );
}
