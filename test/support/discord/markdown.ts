/** What somebody reads on Discord, written apart from the adapter that writes it. */
export interface Read {
  text: string;
  links: string[];
  /** Mentions, emoji and other things that came to life. */
  alive: string[];
}

/** Reads Discord's Markdown: https://support.discord.com/hc/en-us/articles/210298617 and the clients' own rules. */
export function readMarkdown(source: string): Read {
  const read: Read = { text: "", links: [], alive: [] };
  let at = 0;
  while (at < source.length) {
    const rest = source.slice(at);
    const lineStart = at === 0 || source[at - 1] === "\n";
    const rule = RULES.find(
      ({ when, pattern }) => (when === "line" ? lineStart : true) && pattern.test(rest),
    );
    const match = rule?.pattern.exec(rest);
    if (rule === undefined || match === undefined || match === null) {
      read.text += source[at];
      at++;
      continue;
    }
    rule.read(match, read);
    at += match[0].length;
  }
  return read;
}

interface Rule {
  pattern: RegExp;
  /** At the start of a line only. */
  when?: "line";
  read(match: RegExpExecArray, into: Read): void;
}

const within = (group: number) => (match: RegExpExecArray, into: Read) => {
  const { text, links, alive } = readMarkdown(match[group] ?? "");
  into.text += text;
  into.links.push(...links);
  into.alive.push(...alive);
};
const literal = (group: number) => (match: RegExpExecArray, into: Read) => {
  into.text += match[group] ?? "";
};
const skip = () => {};
const alive = (match: RegExpExecArray, into: Read) => {
  into.alive.push(match[0]);
};

/** In the order in which the clients try them. */
const RULES: readonly Rule[] = [
  { pattern: /^```(?:[a-z0-9_+\-.#]+?\n)?\n*([^\n][\s\S]*?)\n*```/i, read: literal(1) },
  { pattern: /^(`+)([\s\S]*?[^`])\1(?!`)/, read: literal(2) },
  { pattern: /^\\([^0-9A-Za-z\s])/, read: literal(1) },
  {
    pattern: /^<t:(-?\d{1,17})(?::[tTdDfFR])?>/,
    read: (match, into) => {
      into.text += ` ${new Date(Number(match[1]) * 1000).toISOString()} `;
    },
  },
  // One that stands in a literal text would be missing there, letter by letter.
  {
    pattern: /^<#(\d+)>/,
    read: (match, into) => {
      into.text += `#${match[1]}`;
    },
  },
  { pattern: /^<(?:@!?|@&)\d+>|^<id:\w+>|^<\/[^>\n]+:\d+>|^<a?:\w+:\d+>|^@everyone|^@here/, read: alive },
  { pattern: /^:[\w+-]{2,}:/, read: alive },
  {
    pattern: /^<((?:https?|steam):\/\/[^>\s]+)>|^((?:https?|steam):\/\/[^\s<]+[^<.,:;"'\])\s])/,
    read: (match, into) => {
      into.links.push(match[1] ?? match[2] ?? "");
    },
  },
  {
    pattern: /^\[((?:\\[\s\S]|[^[\]\\])+)\]\(\s*<?((?:[^\s\\<>()])+)>?\s*\)/,
    read: (match, into) => {
      within(1)(match, into);
      into.links.push(match[2] ?? "");
    },
  },
  { pattern: /^ *#{1,3}\s+/, when: "line", read: skip },
  { pattern: /^ *-#\s+/, when: "line", read: skip },
  { pattern: /^ *(?:[*+-]|\d+\.)\s+/, when: "line", read: skip },
  { pattern: /^ *>{1,3}\s+/, when: "line", read: skip },
  { pattern: /^\*\*((?:\\[\s\S]|[^\\])+?)\*\*(?!\*)/, read: within(1) },
  { pattern: /^__((?:\\[\s\S]|[^\\])+?)__(?!_)/, read: within(1) },
  { pattern: /^\*(?=\S)((?:\\[\s\S]|[^\\])+?)\*(?!\*)/, read: within(1) },
  { pattern: /^_((?:\\[\s\S]|[^\\])+?)_(?!\w)/, read: within(1) },
  { pattern: /^~~((?:\\[\s\S]|[^\\])+?)~~/, read: within(1) },
  { pattern: /^\|\|((?:\\[\s\S]|[^\\])+?)\|\|/, read: within(1) },
];
