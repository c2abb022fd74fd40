/** Longer values are never names. */
const LONGEST_NAME = 64;

/**
 * Whether a value looks like a name a person gave (`bucket-13`, `allow-internal`, `notify-db-v2`, `YES`,
 * `TokenInvalid`) rather than something drawn at random. Every part between `-_.:/@` must be cased as
 * words are, with at most four digits after it, or be a number of at most eight digits.
 */
export function isWordlike(value: string): boolean {
  if (value.length > LONGEST_NAME) return false;
  let from = 0;
  for (let at = 0; at <= value.length; at++) {
    if (at < value.length && !"-_.:/@ ".includes(value.charAt(at))) continue;
    if (!isWord(value, from, at)) return false;
    from = at + 1;
  }
  return true;
}

/** One part of a name: `[A-Z]?[a-z]{2,}` up to five times or `[A-Z]{1,14}`, then up to four digits. */
function isWord(text: string, from: number, end: number): boolean {
  let at = from;
  let pieces = 0;
  while (at < end && pieces < 5) {
    const start = at;
    if (isUpper(text.charCodeAt(at))) at++;
    const lower = at;
    while (at < end && isLower(text.charCodeAt(at))) at++;
    if (at - lower < 2 && !(pieces === 0 && at === end)) {
      at = start;
      break;
    }
    if (at - lower > 20) return false;
    pieces++;
  }
  if (pieces === 0) {
    while (at < end && isUpper(text.charCodeAt(at)) && at - from < 14) at++;
    if (at === from && isLower(text.charCodeAt(at)) && at < end) at++;
  }
  const digits = end - at;
  for (let i = at; i < end; i++) if (!isDigit(text.charCodeAt(i))) return false;
  return digits <= (at === from ? 8 : 4);
}

function isUpper(code: number): boolean {
  return code >= 65 && code <= 90;
}

function isLower(code: number): boolean {
  return code >= 97 && code <= 122;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** `***`, `[REDACTED]`, `<redacted:jwt>`, `${PASSWORD}`, `{{token}}`, `%s`, `null`: nothing is given away. */
export function isPlaceholder(value: string): boolean {
  if (value === "" || value.includes("<redacted:")) return true;
  const first = value.charAt(0);
  const last = value.charAt(value.length - 1);
  if (first === "$" && (value.charAt(1) === "{" || /^\$[A-Z_]{2,40}$/.test(value))) return true;
  // What a statement's value comes in for.
  if (value === "?" || /^[$:]\d{1,3}$/.test(value)) return true;
  if (value.startsWith("{{") || /^%[sdvr]?$/.test(value) || (first === "<" && last === ">")) return true;
  if (first === "[" && /^\[[A-Z_ ]{4,20}\]?$/i.test(value)) return true;
  if (/^(?:\[?REDACTED|\[?FILTERED|\[?MASKED|\[?HIDDEN)/i.test(value)) return true;
  if (/^[*x.•#_-]+$/i.test(value)) return true;
  if (/^(?:[A-Z]{1,12}_){0,3}(?:PASSWORD|PASSWD|PASS|TOKEN|SECRET|KEY|PASSPHRASE)[\])}]?$/.test(value))
    return true;
  if (REFERENCE.test(value)) return true;
  return NOTHING.has(value.toLowerCase());
}

/** Where it is kept, or which algorithm it is of: Terraform, Symfony, Kubernetes, Windows, Azure, AWS. */
const REFERENCE =
  /^(?:(?:var|local|data|module|each|random_password|(?:aws|google|azurerm)_[a-z_]{1,60})\.[\w.[\]"*-]{1,200}|%env\(.{0,80}|%[A-Z][A-Z\d_]{1,60}%?|\$\(\w{1,60}\)?|secretsmanager:.{1,200}|@Microsoft\.KeyVault\(.{0,200}|SHA\d{1,3}with(?:RSA|ECDSA|DSA))$/;

const NOTHING = new Set([
  "null",
  "nil",
  "none",
  "undefined",
  "true",
  "false",
  "yes",
  "no",
  "empty",
  "missing",
  "invalid",
  "expired",
  "required",
  "unset",
  "set",
  "n/a",
  "string",
  "object",
  "present",
  "absent",
  "wrong",
  "incorrect",
  "function",
  "protected",
  "private",
  "public",
  "number",
  "boolean",
]);
