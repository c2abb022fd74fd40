import { drawTimeAxis, drawValueAxis, timeAxis } from "./axes.ts";
import type { Chart } from "./chart.ts";
import type { Clock } from "./clock.ts";
import type { Colours } from "./colours.ts";
import { drawAnomalies, drawFlags, flagsOf } from "./context.ts";
import { type Flag, LANE_HEIGHT, type PlacedFlag, placeFlags } from "./flags.ts";
import type { Font } from "./font.ts";
import { type Frame, PADDING, PICTURE, TEXT_SIZE, TITLE_SIZE } from "./frame.ts";
import { drawHeader, HEADER_BOTTOM, type LegendEntry } from "./header.ts";
import { drawBand, drawValues } from "./line.ts";
import { shortNumber } from "./numbers.ts";
import { drawReadings, lastWidth } from "./readings.ts";
import { readSeries, type Series } from "./series.ts";
import { textAt } from "./text.ts";
import { valueAxis } from "./ticks.ts";

/** A chart as SVG, `PICTURE` large. Layers go from what is context to what is said. */
export function chartSvg(chart: Chart, colours: Colours, clock: Clock, font: Font): string {
  const series = readSeries(chart);
  const across = sides(series, font);
  const flags = flagsOf(chart, across);
  const placed = placeFlags(flags, PADDING, PICTURE.width - PADDING, font);
  const frame = { ...across, ...heights(placed) };
  const times = timeAxis(frame, clock, font);
  const words = { title: chart.title, unit: chart.unit, day: times.day };
  const { width, height } = PICTURE;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="Inter" fill="none">`,
    `<rect width="${width}" height="${height}" fill="${colours.paper}"/>`,
    drawHeader(words, legendOf(series, flags, placed), colours, font),
    drawAnomalies(chart, frame, colours),
    drawBand(series, frame, colours),
    drawValueAxis(frame, colours),
    drawTimeAxis(times, frame, colours),
    drawValues(series, frame, colours),
    drawFlags(flags, placed, frame, colours),
    drawReadings(series, frame, colours, font),
    series.last ? "" : drawEmpty(frame, colours, font),
    "</svg>",
  ].join("\n");
}

/** The plot's sides leave room for the numbers left of it and the last value right of it. */
function sides(series: Series, font: Font): Omit<Frame, "top" | "bottom"> {
  const axis = valueAxis(series);
  const numbers = axis.ticks.map((tick) => font.width(shortNumber(tick), TEXT_SIZE, 500));
  const { fromMs, toMs } = series;
  const left = Math.ceil(PADDING + Math.max(0, ...numbers) + 8);
  const right = Math.floor(PICTURE.width - PADDING - Math.max(4, lastWidth(series, font)));
  return { left, right, fromMs, toMs, axis };
}

/** The plot begins below the labels of marks, however many rows of them there are. */
function heights(placed: PlacedFlag[]): { top: number; bottom: number } {
  const lanes = Math.max(0, ...placed.map(({ lane }) => lane + 1));
  return { top: HEADER_BOTTOM + 8 + lanes * LANE_HEIGHT, bottom: PICTURE.height - 34 };
}

/** Only what is in this picture; deploys are counted when not each of them could be named. */
function legendOf(series: Series, flags: Flag[], placed: PlacedFlag[]): LegendEntry[] {
  const entries: LegendEntry[] = [];
  const count = (list: Flag[], kind: Flag["kind"]) => list.filter((flag) => flag.kind === kind).length;
  const deploys = count(flags, "deploy");
  if (series.high.some((high) => high !== null)) entries.push({ kind: "normal", text: "normal" });
  if (count(flags, "anomaly") > 0) entries.push({ kind: "anomaly", text: "anomaly" });
  if (count(flags, "onset") > 0) entries.push({ kind: "onset", text: "onset" });
  if (deploys > 0) {
    const named = deploys === count(placed, "deploy");
    entries.push({
      kind: "deploy",
      text: named ? "deploy" : `${shortNumber(deploys)} ${deploys > 1 ? "deploys" : "deploy"}`,
    });
  }
  return entries;
}

function drawEmpty(frame: Frame, colours: Colours, font: Font): string {
  const words = "no data in this range";
  const x = (frame.left + frame.right) / 2;
  const y = (frame.top + frame.bottom) / 2;
  const half = font.width(words, TITLE_SIZE, 500) / 2 + PADDING;
  const plate = `<rect x="${x - half}" y="${y - 18}" width="${2 * half}" height="36" rx="6" fill="${colours.paper}"/>`;
  return (
    plate + textAt(x, y + 6, words, { size: TITLE_SIZE, weight: 500, fill: colours.muted, anchor: "middle" })
  );
}
