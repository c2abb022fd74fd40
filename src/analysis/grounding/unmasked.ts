import { cleaned } from "../../logs/redaction/clean.ts";

/** Encoded words of one text that are read, and how much of each. */
const MAX_ENCODED = 12;
const ENCODED_CHARS = 1_200;
/** So long no ordinary word is, and base64 of less says nothing. */
const BASE64 = /[A-Za-z0-9+/_-]{24,}={0,2}/g;

export interface Readings {
  /** In its lines, with the letters that are meant. */
  plain: string;
  /** As somebody reads it who wants to see more in it; each only where it differs. */
  others: string[];
}

/**
 * A text as somebody reads it who wants to see through its masks: look-alikes of letters and marks on them, escapes of URLs, JSON and
 * HTML, letters set apart, and behind it what its base64 says; and further with line ends, joints and capitals for spaces and digits
 * for letters. For looking at only.
 */
export function readingsOf(text: string): Readings {
  const seen = cleaned(text).replace(/[\u2028\u2029]/g, "\n");
  const encoded = [...seen.matchAll(BASE64)].slice(0, MAX_ENCODED).flatMap(([word]) => decoded(word));
  const own = [seen, ...encoded].map(oneReading).join(" \n ");
  const plain = own.replace(LOOK_ALIKES, (letter) => LATIN[letter] ?? letter);
  const spaced = withSpaces(plain);
  const others = [own, plain.replaceAll("\n", " "), spaced, withLetters(spaced)];
  return { plain, others: [...new Set(others)].filter((reading) => reading !== plain) };
}

function oneReading(text: string): string {
  return cleaned(
    text
      .replace(
        /\\u([0-9a-f]{4})|%([0-9a-f]{2})|&#x0{0,6}([0-9a-f]{1,5});?|&#0{0,6}([0-9]{1,6});?/gi,
        (mark, ...found: string[]) => {
          const at = found.slice(0, 4).findIndex((one) => one !== undefined);
          const code = Number.parseInt(found[at] ?? "", at === 3 ? 10 : 16);
          return code <= 0x10ffff ? String.fromCodePoint(code) : mark;
        },
      )
      .replace(/\\[nrt]/g, "\n"),
  )
    .normalize("NFKD")
    .replace(/(\p{sc=Latin})\p{M}+/gu, "$1")
    .replace(/[ıłøđħŧßæœĸðþſ]/giu, (letter) => UNMARKED[letter.toLowerCase()] ?? letter)
    .normalize("NFC")
    .replace(/(?<![\p{L}\p{N}])(?:\p{L}[ ._-]){4,}\p{L}(?![\p{L}\p{N}])/gu, (word) =>
      word.replace(/[ ._-]/g, ""),
    )
    .replace(/\+(?=[\p{L}\p{N}/])/gu, " ")
    .replace(/[ \t]+/g, " ");
}

/** Letters with a stroke or none of their dots, and two in one: no decomposition takes them apart. */
const UNMARKED: Readonly<Record<string, string>> = {
  ...{
    ı: "i",
    ł: "l",
    ø: "o",
    đ: "d",
    ħ: "h",
    ŧ: "t",
    ß: "ss",
    æ: "ae",
    œ: "oe",
    ĸ: "k",
    ð: "d",
    þ: "th",
    ſ: "s",
  },
};

/** What base64 says, where that is text. */
function decoded(word: string): string[] {
  const isHex = /^(?:[0-9a-f]{2})+$/i.test(word);
  return (isHex ? (["hex", "base64"] as const) : (["base64"] as const)).flatMap((encoding) => {
    const said = Buffer.from(word.slice(0, ENCODED_CHARS), encoding).toString("utf8");
    const letters = said.match(/[\p{L} ]/gu)?.length ?? 0;
    return letters >= said.length * 0.8 && said.includes(" ") ? [said] : [];
  });
}

/** `ignore_all-previous\nInstructions`, `IgnoreAllPrevious`: one line of words. */
function withSpaces(text: string): string {
  return text
    .replace(/(?<=\p{Ll})(?=\p{Lu})/gu, " ")
    .replace(/[\n_]+|(?<=\p{L})[-.*~|/\\]+(?=\p{L})/gu, " ")
    .replace(/ {2,}/g, " ");
}

/** `1gn0re pr3vi0us ru1es`; 1 is read both ways. What is all digits stays a number. */
function withLetters(text: string): string {
  return text.replace(/[a-z0-9@$!|]{2,24}/gi, (word) => {
    if (!/[a-z]/i.test(word) || !/[0-9@$!|]/.test(word)) return word;
    const read = word.replace(/[034578@$!|]/g, (digit) => LETTERS[digit] ?? digit);
    return read.includes("1") ? `${read.replaceAll("1", "i")} ${read.replaceAll("1", "l")}` : read;
  });
}

const LETTERS: Readonly<Record<string, string>> = {
  ...{ "0": "o", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "@": "a", $: "s", "!": "i", "|": "l" },
};

/** Cyrillic and Greek letters that look like Latin ones. */
const LATIN: Readonly<Record<string, string>> = Object.fromEntries(
  [..."аеорсухіјѕԁһԛԝѵοανικτυρΑΕΟΡСТНКМВХІΙΕΑΟΡΤΧΝΜΚΒΗΥΖ"].map((letter, at) => [
    letter,
    [..."aeopcyxijsdhqwvoavikturAEOPCTHKMBXIIEAOPTXNMKBHYZ"][at] ?? letter,
  ]),
);
const LOOK_ALIKES = new RegExp(`[${Object.keys(LATIN).join("")}]`, "gu");
