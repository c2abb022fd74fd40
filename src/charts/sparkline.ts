/**
 * A trend as block characters, "▁▁▂▇█", at most 16 of them; from 0, so that only zero is the lowest block.
 * Of more values each block shows the largest of its share: a spike never disappears.
 */
export function sparkline(values: number[]): string {
  const columns = Math.min(values.length, WIDEST);
  const highs = Array.from({ length: columns }, (_, column) => {
    const share = values.slice(
      Math.floor((column * values.length) / columns),
      Math.floor(((column + 1) * values.length) / columns),
    );
    return share.reduce((high, value) => Math.max(high, value || 0), 0);
  });
  const top = Math.max(...highs);
  return highs.map((high) => BLOCKS[blockOf(high, top)]).join("");
}

const WIDEST = 16;
const BLOCKS = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

function blockOf(value: number, top: number): number {
  if (value === 0) return 0;
  if (value === top) return BLOCKS.length - 1;
  return Math.max(1, Math.round((value / top) * (BLOCKS.length - 1)));
}
