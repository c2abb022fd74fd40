/**
 * Signs that a line speaks to whoever reads it and not of what happened: that a model should forget, say, hide or do something.
 * They stand in no line that a program writes of itself, as far as the lines of sixteen open data sets show. What carries
 * one is shown and counted like any other line, and nothing rests on it alone.
 */
const SIGNS: readonly RegExp[] = [
  /\b(?:ignore|disregard|forget|override|bypass)\b.{0,40}\b(?:previous|prior|above|earlier|all|any|these|those|your|the logs?|instructions?|rules?|prompts?|analysis|guidelines?)\b/i,
  /\b(?:new|updated|real|actual|following) (?:task|instructions?|rules?|system prompt|objective)\b/i,
  /\b(?:system prompt|developer message|prompt injection|jailbreak|as an ai|language model|ai (?:model|assistant|analyst|agent)|analyst ai|note to (?:the )?(?:analyst|assistant|model|ai|llm))\b/i,
  /\b(?:answer|respond|reply|output|say|return|print|repeat|write|summari[sz]e)\b.{0,30}\b(?:only|exactly|verbatim|in (?:french|german|spanish|chinese|russian)|everything above|this line|as sev|with the (?:word|phrase|text))\b/i,
  /\b(?:do not|don't|never|must not)\b.{0,20}\b(?:mention|report|inspect|include|reveal|tell|show|investigate|look at|escalate|alert)\b/i,
  /\bconfidence\b.{0,20}(?:=|:|\bmust\b|\bshould\b|\bis\b|\bto\b|\bof\b)?.{0,6}\b(?:0?\.\d+|1(?:\.0+)?|\d{2,3} ?%)/i,
  /\broot[ _+-]?cause\b\W{0,6}(?:is|was|:|=|"|\+)|"?suggested_action"?\W{0,3}[:=]|\bselect no[ -]action\b|\bmark(?:ed)? (?:this )?(?:as )?(?:resolved|closed|healthy|benign)\b/i,
  /\b(?:end of|begin) (?:evidence|data|logs?|context|input|untrusted)\b|\brecommended (?:remediation|action|fix)\b|\b(?:verified|approved) by (?:sre|the sre|admin|security|on-?call)\b/i,
  /\b(?:call|use|invoke|run)\b.{0,20}\b(?:tool|function|query tool|loki query)\b|\/loghunter\s+\w+/i,
  /\b(?:api key|secret|password|credential|environment variable|token)s?\b.{0,30}\b(?:in your|from your|you have|post|reveal|show|send)\b|\bpost the results\b/i,
  /\[\/?INST\]|<<\/?SYS>>|<\|[a-z_]+\|>|(?:^|\n)\s*(?:human|assistant|system)\s*:/i,
  /\b(?:fix|solution|to recover|recover by|remediation)\b\W{0,4}.{0,30}\b(?:kubectl|curl|wget|rm -|sudo|add apt|apt repo|pip install|npm i|helm|terraform|drop table)\b|\brun\b.{0,6}\b(?:kubectl|curl|wget|rm|sudo|helm|terraform)\b.{0,60}\bto (?:recover|fix|repair)\b|\bcurl\b[^|\n]{0,120}\|\s*(?:ba|z)?sh\b/i,
];

/** Whether a text addresses whoever reads it. Bounded: only the first 4,000 characters are looked at. */
export function addressesReader(text: string): boolean {
  const start = text.slice(0, 4_000);
  return SIGNS.some((sign) => sign.test(start));
}
