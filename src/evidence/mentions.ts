/**
 * Whether a line speaks of a service. A name of several parts (`orders-db`) is one wherever it stands as a word; a plain
 * word (`user`, `auth`) only where it is spoken of as something that is called or that answers: lines are full of words,
 * and whoever gets one into a log must not choose the culprit by it.
 */
export function mentions(line: string, service: string): boolean {
  const name = service.toLowerCase();
  const text = line.toLowerCase();
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    const before = text.slice(Math.max(0, at - 24), at);
    // An address behind it says no more than the name does, but that it is one of something that is called.
    const behind = text.slice(at + name.length, at + name.length + 24 + ADDRESS_CHARS);
    const address = ADDRESS.exec(behind)?.[0] ?? "";
    const after = behind.slice(address.length, address.length + 24);
    if (WORD_BEFORE.test(before) || WORD_AFTER.test(after)) continue;
    // A key names a field, not a service.
    if (/^["']?\s{0,2}[:=](?!\d|\/)/.test(after) && /["'\s{,[]$/.test(before)) {
      if (!SPEAKS_AFTER_COLON.test(after)) continue;
    }
    if (NUMBERED.test(after)) continue;
    if (address !== "" || isDistinct(name) || CALLED.test(before) || ANSWERS.test(after)) return true;
  }
  return false;
}

/** ` (10.0.0.7:8080)`: with a port; a place in the code has no such numbers before its line. */
const ADDRESS = /^\s?\((?:\d{1,3}(?:\.\d{1,3}){3}|\[[\da-f:]{2,39}\]|localhost):\d{2,5}\)/;
const ADDRESS_CHARS = 64;
const WORD_BEFORE = /[a-z0-9_-]$/;
const WORD_AFTER = /^[a-z0-9_-]/;
/** `checkout: connection refused` speaks of it; `user: 17` does not. */
const SPEAKS_AFTER_COLON = /^:\s[a-z]{3,}/;
const CALLED =
  /(?:\bto|\bfrom|\bat|\bvia|calls?|calling|called|upstream|service|host|reach|reaching|contact|contacting|\bget|\bpost|\bput)[\s"':=(]{1,3}$|(?:https?|grpc|tcp|amqp|redis|postgres(?:ql)?|mysql):\/\/(?:[^\s/@]{0,40}@)?$|server[\s"':=(]{1,3}$/;
const ANSWERS =
  /^["')\]]?(?::\d{2,5}\b|[\s:]{1,2}(?:answered|answers|returned|returns|responded|refused|refuses|rejected|timed out|timeout|failed|fails|unavailable|unreachable|is (?:down|not|un)|did not|does not|cannot|closed|reset|threw|said|connection|connect|dial|error|read|write)\b|\.(?:svc|local|internal|default)\b)/;

/** `user 17` is one of many things of that kind; `billing 504 Gateway Timeout` answered. */
const NUMBERED = /^\s{1,2}#?(?![45]\d\d\s+[A-Z])\d/i;

/** Hyphens, digits and the like: no word of a sentence. */
function isDistinct(name: string): boolean {
  return name.length >= 4 && /[^a-z]/.test(name);
}
