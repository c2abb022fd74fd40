import type { Clock } from "./clock.ts";
import type { Colours } from "./colours.ts";
import type { Font } from "./font.ts";
import { type Frame, PADDING, PICTURE, TEXT_SIZE, xAt, yAt } from "./frame.ts";
import { shortNumber } from "./numbers.ts";
import { fitText, round, textAt } from "./text.ts";
import { type TimeTick, timeTicks } from "./timeTicks.ts";

/** Narrowest distance between two times on the axis: a label and the space that keeps it apart. */
const TIME_WIDTH = 76;
const GAP = 12;

type Across = Omit<Frame, "top" | "bottom" | "axis">;

/** Light horizontal lines with their numbers on the left. */
export function drawValueAxis(frame: Frame, colours: Colours): string {
  return frame.axis.ticks
    .map((tick) => {
      const y = Math.round(yAt(frame, tick));
      const line = `<path d="M${frame.left} ${y}H${frame.right}" stroke="${colours.grid}"/>`;
      const style = { size: TEXT_SIZE, weight: 500, fill: colours.muted, anchor: "end" } as const;
      // The highest may stand at the plot's edge, where the texts of marks begin.
      return line + textAt(frame.left - 8, Math.max(y + 5, frame.top + 7), shortNumber(tick), style);
    })
    .join("");
}

/** What stands below the plot: the zone's name where the axes meet, and the times that have room beside it. */
export interface TimeAxis {
  zone: string;
  ticks: (TimeTick & { x: number; shown: boolean })[];
  /** The range's day, when no label on the axis tells it; otherwise empty. */
  day: string;
}

/** Round times of the reader's zone. A tick without room for its label stays a tick. */
export function timeAxis(across: Across, clock: Clock, font: Font): TimeAxis {
  if (across.toMs <= across.fromMs) return { zone: "", ticks: [], day: "" };
  const zone = fitText(zoneName(across, clock), 150, TEXT_SIZE, 500, font);
  let taken = PADDING + font.width(zone, TEXT_SIZE, 500);
  const most = Math.floor((across.right - across.left) / TIME_WIDTH);
  const ticks = timeTicks(across.fromMs, across.toMs, most, clock).map((tick) => {
    const x = xAt(across, tick.atMs);
    const half = font.width(tick.label, TEXT_SIZE, tick.date ? 600 : 500) / 2;
    const shown = x - half >= taken + GAP && x + half <= PICTURE.width - PADDING;
    if (shown) taken = x + half;
    return { ...tick, x, shown };
  });
  const dated = ticks.some(({ label, shown }) => shown && !label.includes(":"));
  // Past a midnight that found no room for its label, both days are told.
  const days = new Set([clock.weekday(across.fromMs), clock.weekday(across.toMs - 1)]);
  return { zone, ticks, day: dated ? "" : [...days].join(" – ") };
}

export function drawTimeAxis(axis: TimeAxis, frame: Frame, colours: Colours): string {
  const y = frame.bottom + 20;
  const small = { size: TEXT_SIZE, weight: 500, fill: colours.muted } as const;
  const dated = { size: TEXT_SIZE, weight: 600, fill: colours.ink } as const;
  const line = `<path d="M${frame.left} ${frame.bottom}H${frame.right}" stroke="${colours.axis}"/>`;
  const ticks = axis.ticks.map(({ x, label, date, shown }) => {
    const tick = `<path d="M${round(x)} ${frame.bottom}v4" stroke="${colours.axis}"/>`;
    return shown ? tick + textAt(x, y, label, { ...(date ? dated : small), anchor: "middle" }) : tick;
  });
  return line + textAt(PADDING, y, axis.zone, small) + ticks.join("");
}

/** "CET", or "CET → CEST" when the clocks change in the range. */
function zoneName({ fromMs, toMs }: Across, clock: Clock): string {
  return [...new Set([clock.nameAt(fromMs), clock.nameAt(toMs - 1)])].join(" → ");
}
