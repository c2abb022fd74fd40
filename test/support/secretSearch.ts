/** Something that must not stand where it is looked for. */
export interface Sought {
  name: string;
  /** Letters and digits. */
  secret: string;
}

/** Where something was found: what it is called, how it was written, and what stood before it. */
export interface Finding {
  name: string;
  spelling: string;
  before: string;
}

/** Long enough that nothing has it by accident: 62 to the power of 8. */
const BLOCK = 8;

/**
 * Looks for secrets in any text, in upper or lower case, in whatever spelling they come through a program: plain, base64 at each
 * of its three places, hexadecimal, percent and JSON escapes. Any part of 16 characters has one of the blocks
 * of 8 in it that a secret is cut into, so half a secret is found as well.
 */
export function createSecretSearch(sought: readonly Sought[]): (text: string) => Finding[] {
  const byBeginning = new Map<string, { name: string; spelling: string; needle: string }[]>();
  for (const { name, secret } of sought) {
    if (!/^[0-9A-Za-z]+$/.test(secret) || secret.length < BLOCK)
      throw new Error(`${name} cannot be looked for`);
    for (const block of blocksOf(secret)) {
      for (const [spelling, written] of Object.entries(spellingsOf(block))) {
        const needle = written.toLowerCase();
        const beginning = needle.slice(0, BLOCK);
        byBeginning.set(beginning, [...(byBeginning.get(beginning) ?? []), { name, spelling, needle }]);
      }
    }
  }
  return (text) => {
    const low = text.toLowerCase();
    const found: Finding[] = [];
    for (let at = 0; at + BLOCK <= low.length; at++) {
      const candidates = byBeginning.get(low.slice(at, at + BLOCK));
      if (candidates === undefined) continue;
      for (const { name, spelling, needle } of candidates)
        if (low.startsWith(needle, at))
          found.push({ name, spelling, before: text.slice(Math.max(0, at - 200), at) });
    }
    return found;
  };
}

function blocksOf(secret: string): string[] {
  const blocks: string[] = [];
  for (let at = 0; at + BLOCK <= secret.length; at += BLOCK) blocks.push(secret.slice(at, at + BLOCK));
  return blocks;
}

function spellingsOf(block: string): Record<string, string> {
  const hex = [...block].map((char) => char.charCodeAt(0).toString(16));
  return {
    plain: block,
    ...Object.fromEntries([0, 1, 2].map((place) => [`base64 ${place}`, inBase64(block, place)])),
    hexadecimal: hex.join(""),
    percent: hex.map((code) => `%${code}`).join(""),
    json: hex.map((code) => `\\u00${code}`).join(""),
    "html by number": [...block].map((char) => `&#${char.charCodeAt(0)};`).join(""),
    "wide characters": [...block].join("\0"),
  };
}

/** What is the same whatever stands around it. Of letters and digits base64 makes no sign that its two alphabets differ in. */
function inBase64(block: string, place: number): string {
  const whole = Buffer.from(`${"x".repeat(place)}${block}`)
    .toString("base64")
    .replaceAll("=", "");
  const first = Math.ceil((place * 8) / 6);
  const last = Math.floor(((place + block.length) * 8) / 6);
  return whole.slice(first, last);
}
