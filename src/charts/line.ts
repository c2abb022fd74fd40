import type { Colours } from "./colours.ts";
import { type Point, thinned } from "./columns.ts";
import { type Frame, xAt, yAt } from "./frame.ts";
import { middleMs, runs, type Series } from "./series.ts";
import { round } from "./text.ts";

/** Up to this many steps each is drawn as the level it is; a line would invent slopes between them. */
const STAIRS_UP_TO = 60;

/**
 * From about one value a pixel a full line would fill the plot like paint, and dashes would look like dirt.
 * Columns then stand on whole pixels with crisp edges: half the blur, and a third less weight.
 */
const DENSE_FROM = 480;

/** The values: a line, with a light fill down to zero. A gap in the values is a gap in both. */
export function drawValues(series: Series, frame: Frame, colours: Colours): string {
  let area = "";
  let line = "";
  let dots = "";
  for (const run of runs(series.values.length, (i) => series.values[i] !== null)) {
    const points = outline(series, series.values, run, frame);
    const path = pathOf(points);
    const [first, last] = [points[0], points.at(-1)];
    if (!first || !last) continue;
    // One value between two gaps has no length as a line: it is drawn as a dot.
    if (first.x === last.x)
      dots += `<circle cx="${first.x}" cy="${first.y}" r="2.5" fill="${colours.line}"/>`;
    area += `M${first.x} ${frame.bottom}L${path.slice(1)}V${frame.bottom}Z`;
    line += path;
  }
  if (line === "") return "";
  const dense = series.values.length > DENSE_FROM;
  const edges = dense ? ' shape-rendering="crispEdges"' : "";
  return (
    `<path d="${area}" fill="${colours.area}" fill-opacity=".11"/>` +
    `<path d="${line}" fill="none" stroke="${colours.line}" stroke-width="${dense ? 1.25 : 2}"${edges} stroke-linejoin="round" stroke-linecap="round"/>${dots}`
  );
}

/** The band of what is normal: a soft fill, with a dashed upper edge for eyes that do not see the fill. */
export function drawBand(series: Series, frame: Frame, colours: Colours): string {
  let fill = "";
  let edge = "";
  for (const run of runs(series.high.length, (i) => series.high[i] !== null)) {
    const high = outline(series, series.high, run, frame);
    const low = outline(series, series.low, run, frame);
    fill += `${pathOf(high)}L${pathOf(low.toReversed()).slice(1)}Z`;
    edge += pathOf(high);
  }
  const dashes = series.values.length > DENSE_FROM / 2 ? "" : ' stroke-dasharray="4 3"';
  if (fill === "") return "";
  return (
    `<path d="${fill}" fill="${colours.band}" fill-opacity=".2"/>` +
    `<path d="${edge}" fill="none" stroke="${colours.bandEdge}" stroke-width="1"${dashes}/>`
  );
}

/** Where a step's value is drawn, for what is put beside it. */
export function pointAt(series: Series, index: number, frame: Frame): Point {
  return { x: round(xAt(frame, middleMs(series, index))), y: round(yAt(frame, series.values[index] ?? 0)) };
}

/** Where the drawing of a step ends: its right edge as a stair, its middle on a line. */
export function endAt(series: Series, index: number, frame: Frame): Point {
  const middle = pointAt(series, index, frame);
  if (series.values.length > STAIRS_UP_TO) return middle;
  return { x: round(xAt(frame, series.fromMs + (index + 1) * series.stepMs)), y: middle.y };
}

function outline(
  series: Series,
  values: (number | null)[],
  [first, last]: [number, number],
  frame: Frame,
): Point[] {
  const snap = series.values.length > DENSE_FROM ? Math.round : round;
  const at = (ms: number, value: number) => ({ x: snap(xAt(frame, ms)), y: round(yAt(frame, value)) });
  const stairs = series.values.length <= STAIRS_UP_TO;
  const points: Point[] = [];
  for (let i = first; i <= last; i++) {
    const value = values[i] ?? 0;
    if (!stairs) points.push(at(middleMs(series, i), value));
    else for (const edge of [i, i + 1]) points.push(at(series.fromMs + edge * series.stepMs, value));
  }
  return thinned(points);
}

function pathOf(points: Point[]): string {
  return points.map(({ x, y }, i) => `${i === 0 ? "M" : "L"}${x} ${y}`).join("");
}
