/** Words of LogQL, which cannot stand where a name of a label can, though a stream may have such a label. */
const RESERVED = new Set(
  (
    "by without bool offset on ignoring group_left group_right or and unless json regexp logfmt unpack pattern " +
    "label_format line_format decolorize drop keep variants of unwrap label_replace"
  ).split(" "),
);

export function isReserved(word: string): boolean {
  return RESERVED.has(word);
}

/** Whether a label can be named in a query: names cannot be quoted. */
export function isLabelName(name: string): boolean {
  return /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name) && !isReserved(name.toLowerCase());
}
