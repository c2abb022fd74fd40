import type { Font } from "./font.ts";
import { TEXT_SIZE } from "./frame.ts";
import { fitText } from "./text.ts";

/** A moment with a name: a mark, or the beginning of an anomaly. */
export interface Flag {
  x: number;
  text: string;
  kind: "onset" | "asked" | "anomaly" | "deploy";
}

/** A flag whose text has a place above the plot. */
export interface PlacedFlag extends Flag {
  /** Rows above the plot: 0 is next to it. */
  lane: number;
  /** Where the text begins and ends. */
  from: number;
  to: number;
}

export const LANE_HEIGHT = 18;

/** Between the pole and the text, and between two texts. */
const GAP = 5;
/** Widest text, and what it is cut to where it has no room; below the last little more than "…" is left. */
const WIDTHS = [190, 120, 80, 50];
/** More can never be shown, and each is compared with all before it. */
const TRIED = 40;

/**
 * Finds room for texts above the plot, each beside a pole that stands on its moment. No two texts overlap, no
 * pole crosses another's text, and none leaves the picture. Who comes first gets room first: the onset, what was
 * asked about, anomalies, then deploys from the newest back. Flags without room are not in the answer: their line and
 * symbol are drawn all the same, and the legend counts them.
 */
export function placeFlags(flags: Flag[], left: number, right: number, font: Font): PlacedFlag[] {
  const order = ["onset", "asked", "anomaly", "deploy"];
  const ranked = flags.toSorted((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind) || b.x - a.x);
  const placed: PlacedFlag[] = [];
  for (const flag of ranked.slice(0, TRIED)) {
    for (const place of candidates(flag, left, right, font)) {
      if (placed.some((other) => clash(place, other))) continue;
      placed.push(place);
      break;
    }
  }
  return placed;
}

/** Places in the order of liking: whole before cut, low before high, right of the pole before left of it. */
function* candidates(flag: Flag, left: number, right: number, font: Font): Generator<PlacedFlag> {
  // An anomaly's name belongs over its span, which lies right of the pole, unless it ends with the picture.
  const rightOnly = flag.kind === "anomaly" && right - flag.x > 2 * GAP + 50;
  for (const widest of WIDTHS) {
    for (const { lane, side } of PLACES) {
      if (rightOnly && side === "left") continue;
      const room = side === "right" ? right - flag.x - GAP : flag.x - GAP - left;
      const text = fitText(flag.text, Math.min(widest, room), TEXT_SIZE, 500, font);
      // What the picture's edge would cut waits for a place where it need not.
      if (text === "" || (text.endsWith("…") && room < widest)) continue;
      const width = font.width(text, TEXT_SIZE, 500);
      const from = side === "right" ? flag.x + GAP : flag.x - GAP - width;
      yield { ...flag, text, lane, from, to: from + width };
    }
  }
}

const PLACES = [0, 1, 2].flatMap((lane) => ["right", "left"].map((side) => ({ lane, side })));

function clash(a: PlacedFlag, b: PlacedFlag): boolean {
  if (a.lane === b.lane && a.from < b.to + 2 * GAP && b.from < a.to + 2 * GAP) return true;
  return crosses(a, b) || crosses(b, a);
}

/** Whether a pole runs through another's text, on its way down to the plot or beside it. */
function crosses(pole: PlacedFlag, other: PlacedFlag): boolean {
  return pole.lane >= other.lane && pole.x > other.from - GAP + 1 && pole.x < other.to + GAP - 1;
}
