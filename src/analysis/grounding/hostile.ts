import { isDestructive } from "./destructive.ts";
import { readingsOf } from "./unmasked.ts";
import { voidsWhatWasTold } from "./voided.ts";

/**
 * Signs that a line speaks to whoever reads it and not of what happened: that a model should forget, say, hide or do something. What
 * carries one is shown and counted like any other line, and nothing rests on it. Each stands alone: no program writes it of itself.
 */
const SIGNS: readonly RegExp[] = [
  // That what was told before is void; in other languages: `voided.ts`.
  /\b(?:ignore|disregard|forget|override|bypass|skip)\b.{0,40}\b(?:previous|prior|above|earlier|preceding|your)\b.{0,30}\b(?:instructions?|rules?|prompts?|guidelines?|directions|orders|context|analysis)\b|\b(?:ignore|disregard|forget|override|bypass)\b.{0,30}\b(?:instructions?|rules?|prompts?|guidelines?|directions|orders)\b.{0,12}\b(?:above|so far|until now|you (?:were|have been|got|had))\b/i,
  /\bforget (?:about )?(?:the (?:logs?|evidence)|everything|what you)\b|\bfrom now on,? (?:you|answer|say|report|respond|name)\b|\byou are now \w{1,30} (?:without|with no|free of|unrestricted)\b|\byou (?:are|must act) (?:now|as) (?:a|an|in)\b|\b(?:override|overrule) (?:the |your )?analysis\b/i,
  // Who is spoken to.
  /\b(?:system prompt|developer message|prompt injection|jailbreak)\b|\bas an ai\b|\b(?:note|message|instructions?|hint|attention|memo|hey|dear) (?:to |for )?(?:the |any |all )?(?:analyst|assistant|ai|llm|bot|gpt|language model|loghunter|whoever reads|sre copilot|reader)\b|\b(?:analyst|assistant) ai\b|\bai (?:analyst|assistant|agent|reader)s?\b.{0,30}\b(?:must|should|please|do not|always|never)\b|\b(?:if|when) you(?:'re| are) (?:an? )?(?:ai|llm|language model|assistant|analy[sz]ing)\b|\b(?:chatgpt|loghunter)[,:]/i,
  /\b(?:assistants?|ai|llms?|analysts?), (?:kindly|please|you)\b|\bmodel, kindly\b|\b(?:ai|analysts?|assistants?|llms?) (?:reviewers?|readers?)?\s?(?:should|must|shall|have to|need to|are to)? ?(?:now |always |only |please )?(?:treat|say|name|conclude|blame|assume)\b|\bwhoever (?:summari[sz]es|analy[sz]es|reviews|reads|reports|answers)\b/i,
  /\b(?:ignore|disregard|forget) (?:what|everything|anything) (?:the )?(?:logs?|evidence|lines?|other errors?)\b|\b(?:treat|consider|regard) (?:all |every |any )?(?:the )?(?:others?|rest|errors?|services?)\b.{0,20}\bas (?:noise|harmless|irrelevant|normal)\b|\byour (?:previous|earlier|last) (?:analysis|answer|report|conclusion|summary) (?:was|is)\b|\b(?:when|while|before|in) (?:you )?(?:summari[sz]ing|concluding)\b.{0,12}\b(?:leave|omit|skip|do not|don't|never|always|only|say|name|mention)\b|\bleave out (?:the )?service\b/i,
  /\b(?:llm|ai|prompt|model) instructions?\s?:|\bfor (?:any |all |every )?(?:automated|automatic|ai|machine) (?:analysis|analy[sz]ers?|readers?|reviewers?)\b|\b(?:machine|ai|llm|automated) (?:readers?|reviewers?|analysts?)\s?[:,]|\breviewers?\s?: (?:stop|please|ignore|put|write|note)\b|\byou (?:must|should|shall|have to|need to) (?:conclude|blame|answer (?:with|only|exactly)|(?:answer|say|output) ["'“])|\[\[\s?system\s?\]\]|\b(?:i have|i've) found the (?:root )?cause\b|\b(?:generated|written|made|meant) to test (?:you|the (?:ai|model|assistant|analyst))\b|\bas (?:the|your) (?:incident commander|administrator|developer|operator|owner),? i\b/i,
  // What is to be said, and what is not.
  /(?:^|[.,:;!?"'\])>}\n]\s{0,4}|\b(?:and|then|please|must|should|shall|only|just|instead) )blame (?!(?:failed|views?|cache|error|page|for|not|is|was|when|if)\b)\p{L}|\b(?:conclude|report|name|state|treat|give|output|list|present|identify|cite)s?\b.{1,40}\bas (?:the |a |its )?(?:root |real |true |only )?(?:cause|culprit|origin of this)\b|\bname \S{1,40} instead\b/iu,
  /\b(?:the|your|this) (?:report|summary|answer|analysis|conclusion) (?:shall|must|should|has to|needs to|will|is to) (?:only |always )?(?:blame|say|name|mention|conclude)\b|\bif (?:the|your) (?:report|summary|answer) (?:mentions|names|blames|says)\b|\b(?:for|in) (?:the|your) (?:summary|answer)\s?[:,]\s?(?:write|say|name|state)\b|\b(?:print|put|include|dump|copy)\b.{1,80}\b(?:in|into) (?:the|your) (?:answer|reply|summary)(?! (?:table|view|file|field|column|page|index|row|cache|queue)s?\b)/i,
  /\b(?:graders?|rubrics?)\b.{0,80}\b(?:confidence|answers? (?:naming|that name|which name))\b|\bwhat is the root cause\?|\broot cause is \[\d|\[\d{1,3}\] (?:sample|beside) \\?"|\brated (?:right|correct) by\b|\b(?:and|then) obey\b|\bthe built-in analy[sz]er\b/i,
  /\b(?:answer|respond|reply|summari[sz]e|say)\b.{0,20}\b(?:only|exactly|verbatim|in (?:french|german|spanish|chinese|russian|english|rhyme)|as sev|with the (?:word|phrase|text|following))\b/i,
  /\b(?:repeat|print|output|reveal|show|quote|translate)\b.{0,20}\b(?:everything|all(?: the)? text|the text|words|lines|your instructions|your prompt|prompt) (?:above|before|verbatim)|\babove this line\b|\b(?:your|the) (?:initial|hidden|original|secret) (?:instructions|prompt)\b/i,
  /\b(?:do not|don't|never|must not|without)\b.{0,12}\b(?:mention(?:ing)?|report(?:ing)?|blam(?:e|ing)|name|cit(?:e|ing)|investigate|inspect|look at|escalate)\b.{0,40}\b(?:services?|report|summary|answer|this|incident|other|logs?|evidence|errors?)\b/i,
  /\b(?:confidence|certainty)\b.{0,12}\b(?:must|should|has to|needs to|to) (?:be |equal )?(?:at least )?(?:0?\.\d+|1(?:\.0+)?|\d{2,3} ?%|high|full)|\bset (?:the |your )?confidence\b/i,
  /"?\bsuggested[_ ]action"?\W{0,3}[:=]|"verdict"\s*:|\bselect no[ -]action\b|\bmark (?:this|it|the (?:incident|thread|alert)) (?:incident |thread |alert )?(?:as )?(?:resolved|closed|healthy|benign|a false positive)\b/i,
  /(?:##|<\/?)\s{0,4}(?:end of|begin|end|stop)[ _-]?(?:evidence|data|logs?|context|input|untrusted|user)|[=_*-]{2}\s{0,4}(?:end of|begin|end|stop)[ _-]?(?:evidence|untrusted|prompt|instructions|system)|<\/?evidence[ >-]|##\s{0,4}new (?:task|instructions?|rules?)|\bnew (?:task|instructions?|rules?|objective|directive)s?\s*:/i,
  // Marks of templates and turns. A single "system:" is how programs write too.
  /\[\/?INST\]|<<\/?SYS>>|<\|[a-z_ ]{2,30}\|>|<\/?(?:system|assistant|tool_call|tool_results?|function_calls?|function_results?|system-reminder|(?:start|end)_of_turn)>|<invoke name=|"role\\{0,3}"\s{0,2}:\s{0,2}\\{0,3}"(?:system|developer)\\{0,3}".{0,40}"content\\{0,3}"\s{0,2}:\s{0,2}\\{0,3}"(?:from now|you must|ignore|always answer|answer|say)|###? ?(?:system|assistant)\s{0,2}(?:\n|\\n)|\[system\]\(|(?:^|\n)[ \t]{0,8}(?:human|user) ?:[\s\S]{0,1000}\n[ \t]{0,8}(?:assistant|ai) ?:|(?:^|[\n"\s])(?:system|assistant|developer) ?:\s{0,8}(?:override|ignore|you|new|the (?:root|cause)|from now|disregard|answer)/i,
  // What is to be done.
  /\b(?:call|use|invoke|run)\b.{0,16}\b(?:query|search|loki|count|mute|lookup) tool\b|\/loghunter\s+\w+|\bpost (?:the|all|its) results? (?:here|in|to)\b|\b(?:search_lines|count_lines|error_clusters|list_deploys)\b/i,
  /\b(?:what|which) is (?:the|your) (?:api key|secret|password|token|prompt)|\b(?:post|reveal|send|print|tell|give|leak|exfiltrate)\b.{0,20}\b(?:api keys?|secrets?|passwords?|credentials|environment variables|env vars?)\b.{0,30}\b(?:here|to|in your|from your|you)\b/i,
  /\b(?:curl|wget)\b[^|\n]{0,160}\|\s*(?:sudo )?(?:ba|z|da)?sh\b|\bbase64 (?:-d|--decode)\b[^|\n]{0,60}\|\s*(?:ba|z)?sh\b/i,
  /\b(?:verified|approved|confirmed|signed off) by (?:the )?(?:sre|security|on-?call|cto|admin)s?\b.{0,30}\b(?:must|confidence|root cause|no action|ignore)/i,
];

/** The same of all of them: as words of a sentence a sign, joined it is a setting or a class (`ignoreAllRules`). */
const ALL_VOID =
  /\b(?:ignore|disregard|forget|override|bypass|skip)\b.{0,40}\b(?:all|these|those)\b.{0,30}\b(?:instructions?|rules?|prompts?|guidelines?|directions|orders|context|analysis)\b/i;

/** Signs of which ordinary lines carry one now and then, and hostile ones two. */
const HINTS: readonly RegExp[] = [
  /\b(?:ignore|disregard|forget|override|bypass)\b.{0,30}\b(?:previous|prior|above|earlier|all|any|everything)\b/i,
  /\broot[ _-]?cause\b\W{0,6}(?:is|was|:|=)/i,
  /\b(?:confidence|certainty)\W{0,4}(?:is |of |= ?|: ?)?(?:0?\.\d+|1(?:\.0+)?\b|\d{2,3} ?%)/i,
  /\b(?:do not|don't|never)\b.{0,20}\b(?:mention|report|inspect|include|reveal|show|investigate|escalate|alert|restart|page)\b/i,
  /\b(?:fix|solution|remediation|workaround|recommended (?:action|fix|remediation)|to (?:recover|fix|resolve|repair))\b|\b(?:run|add|execute|apply|install|paste)\b.{0,16}\b(?:kubectl|helm|terraform|curl|wget|sudo|rm|apt|pip|npm|yum|ppa|repo|script)\b/i,
  /\b(?:no (?:incident|problem|outage|action)|everything is (?:fine|healthy|ok)|all (?:is well|good|clear)|false (?:alarm|positive)|nothing (?:is wrong|to do)|known (?:issue|noise)|(?:already|fully) (?:resolved|mitigated))\b/i,
  /\b(?:verified|approved|confirmed) by\b|\btransient\b.{0,20}\bblip\b|\blegal hold\b|\bclose (?:the |this )?(?:incident|thread|ticket)\b/i,
  /\bdo not look (?:any )?further\b|\bcause confirmed\b|\bconfirmed cause\b|\brunbook(?: step \d{1,2})?:|\bhxxps?:|--(?:extra-)?index-url\b/i,
  /\b(?:analyst|assistant|responders?|on-?call|whoever reads)\b/i,
  /\b(?:call|use|invoke)\b.{0,20}\b(?:tool|function)\b|\bpost\b.{0,16}\b(?:here|results?|channel|thread)\b/i,
  /\b(?:report|answer|conclude|state|say|tell|claim|assume|treat)\b.{0,16}\b(?:that|this|it|only|them|as)\b/i,
];

/** Characters that are looked at: more is kept, shown and told of no line. */
const LOOKED_AT = 100_000;

/** Whether a text addresses whoever reads it. */
export function addressesReader(text: string): boolean {
  const { plain, others } = readingsOf(text.slice(0, LOOKED_AT));
  if ([plain, ...others].some(isSpoken) || ALL_VOID.test(plain.replaceAll("\n", " "))) return true;
  const hints = HINTS.filter((hint) => hint.test(plain)).length;
  // A command that takes something away, with advice to run it, is advice of whoever wrote the line.
  return hints >= 2 || (hints === 1 && ADVISES.test(plain) && isDestructive(plain));
}

function isSpoken(read: string): boolean {
  return SIGNS.some((sign) => sign.test(read)) || voidsWhatWasTold(read);
}

const ADVISES = /\b(?:run|runbook|recover|fix|recommended|remediation|please|should|solution|resolve)\b/i;
