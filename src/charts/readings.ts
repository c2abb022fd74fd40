import type { Colours } from "./colours.ts";
import type { Font } from "./font.ts";
import { type Frame, PADDING, PICTURE, TEXT_SIZE } from "./frame.ts";
import { endAt, pointAt } from "./line.ts";
import { shortNumber } from "./numbers.ts";
import type { Series } from "./series.ts";
import { textAt } from "./text.ts";

/** Space right of the plot for the last value. */
export function lastWidth(series: Series, font: Font): number {
  return series.last ? font.width(shortNumber(series.last.value), TEXT_SIZE, 600) + GAP : 0;
}

/** The last value at the end of the line and the peak above its point, each at a dot. */
export function drawReadings(series: Series, frame: Frame, colours: Colours, font: Font): string {
  const { last, peak } = series;
  if (!last || !peak) return "";
  const end = endAt(series, last.index, frame);
  const lastText = shortNumber(last.value);
  const lastY = Math.min(Math.max(end.y + 5, frame.top + 12), frame.bottom);
  const halo = colours.paper;
  let svg =
    dot(end.x, end.y, colours.line, halo) +
    textAt(end.x + GAP - 2, lastY, lastText, { size: TEXT_SIZE, weight: 600, fill: colours.line, halo });
  const peakText = `peak ${shortNumber(peak.value)}`;
  // A level line has no peak worth a label, and a line that ends at its peak has said it already.
  if (peak.value === last.value || peak.value === 0) return svg;
  const top = pointAt(series, peak.index, frame);
  const half = font.width(peakText, TEXT_SIZE, 500) / 2;
  const least = frame.left + half + 2;
  // The label moves aside where it would run into the last value or leave the picture.
  const most = Math.abs(lastY - top.y) < 24 ? end.x - 6 - half : PICTURE.width - PADDING - half;
  const x = Math.max(least, Math.min(top.x, most));
  svg += dot(top.x, top.y, colours.line, halo);
  svg += textAt(x, top.y - 8, peakText, {
    size: TEXT_SIZE,
    weight: 500,
    fill: colours.ink,
    anchor: "middle",
    halo,
  });
  return svg;
}

const GAP = 10;

function dot(x: number, y: number, fill: string, ring: string): string {
  return `<circle cx="${x}" cy="${y}" r="3.5" fill="${fill}" stroke="${ring}" stroke-width="1.5"/>`;
}
