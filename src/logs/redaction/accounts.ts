import type { Mark } from "./mark.ts";

/** 13 to 19 digits, alone or in groups; ISO/IEC 7812 says which beginnings and lengths exist. */
const CARD = /(?<![\w.+-])\d(?:[ -]?\d){12,18}(?![\w-]|\.\d)/g;
/** With dots and unusual blanks only in the groups that are printed on a card. */
const PRINTED_CARD =
  /(?<![\w.+-])(?:\d{4}([.\u00a0\u2007\u2009\u202f])\d{4}\1\d{4}\1\d{4}|3\d{3}([.\u00a0\u2007\u2009\u202f])\d{6}\2\d{5})(?![\w-]|\.\d)/g;

export function redactCards(text: string, mark: Mark): string {
  return text
    .replace(CARD, (whole: string, at: number) => (isCard(whole, at, text) ? mark("card", whole) : whole))
    .replace(PRINTED_CARD, (whole: string) =>
      isCardNumber(whole.replace(/\D/g, "")) ? mark("card", whole) : whole,
    );
}

function isCard(whole: string, at: number, text: string): boolean {
  const digits = whole.replace(/[ -]/g, "");
  if (!isCardNumber(digits)) return false;
  // What a mark says is of another value.
  const before = text
    .slice(Math.max(0, at - 80), at)
    .replace(/<redacted:[\w#-]*>/g, "")
    .slice(-32)
    .toLowerCase();
  // One in ten numbers passes the check digit: an order's number is left alone where the line says it is one.
  const named = /card|pan\b|\bcc\b|visa|amex/.test(before);
  return (
    named || !/(?:id|order|seq|offset|number|trace|request|span|message|ref|ts|time|key)\W{0,6}$/.test(before)
  );
}

function isCardNumber(digits: string): boolean {
  const known =
    digits.length === 16
      ? /^(?:4|5[1-5]|2[2-7]|6011|65|64[4-9]|35|62|50|6304|67)/.test(digits)
      : (digits.length === 15 && /^3[47]/.test(digits)) ||
        (digits.length === 14 && /^3(?:0[0-5]|[689])/.test(digits));
  if (!known || /^(\d)\1+$/.test(digits)) return false;
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    let digit = digits.charCodeAt(digits.length - 1 - i) - 48;
    if (i % 2 === 1) digit = digit > 4 ? digit * 2 - 9 : digit * 2;
    sum += digit;
  }
  return sum % 10 === 0;
}

const IBAN = /(?<![\w-])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![A-Za-z0-9])/g;
/** In lower case and with other dividers it could be many things: its country has to have that length. */
const UNUSUAL_IBAN =
  /(?<![\w-])[A-Z]{2}\d{2}(?:[ \u00a0\u202f.-]?[A-Z0-9]{4}){2,7}(?:[ \u00a0\u202f.-]?[A-Z0-9]{1,3})?(?![A-Za-z0-9])/gi;
/** The IBAN registry of SWIFT. */
const IBAN_CHARS: Readonly<Record<string, number | undefined>> = {
  ad: 24,
  ae: 23,
  al: 28,
  at: 20,
  az: 28,
  ba: 20,
  be: 16,
  bg: 22,
  bh: 22,
  br: 29,
  by: 28,
  ch: 21,
  cr: 22,
  cy: 28,
  cz: 24,
  de: 22,
  dk: 18,
  do: 28,
  ee: 20,
  eg: 29,
  es: 24,
  fi: 18,
  fo: 18,
  fr: 27,
  gb: 22,
  ge: 22,
  gi: 23,
  gl: 18,
  gr: 27,
  gt: 28,
  hr: 21,
  hu: 28,
  ie: 22,
  il: 23,
  is: 26,
  it: 27,
  jo: 30,
  kw: 30,
  kz: 20,
  lb: 28,
  li: 21,
  lt: 20,
  lu: 20,
  lv: 21,
  mc: 27,
  md: 24,
  me: 22,
  mk: 19,
  mr: 27,
  mt: 31,
  mu: 30,
  nl: 18,
  no: 15,
  pk: 24,
  pl: 28,
  ps: 29,
  pt: 25,
  qa: 29,
  ro: 24,
  rs: 22,
  sa: 24,
  se: 24,
  si: 19,
  sk: 24,
  sm: 27,
  tn: 24,
  tr: 26,
  ua: 29,
  vg: 24,
  xk: 20,
};

export function redactIbans(text: string, mark: Mark): string {
  const usual = text.replace(IBAN, (whole: string, at: number) =>
    isIban(whole, at, text) ? mark("iban", whole) : whole,
  );
  return usual.replace(UNUSUAL_IBAN, (whole: string) => {
    const compact = whole.replace(/[^A-Z0-9]/gi, "").toLowerCase();
    return IBAN_CHARS[compact.slice(0, 2)] === compact.length && isIbanNumber(compact)
      ? mark("iban", whole)
      : whole;
  });
}

/** Mistyped ones are named. */
function isIban(whole: string, at: number, text: string): boolean {
  if (/iban\W{0,8}$/i.test(text.slice(Math.max(0, at - 12), at))) return true;
  const compact = whole.replace(/ /g, "");
  return compact.length >= 15 && compact.length <= 34 && isIbanNumber(compact);
}

/** ISO 13616: moved four to the end, letters as 10…35, the remainder by 97 is 1. */
function isIbanNumber(compact: string): boolean {
  let remainder = 0;
  for (const char of compact.slice(4) + compact.slice(0, 4)) {
    const value = Number.parseInt(char, 36);
    remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97;
  }
  return remainder === 1;
}
