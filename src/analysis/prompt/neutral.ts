import { cleaned } from "../../logs/redaction/clean.ts";

/**
 * Marks by which models tell who speaks, of the templates of Llama, Mistral, ChatML, Gemma, Phi, Command R, DeepSeek and
 * Claude's text form. In a text of a log they are broken, so that no tokenizer makes one token of them.
 */
const SPEAKER_MARKS =
  /<\|[^|>\n]{0,40}\|>|<｜[^｜>\n]{0,40}｜>|\[\/?(?:INST|SYS|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS)\]|<<\/?SYS>>|<\/?s>|<(?:bos|eos|pad|unk|start_of_turn|end_of_turn)>|<\/?(?:system|user|assistant|human|tool|function|think|thinking|tool_call|tool_response|function_calls|function_results?|tool_results?|invoke|instructions?|evidence)\b[^>\n]{0,60}>/gi;
/**
 * Marks of templates by their shape, because each new model brings its own: a tag without attributes whose name has a joint or a
 * number behind it, or is one of the words that templates use; capitals with a joint or a number in square brackets; bytes. Tags of
 * XML and HTML, types, and levels in brackets (`<order>`, `<h1>`, `List<String>`, `[ERROR]`) stay as they are; of `<order_id>` only
 * the brackets change, so that it still reads as what it is.
 */
const TEMPLATE_TAGS =
  /<\s{0,2}\/?\s{0,2}(?:[A-Za-z]{1,24}(?:[_\u2581][A-Za-z0-9]{0,24}){1,6}|[A-Za-z]{3,24}\d{1,5}|0x[0-9A-Fa-f]{2}|tools?|tool[ -]\w{1,20}|im|images?|audio|video|vision|mask|cls|sep|pad|unk|bos|eos|eot|eod|eom|sop|eop|fim|prefix|suffix|middle|model|context|observation|thought|scratchpad|reasoning|reflection|answer|prompt|bot|ai|developer)\s{0,2}\/?\s{0,2}>/gi;
const TEMPLATE_BRACKETS =
  /\[\/?(?:[A-Z][A-Z0-9]{0,24}(?:_[A-Z0-9]{1,24}){1,5}|PREFIX|SUFFIX|MIDDLE|IMG|IMAGE|AUDIO|VIDEO|THINK|ARGS|MASK|CLS|SEP|PAD|UNK|BOS|EOS|INST|SYS|TOOL|TOOLS|[gs]MASK)\]/g;
/** The joint of SentencePiece between letters; a row of such bars is a chart. */
const JOINTS = /(?<=\p{L})\u2581(?=\p{L})/gu;
const TURNS = /(^|\n)(\s{0,8})(human|assistant|system|user|ai|bot|developer)(\s{0,4})[:：]/gi;
/** Headings and fences by which prompts part themselves. */
const RULES = /`{3,}|~{3,}|^\s{0,3}#{2,}/gm;

/** A text of a log or a person as it may stand in a prompt: nothing in it is seen by a model as anything but text. */
export function neutral(text: string): string {
  return (
    cleaned(text)
      // JSON leaves them as they are, and some readers begin a line with them.
      .replace(/[\u2028\u2029]/g, "\n")
      .replace(SPEAKER_MARKS, broken)
      .replace(TEMPLATE_TAGS, broken)
      .replace(TEMPLATE_BRACKETS, broken)
      .replace(JOINTS, " ")
      .replace(TURNS, "$1$2$3$4;")
      .replace(RULES, (rule) => `${[...rule].join(" ")} `)
  );
}

function broken(mark: string): string {
  return mark.replace(/[<>[\]|｜]/g, (char) => BROKEN[char] ?? " ");
}

const BROKEN: Record<string, string> = { "<": "‹", ">": "›", "[": "(", "]": ")", "|": "¦", "｜": "¦" };

/** The beginning of a text that a model is told. Half a character at its end would be no JSON to a provider, which refuses all of it. */
export function cut(text: string, chars: number): string {
  return text.slice(0, chars).toWellFormed();
}
