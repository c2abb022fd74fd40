import { cleaned } from "../../logs/redaction/clean.ts";

/** Encoded words of one text that are read, and how much of each. */
const MAX_ENCODED = 4;
const ENCODED_CHARS = 1_200;
/** So long no ordinary word is, and base64 of less says nothing. */
const BASE64 = /[A-Za-z0-9+/_-]{24,}={0,2}/g;

/**
 * A text as somebody reads it who wants to see through its masks, in one line: look-alikes of letters, escapes of URLs, JSON and HTML,
 * letters set apart, and behind it what its base64 says. For looking at only.
 */
export function unmasked(text: string): string {
  const plain = cleaned(text);
  const encoded = [...plain.matchAll(BASE64)].slice(0, MAX_ENCODED).flatMap(([word]) => decoded(word));
  return [plain, ...encoded].map(oneReading).join(" \n ");
}

function oneReading(text: string): string {
  return cleaned(
    text
      .replace(/\\u([0-9a-f]{4})|%([0-9a-f]{2})|&#x([0-9a-f]{1,5});/gi, (mark, ...found: string[]) => {
        const hex = found.slice(0, 3).find((one) => one !== undefined);
        return hex === undefined ? mark : String.fromCodePoint(Number.parseInt(hex, 16));
      })
      .replace(/\\[nrt]/g, "\n"),
  )
    .normalize("NFKC")
    .replace(/\p{M}/gu, "")
    .replace(LOOK_ALIKES, (letter) => LATIN[letter] ?? letter)
    .replace(/(?<![\p{L}\p{N}])(?:\p{L}[ ._-]){4,}\p{L}(?![\p{L}\p{N}])/gu, (word) =>
      word.replace(/[ ._-]/g, ""),
    )
    .replace(/\+(?=[\p{L}\p{N}/])/gu, " ")
    .replace(/[ \t]+/g, " ");
}

/** What base64 says, where that is text. */
function decoded(word: string): string[] {
  const said = Buffer.from(word.slice(0, ENCODED_CHARS), "base64").toString("utf8");
  const letters = said.match(/[\p{L} ]/gu)?.length ?? 0;
  return letters >= said.length * 0.8 && said.includes(" ") ? [said] : [];
}

/** Cyrillic and Greek letters that look like Latin ones. Texts in those languages stay unread by the signs of Latin ones. */
const LATIN: Readonly<Record<string, string>> = Object.fromEntries(
  [..."аеорсухіјѕԁһԛԝѵοανικτυρΑΕΟΡСТНКМВХІ"].map((letter, at) => [
    letter,
    [..."aeopcyxijsdhqwvoavikturAEOPCTHKMBXI"][at] ?? letter,
  ]),
);
const LOOK_ALIKES = new RegExp(`[${Object.keys(LATIN).join("")}]`, "gu");
