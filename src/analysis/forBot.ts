import type { Pack } from "../evidence/pack.ts";

export interface Said {
  text: string;
  /** Whom it names; absent where nobody. */
  addresses?: "bot" | "others";
  /** Nobody but the bot reads it. */
  alone?: true;
}

/** What is said to end or to carry on a talk, and asks for nothing. */
const ASIDE =
  /^(?:thanks?(?: you| a lot| so much| all| both)?|everyone|everybody|team|folks|guys|thx|ty|ok(?:ay)?|great|nice|cool|perfect|awesome|lol|haha|got it|will do|on it|done|yes|yep|yeah|no|nope|same|agreed|makes sense|good (?:catch|find|idea)|brb|wow|hm+|\+1|👍|🙏|🎉|:\w+:|\s|[.!,])+$/iu;
/** How a question or a request begins. */
const ASKS =
  /^(?:(?:and|but|so|also|ok|hey|please|hmm)[,\s]+)*(?:who|whom|whose|what|what's|when|where|why|which|how|is|are|was|were|did|does|do|can|could|should|would|will|any|anything|show|list|give|tell|explain|describe|compare|check|look|search|find|count|summari[sz]e|more|still|since|\[?\d)\b/i;

/** What asks wherever it stands in a sentence, and how German questions begin. */
const QUESTION_WORD =
  /\b(?:who|whom|whose|what|when|where|why|which|how)\b|^(?:wer|wem|wen|was|wo|wann|warum|wieso|weshalb|wie|welche[mnrs]?|gibt|ist|sind|hat|kann)\b/i;

/** Whether it can be a question or a request: one that is none may be left alone, a question never. */
export function isAsking(text: string): boolean {
  const said = text.trim();
  return said.includes("?") || ASKS.test(said) || QUESTION_WORD.test(said) || /\[\d{1,3}\]/.test(said);
}

/**
 * Whether something written in the thread of a root cause is for the bot: people talk there with each other too.
 * @param speakers how many people have written in it, this one included
 */
export function isForBot({ text, addresses }: Said, speakers: number, pack: Pack): boolean {
  if (addresses !== undefined) return addresses === "bot";
  const said = text.trim();
  if (ASIDE.test(said)) return false;
  if (speakers <= 1) return true;
  if (said.includes("?") || ASKS.test(said) || /\[\d{1,3}\]/.test(said)) return true;
  // A name alone asks about it.
  const words = said.toLowerCase().split(/[^\w.-]+/);
  return words.length <= 3 && pack.clusters.some(({ service }) => words.includes(service.toLowerCase()));
}
