import { commandsIn, RUNS_WHAT_NOBODY_READS, readsAsCommand } from "./commands.ts";
import { wordsOf } from "./words.ts";

/** Fewer words between marks of code are a name; so many without any sign of code are somebody's words. */
const LEAST_QUOTED = 4;
const SIGNS_OF_CODE =
  /[=(){}<>$|;\\/]|::|->|^(?:select|show|explain|with|insert|update|set|begin|GET|POST|PUT|PATCH)\s/i;

/** Of a program that nobody has listed. */
const WITH_OPTIONS = /^\S{1,60}(?:\s+\S{1,60}){0,4}?\s+--?[a-z]/i;

export interface CommandChecks {
  /** Whether a command may be shown to be copied. */
  mayBeShown(command: string): boolean;
  /** Whether a log, or what people said before, has had a part in it. */
  isFromLogs(command: string): boolean;
}

/**
 * A model's prose without marks of code: what it wants to be copied has a field of its own, and what it quotes stands in quotes.
 * undefined where a command stands in it, between such marks or without them, that could not be shown there either.
 */
export function withoutCode(text: string, { mayBeShown, isFromLogs }: CommandChecks): string | undefined {
  let refused = false;
  const bare = text
    .replace(/`+([^`]{1,2000})`+/g, (_, inner: string) => {
      const said = inner.trim();
      if (readsAsCommand(said) || WITH_OPTIONS.test(said)) {
        if (!mayBeShown(said)) refused = true;
        return said;
      }
      const isQuote = wordsOf(said).length >= LEAST_QUOTED && !SIGNS_OF_CODE.test(said);
      return isQuote && !said.includes('"') ? `"${said}"` : said;
    })
    .replaceAll("`", "");
  if (refused || RUNS_WHAT_NOBODY_READS.test(bare)) return undefined;
  const spoken = commandsIn(bare).map(({ program, args }) => [program, ...args].join(" "));
  return spoken.some(isFromLogs) ? undefined : bare;
}
