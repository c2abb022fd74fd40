import { lintSource } from "@secretlint/core";
import { secretLintProfiler } from "@secretlint/profiler";
import { creator } from "@secretlint/secretlint-rule-preset-recommend";

const RULES = { rules: [{ id: "@secretlint/secretlint-rule-preset-recommend", rule: creator }] };
// It would keep an entry of each rule and text for as long as the process lives.
secretLintProfiler.mark = () => undefined;

/** What stands for a text that may not leave. */
export const WITHHELD = "<redacted:withheld>";
/** Marks of ours, which in an address look like its password. */
const MARKS = /<redacted:[\w#-]{1,40}>/g;

/** How many secrets a text has. */
export type Lint = (text: string) => Promise<number>;

const secretlint: Lint = async (text) => {
  const { messages } = await lintSource({
    source: { content: text.replace(MARKS, " "), filePath: "log.txt", ext: ".txt", contentType: "text" },
    options: { config: RULES, noPhysicFilePath: true },
  });
  return messages.length;
};

/**
 * The second wall before what a model is given, by rules that are not ours: of plain data each text is withheld whole in which
 * they find a secret after ours have gone over it, because where they say it stands is not always where it ends. Where
 * they cannot say, it is withheld as well.
 */
export async function behindSecondWall<T>(data: T, lint: Lint = secretlint): Promise<T> {
  // Nearly always all is well, and one look says so.
  if (await isCleanAsWhole(data, lint)) return data;
  const kept = await withheld(data, lint);
  // Parts that are a secret only together: all of them go.
  return ((await isCleanAsWhole(kept, lint)) ? kept : await withheld(data, async () => 1)) as T;
}

function isCleanAsWhole(data: unknown, lint: Lint): Promise<boolean> {
  return isClean([...textsIn(data)].join("\n"), lint);
}

function* textsIn(value: unknown): Generator<string> {
  if (typeof value === "string") yield value;
  else if (typeof value === "object" && value !== null)
    for (const each of Object.values(value)) yield* textsIn(each);
}

async function withheld(value: unknown, lint: Lint): Promise<unknown> {
  if (typeof value === "string") return (await isClean(value, lint)) ? value : WITHHELD;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const texts: unknown[] = [];
    for (const each of value) texts.push(await withheld(each, lint));
    return texts;
  }
  const copy: Record<string, unknown> = {};
  for (const [key, each] of Object.entries(value)) copy[key] = await withheld(each, lint);
  return copy;
}

async function isClean(text: string, lint: Lint): Promise<boolean> {
  try {
    return (await lint(text)) === 0;
  } catch {
    return false;
  }
}
