/** Replaces card numbers, bank accounts, e-mail addresses and telephone numbers. */
export function redactPersonal(text: string): string {
  let out = text;
  if (out.includes("@")) out = out.replace(EMAIL, redactEmail);
  if (!/\d{3}/.test(out)) return out;
  out = out.replace(CARD, redactCard);
  out = out.replace(IBAN, redactIban);
  out = out.replace(PHONE, redactPhone);
  if (/ssn|social/i.test(out)) {
    out = out.replace(/(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])/g, "<redacted:ssn>");
  }
  return out;
}

const EMAIL =
  /(?<![\w.%+-])([\w.%+-]{1,64})@((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,6}[a-z]{2,24})(?![\w-]|\.\w)(:?)/gi;

function redactEmail(whole: string, local: string, _domain: string, colon: string): string {
  // git@github.com:team/app is an address of a repository.
  if (local === "git" || (colon !== "" && local.length < 4)) return whole;
  return `<redacted:email>${colon}`;
}

/** 13 to 19 digits, alone or in groups; ISO/IEC 7812 says which beginnings and lengths exist. */
const CARD = /(?<![\w.+-])\d(?:[ -]?\d){12,18}(?![\w-]|\.\d)/g;

function redactCard(whole: string, at: number, text: string): string {
  const digits = whole.replace(/[ -]/g, "");
  if (!isCardNumber(digits)) return whole;
  const before = text.slice(Math.max(0, at - 32), at).toLowerCase();
  // One in ten numbers passes the check digit: an order's number is left alone where the line says it is one.
  const named = /card|pan\b|\bcc\b|visa|amex/.test(before);
  return !named &&
    /(?:id|order|seq|offset|number|trace|request|span|message|ref|ts|time|key)\W{0,6}$/.test(before)
    ? whole
    : "<redacted:card>";
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

/** ISO 13616: moved four to the end, letters as 10…35, the remainder by 97 is 1. Mistyped ones are named. */
function redactIban(whole: string, at: number, text: string): string {
  if (/iban\W{0,8}$/i.test(text.slice(Math.max(0, at - 12), at))) return "<redacted:iban>";
  const compact = whole.replace(/ /g, "");
  if (compact.length < 15 || compact.length > 34) return whole;
  let remainder = 0;
  for (const char of compact.slice(4) + compact.slice(0, 4)) {
    const value = Number.parseInt(char, 36);
    remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97;
  }
  return remainder === 1 ? "<redacted:iban>" : whole;
}

/** `+49 30 1234567`, `(555) 555-0172`: conservative, without a plus or brackets digits are not a telephone. */
const PHONE =
  /(?<![\w.:+-])(?:\+\d{1,3}[ .-]?(?:\(\d{1,4}\)[ .-]?)?\d{1,4}(?:[ .-]?\d{2,4}){1,4}|\(\d{3}\) ?\d{3}-\d{4})(?![\w:]|[.-]\d)/g;

function redactPhone(whole: string): string {
  const digits = whole.replace(/\D/g, "").length;
  return digits >= 9 && digits <= 15 ? "<redacted:phone>" : whole;
}
