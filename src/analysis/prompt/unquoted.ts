import { evidenceItems, textsOf } from "../../evidence/items.ts";
import type { Pack } from "../../evidence/pack.ts";
import { createRuns, sameText } from "../grounding/words.ts";
import type { LookedUp } from "../lookUp.ts";

/** Words in a row that only who copies a log says. Fewer are names and phrases that everybody uses. */
const RUN = 4;
const QUOTE = /["“]([^"“”\n]{1,300})["”]/g;
/** Shorter quotes stand somewhere by chance. */
const MIN_QUOTE_CHARS = 4;

/**
 * What was said of evidence, without the words of logs in it: of a quote the number is left, and of a copy three dots. A model takes
 * what stands outside the fences for its own words or ours, and no log is to speak as either.
 */
export function createUnquoted(pack: Pack, lookedUp: readonly LookedUp[]): (text: string) => string {
  const logs = [
    // What was found before is nobody's log.
    ...evidenceItems(pack).flatMap((item) =>
      item.kind === "past" ? [] : [{ number: item.number, texts: textsOf(item) }],
    ),
    ...lookedUp.map(({ number, lines }) => ({ number, texts: lines })),
  ].map(({ number, texts }) => ({
    number,
    texts,
    same: texts.map(sameText),
    runs: createRuns(texts, { length: RUN }),
  }));
  const copied = createRuns(
    logs.flatMap(({ texts }) => texts),
    { length: RUN },
  );

  function numberOf(quote: string): number | undefined {
    const wanted = sameText(quote.replace(/…$/, ""));
    if (wanted.length < MIN_QUOTE_CHARS) return undefined;
    const found = logs.find(
      ({ same, runs }) => same.some((text) => text.includes(wanted)) || runs.findIn(quote).length > 0,
    );
    return found?.number;
  }

  return (text) => {
    const numbered = text.replace(QUOTE, (mark, quote: string) => {
      const number = numberOf(quote);
      return number === undefined ? mark : `[${number}]`;
    });
    let left = "";
    let at = 0;
    for (const { from, to } of copied.findIn(numbered)) {
      left += `${numbered.slice(at, from)}…`;
      at = to;
    }
    return (left + numbered.slice(at)).replace(/(\[\d+\])(?:\s*\1)+/g, "$1");
  };
}
