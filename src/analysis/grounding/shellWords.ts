import { cleaned } from "../../logs/redaction/clean.ts";

/** A program that a text names, and what follows it there as far as it may be meant for it. */
export interface Call {
  /** Without its folder and ending, lower case: `kafka-topics` of `/opt/kafka/bin/kafka-topics.sh`. */
  program: string;
  /** As a shell would see them, without quotes. */
  args: string[];
}

/** More words after a program are a text about something else. */
const MAX_ARGS = 24;
/** What stands alone between two commands. */
const BETWEEN = /^(?:\|\|?|&&?|;|>{1,2}|\d?>&\d)$/;
/** What ends one at the end of a word: a mark of code, or of a command line. A full stop may belong to it: `git add .`. */
const ENDS = /[`;|]$|[\p{L}\p{N}][,.!?]$/u;

/** Letters as they are meant: full width and other dresses of them, and what shells read over. */
export function plainLetters(text: string): string {
  return cleaned(text)
    .normalize("NFKC")
    .replace(/\$\{?IFS\}?/g, " ")
    .replace(/\\\n/g, " ")
    .replace(/\\(?=[a-zA-Z])|''|""/g, "");
}

/** Every call in a text of one of these programs, wherever it stands: behind sudo, in quotes, in the middle of a sentence. */
export function callsIn(text: string, programs: ReadonlySet<string>): Call[] {
  const words = plainLetters(text)
    .replace(/(?<=[\w/"'`)])(\|\|?|&&|;)(?=\s|[a-z])/gi, " $1 ")
    .match(/\S+/g);
  if (words === null) return [];
  const calls: Call[] = [];
  for (const [at, word] of words.entries()) {
    const program = programOf(word);
    if (!programs.has(program)) continue;
    const args: string[] = [];
    for (const next of ENDS.test(word) ? [] : words.slice(at + 1, at + 1 + MAX_ARGS)) {
      if (BETWEEN.test(next)) break;
      args.push(bare(next).replace(/(?<=[\p{L}\p{N}])[,.!?]$/u, ""));
      if (ENDS.test(next)) break;
    }
    calls.push({ program, args });
  }
  return calls;
}

/** Program of a word: `\rm`, `"/bin/rm"`, `$(rm`, `rm.exe`. What a colon follows reports about itself (`rm: cannot remove`). */
function programOf(word: string): string {
  return bare(word)
    .replace(/^.*[/\\]/, "")
    .replace(/(?<=[\p{L}\p{N}])[,.!?]$/u, "")
    .replace(/\.(?:sh|exe|bat|py)$/i, "")
    .toLowerCase();
}

function bare(word: string): string {
  return word.replace(/^[`"'“‘([{$<=]+/u, "").replace(/[`"'”’)\]};|]+$/u, "");
}
