import { createRequire } from "node:module";
import type * as Encoding from "gpt-tokenizer/encoding/o200k_base";
import { estimateTokens } from "../../src/models/languageModel.ts";

/**
 * Tokens by o200k_base, the encoding of gpt-4o and all after it; gpt-4 and before, whose own is a little denser, come within
 * a tenth. Names that are not OpenAI's are of models behind a gateway, and are estimated.
 */
export function countTokens(text: string, model: string): number {
  if (!OPENAI_MODEL.test(model)) return estimateTokens(text);
  const { countTokens: count } = encoding();
  let tokens = 0;
  for (let at = 0; at < text.length; at += PIECE_CHARS) {
    tokens += count(text.slice(at, at + PIECE_CHARS), AS_TEXT);
  }
  return tokens;
}

/** Also of fine-tuned ones, `ft:gpt-4o:…`, and with the vendor before it, as gateways have it. */
const OPENAI_MODEL = /(?:^|[:/])(?:gpt-|chatgpt-|o\d)/;

/**
 * A word without an end takes the tokenizer time by the square of its length: 20,000 of one Chinese character 3 s, and are miscounted.
 * In pieces it is 20 ms and right, but for a token or so more a piece where a word goes on.
 */
const PIECE_CHARS = 256;

/** What looks like a special token, `<|endoftext|>` in a log line, is text. */
const AS_TEXT = { disallowedSpecial: new Set<string>() };

let loaded: typeof Encoding | undefined;

/** 0.2 s and 70 MB: not before it is needed. The other of two tokenizers, js-tiktoken, takes 1.9 s and 160 MB. */
function encoding(): typeof Encoding {
  loaded ??= createRequire(import.meta.url)("gpt-tokenizer/encoding/o200k_base") as typeof Encoding;
  return loaded;
}
