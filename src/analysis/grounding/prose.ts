import { cleaned } from "../../logs/redaction/clean.ts";
import { isCommandWord } from "./destructive.ts";
import type { Grounds } from "./evidence.ts";
import { withoutForeignLinks } from "./links.ts";
import { wordsOf } from "./words.ts";

/** A sentence with fewer words of its own says nothing. */
const LEAST_WORDS = 3;

export interface ProseRules {
  maxChars: number;
  allowedHosts: readonly string[];
}

/**
 * A model's own words as they may be shown: one paragraph, without what it copied from logs (that stands in the evidence, where it
 * is seen to be a log's) and without links to elsewhere. undefined where nothing of its own is left.
 */
export function ownWords(
  text: string,
  grounds: Grounds,
  { maxChars, allowedHosts }: ProseRules,
): string | undefined {
  const { ofLogs, ofHostile, ofPrompt } = grounds.echoes;
  let said = cleaned(text).replace(/\s+/g, " ").trim();
  if (ofPrompt.findIn(said).length > 0) return undefined;
  for (const runs of [ofHostile, ofLogs]) said = without(said, runs.findIn(said));
  said = withoutForeignLinks(said, allowedHosts)
    .replace(/(?:…\s*){2,}/g, "… ")
    .trim();
  if (wordsOf(said).length < LEAST_WORDS) return undefined;
  return said.length <= maxChars
    ? said
    : `${Array.from(said)
        .slice(0, maxChars - 1)
        .join("")}…`;
}

/** A command as it may be shown to be copied: undefined where a log has had any part in it. */
export function ownCommand(text: string, grounds: Grounds): string | undefined {
  const command = cleaned(text)
    .replace(/\s*\n\s*/g, " ")
    .trim();
  if (command === "" || command.length > MAX_COMMAND_CHARS) return undefined;
  const copied = grounds.echoes.ofCommands.findIn(command);
  const isFromLogs = copied.some(({ from, to }) =>
    wordsOf(command.slice(from, to)).some(({ word }) => isCommandWord(word)),
  );
  const hostile = grounds.echoes.ofHostile.findIn(command).length > 0;
  // Whoever is told to fetch something from somewhere is told where by the logs or by nobody.
  const fetches = /\b[a-z][a-z0-9+.-]{1,12}:\/\//i.test(command);
  return isFromLogs || hostile || fetches ? undefined : command;
}

const MAX_COMMAND_CHARS = 300;

function without(text: string, parts: readonly { from: number; to: number }[]): string {
  let left = "";
  let at = 0;
  for (const { from, to } of parts) {
    left += `${text.slice(at, from)}…`;
    at = to;
  }
  return left + text.slice(at);
}
