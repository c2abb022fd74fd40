import type { ValueAxis } from "./ticks.ts";

/** Logical size of every picture, and how many pixels one logical pixel has. */
export const PICTURE = { width: 600, height: 280, density: 2 };

/** Space between the picture's edge and anything drawn. */
export const PADDING = 14;

/** Sizes that can still be read when a phone shows the picture 340 pixels wide. */
export const TITLE_SIZE = 18;
export const TEXT_SIZE = 14;

/** Where the plot lies in the picture (logical pixels), and what its sides stand for. */
export interface Frame {
  left: number;
  right: number;
  top: number;
  bottom: number;
  fromMs: number;
  toMs: number;
  axis: ValueAxis;
}

export function xAt(frame: Pick<Frame, "left" | "right" | "fromMs" | "toMs">, atMs: number): number {
  const share = frame.toMs > frame.fromMs ? (atMs - frame.fromMs) / (frame.toMs - frame.fromMs) : 0;
  return frame.left + Math.min(Math.max(share, 0), 1) * (frame.right - frame.left);
}

/** Far outside of the picture: the renderer ends the process on paths that go on for ever. */
const FAR = 10_000;

export function yAt(frame: Frame, value: number): number {
  const y = frame.bottom - (value / frame.axis.max) * (frame.bottom - frame.top);
  return Math.min(Math.max(y, -FAR), FAR);
}
