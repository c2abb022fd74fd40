import type { Chart } from "./chart.ts";
import type { Colours } from "./colours.ts";
import { type Flag, LANE_HEIGHT, type PlacedFlag } from "./flags.ts";
import { type Frame, TEXT_SIZE, xAt } from "./frame.ts";
import { round, textAt } from "./text.ts";

type Across = Pick<Frame, "left" | "right" | "fromMs" | "toMs">;

/** The marks and anomalies of a chart that lie in its range, as flags. */
export function flagsOf(chart: Chart, across: Across): Flag[] {
  const marks = (chart.marks ?? [])
    .filter(({ atMs }) => atMs >= across.fromMs && atMs <= across.toMs)
    .map(({ atMs, label, kind }): Flag => ({ x: round(xAt(across, atMs)), text: label, kind }));
  const anomalies = spansOf(chart, across).map(
    ({ x, label }): Flag => ({ x, text: label ?? "", kind: "anomaly" }),
  );
  return [...marks, ...anomalies];
}

/** Shaded spans. The bar on top and the edges say the same without colour. */
export function drawAnomalies(chart: Chart, frame: Frame, colours: Colours): string {
  return spansOf(chart, frame)
    .map(({ x, width, begins, ends }) => {
      const height = frame.bottom - frame.top;
      const edges = width < 8 ? [] : [...(begins ? [x] : []), ...(ends ? [x + width] : [])];
      return (
        `<rect x="${x}" y="${frame.top}" width="${width}" height="${height}" fill="${colours.alarmFill}" fill-opacity="${width < 8 ? ".3" : ".13"}"/>` +
        `<rect x="${x}" y="${frame.top - 3}" width="${width}" height="3" fill="${colours.alarm}"/>` +
        edges.map((edge) => vertical(edge, frame.top, frame.bottom, colours.alarm, "1", "1 3")).join("")
      );
    })
    .join("");
}

/** Vertical lines of the marks, each with the symbol of its kind, and the texts that found room. */
export function drawFlags(flags: Flag[], placed: PlacedFlag[], frame: Frame, colours: Colours): string {
  const lines = new Map<string, string>();
  for (const { x, kind } of flags) {
    if (kind === "anomaly") continue;
    const alarming = kind === "onset";
    const colour = alarming ? colours.alarm : colours.mark;
    // Marks that share a column share its line.
    lines.set(
      `${kind} ${Math.round(x)}`,
      vertical(x, frame.top, frame.bottom, colour, alarming ? "1.5" : "1.25", alarming ? "" : "5 3") +
        symbol(kind, x, frame.top - 1, colour),
    );
  }
  const texts = placed.map((flag) => {
    const foot = frame.top - 5 - flag.lane * LANE_HEIGHT;
    const [ink, pole] =
      flag.kind === "deploy" || flag.kind === "asked"
        ? [colours.ink, colours.mark]
        : [colours.alarmInk, colours.alarm];
    const line = vertical(flag.x, foot - 13, frame.top - 3, pole, "1", "");
    return line + textAt(flag.from, foot - 2, flag.text, { size: TEXT_SIZE, weight: 500, fill: ink });
  });
  return [...lines.values(), ...texts].join("");
}

/** A diamond for a deploy, a triangle that points down for any other moment; `y` is its middle. */
export function symbol(kind: "deploy" | "onset" | "asked", x: number, y: number, colour: string): string {
  const d = kind === "deploy" ? "l4.5 -4.5l4.5 4.5l-4.5 4.5Z" : "v-4.5h9v2l-4.5 7l-4.5 -7Z";
  return `<path d="M${round(x) - 4.5} ${y}${d}" fill="${colour}"/>`;
}

interface Span {
  x: number;
  width: number;
  /** Whether its first and last moment are in the picture. */
  begins: boolean;
  ends: boolean;
  label: string | undefined;
}

/** More spans than pixels cannot be told apart. */
const SPANS_AT_MOST = 300;
/** A span of a second in a month must still be seen. */
const NARROWEST = 3;

function spansOf(chart: Chart, across: Across): Span[] {
  return (chart.anomalies ?? [])
    .filter(({ fromMs, toMs }) => toMs >= fromMs && toMs >= across.fromMs && fromMs <= across.toMs)
    .slice(0, SPANS_AT_MOST)
    .map(({ fromMs, toMs, label }) => {
      const x = round(Math.min(xAt(across, fromMs), across.right - NARROWEST));
      return {
        x,
        width: Math.max(NARROWEST, round(xAt(across, toMs)) - x),
        begins: fromMs >= across.fromMs,
        ends: toMs <= across.toMs,
        label,
      };
    });
}

function vertical(x: number, from: number, to: number, colour: string, width: string, dash: string): string {
  const dashed = dash ? ` stroke-dasharray="${dash}"` : "";
  return `<path d="M${round(x)} ${from}V${to}" stroke="${colour}" stroke-width="${width}"${dashed}/>`;
}
