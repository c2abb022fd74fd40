import { ANALYST } from "../../src/analysis/prompt/rootCause.ts";
import { cleaned } from "../../src/logs/redaction/clean.ts";

/** Characters in a row of a line that stand nowhere by chance. */
const PIECE = 16;

/**
 * What of a line stands in a prompt outside of the fences, or inside of them otherwise than in one JSON string on one line;
 * undefined where nothing does.
 */
export function outsideOfFence(line: string, prompt: string): string | undefined {
  const fence = /between <(EVIDENCE-[\w-]+)>/.exec(prompt)?.[1];
  if (fence === undefined) return "the prompt has no fence";
  const from = prompt.indexOf(`\n<${fence}>\n`);
  const to = prompt.lastIndexOf(`\n</${fence}>`);
  if (from < 0 || to < from) return "the fence is not closed";
  const outside = (prompt.slice(0, from) + prompt.slice(to + fence.length + 4))
    .replace(ANALYST, "")
    .replaceAll(fence, "");
  const parts = cleaned(line)
    .replace(/^\S+ [A-Z]+ /, "")
    .split("\n");
  for (const part of parts)
    for (let at = 0; at + PIECE <= part.length; at++) {
      const piece = part.slice(at, at + PIECE);
      if (outside.includes(piece)) return `outside of the fence: ${piece}`;
    }
  for (const item of prompt.slice(from + fence.length + 4, to).split("\n")) {
    const value = /^(?:\[\d+\](?: [a-z]+)?|asked|named in errors) (.*)$/.exec(item)?.[1];
    if (value === undefined || !isJson(value)) return `not one JSON value: ${item.slice(0, 40)}`;
  }
  return undefined;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
