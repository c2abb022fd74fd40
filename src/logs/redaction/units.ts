/** Twice as much as the longest text that is read as a whole. */
let units = new Uint16Array(32_768);
let bytes = Buffer.from(units.buffer);

/**
 * The UTF-16 units of a text, one after the other and behind them anything; until the next call. Asking a string for each took
 * three times as long once strings of all kinds had been met.
 */
export function unitsOf(text: string): Uint16Array {
  if (text.length > units.length) {
    units = new Uint16Array(text.length);
    bytes = Buffer.from(units.buffer);
  }
  bytes.write(text, 0, "utf16le");
  return units;
}
