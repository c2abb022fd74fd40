import { cleaned } from "../../logs/redaction/clean.ts";

/**
 * Marks by which models tell who speaks, of the templates of Llama, Mistral, ChatML, Gemma, Phi, Command R, DeepSeek and
 * Claude's text form. In a text of a log they are broken, so that no tokenizer makes one token of them.
 */
const SPEAKER_MARKS =
  /<\|[^|>\n]{0,40}\|>|<｜[^｜>\n]{0,40}｜>|\[\/?(?:INST|SYS|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS)\]|<<\/?SYS>>|<\/?s>|<(?:bos|eos|pad|unk|start_of_turn|end_of_turn)>|<\/?(?:system|user|assistant|human|tool|function|think|thinking|tool_call|tool_response|function_calls|invoke|instructions?)\b[^>\n]{0,60}>/gi;
const TURNS = /(^|\n)(\s{0,8})(human|assistant|system|user|ai|bot|developer)(\s{0,4}):/gi;
/** Headings and fences by which prompts part themselves. */
const RULES = /`{3,}|~{3,}|^\s{0,3}#{2,}/gm;

/** A text of a log or a person as it may stand in a prompt: nothing in it is seen by a model as anything but text. */
export function neutral(text: string): string {
  return (
    cleaned(text)
      // JSON leaves them as they are, and some readers begin a line with them.
      .replace(/[\u2028\u2029]/g, "\n")
      .replace(SPEAKER_MARKS, (mark) => mark.replace(/[<>[\]|｜]/g, (char) => BROKEN[char] ?? " "))
      .replace(TURNS, "$1$2$3$4;")
      .replace(RULES, (rule) => `${[...rule].join(" ")} `)
  );
}

const BROKEN: Record<string, string> = { "<": "‹", ">": "›", "[": "(", "]": ")", "|": "¦", "｜": "¦" };
