export interface Point {
  x: number;
  y: number;
}

/**
 * A line with at most four points in each column of one logical pixel: the first, the lowest, the highest and
 * the last, in their order (the "M4" of Jugel et al., VLDB 2014). What is left out lies between points that
 * are drawn, so the thinned line covers the same pixels as the whole one and no spike is ever lost.
 */
export function thinned(points: Point[]): Point[] {
  const kept: Point[] = [];
  let start = 0;
  for (let end = 1; end <= points.length; end++) {
    if (end < points.length && columnOf(points[end]) === columnOf(points[start])) continue;
    kept.push(...extremes(points.slice(start, end)));
    start = end;
  }
  return kept;
}

function columnOf(point: Point | undefined): number {
  return Math.floor(point?.x ?? 0);
}

function extremes(column: Point[]): Point[] {
  if (column.length <= 4) return column;
  let low = 0;
  let high = 0;
  column.forEach(({ y }, i) => {
    if (y > (column[low]?.y ?? y)) low = i;
    if (y < (column[high]?.y ?? y)) high = i;
  });
  const wanted = new Set([0, low, high, column.length - 1]);
  return column.filter((_, i) => wanted.has(i));
}
