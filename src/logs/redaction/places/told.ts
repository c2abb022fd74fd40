import { isMixed } from "../drawn.ts";
import type { Place } from "./place.ts";

/** Labels before a colon that name no person: what follows them is a name or an id. */
const PERSON =
  "(?!(?:users?|clients?|services?|serviceaccount|system|tenant|account|id|role|host|pod|uid|realm|org|group|sub|project|app|request|session|https?|tcp|udp|urn|arn|error|reason|code|status|token|key|ip|addr|address|redacted|\\d{1,9}):)[\\w.@\\\\-]{1,64}";
const PASSWORD = "([^\\s\"'`<>,;]{5,127}[^\\s\"'`<>,;.:?)])";

/** How codes for one use are called. `exit code`, `status code`, `error code`, `country code` are others. */
const ONE_TIME = "(?:[thm]?otp|mfa|[2t]fa|two[- ]factor|one[- ]?time|verification|authenticator)";
/** These have other numbers as well, such as an error's: only six digits and more make a code. */
const PERHAPS_ONE_TIME =
  "(?:confirmation|sign-?in|log-?in|sms|security|access|activation|reset|your|(?:sen[dt](?:ing)?|enter|use)(?:[ ]the)?)";
const NOUN = "[ _-]?(?:code|passcode|pin|password|token)";
/** What leads from there to the code; with somebody in between it takes more than a blank: `code for order 4711`. */
const TOLD =
  "(?:[ ](?:for|of|to)[ ](?:<redacted:[\\w#-]{1,24}>|[^\\s:<]{1,64})(?=[ ]?[:=]|[ ](?:is|was)))?(?:[ ](?:is|was|sent))?[ ]?[:=#]?[ ]{0,2}[\"'(`*]{0,2}";
const NO_COUNT =
  "(?![\\w:/%-]|[.,]\\d|[ ](?:lines?|bytes|ms|s|seconds|minutes|times|users?|chars|characters|requests?|files?|items?)\\b)";
const FEW_DIGITS = `((?:[A-Z]-)?\\d{4,8}|\\d{3}[ -]\\d{3})${NO_COUNT}`;
const MORE_DIGITS = `((?:[A-Z]-)?\\d{6,8}|\\d{3}[ -]\\d{3})${NO_COUNT}`;

const SPARE_CODE =
  "(?=[a-z-]{0,12}\\d)(?:[a-z\\d]{6,16}|[a-z\\d]{3,8}(?:-[a-z\\d]{3,8}){1,5}|\\d{4}[ ]\\d{4})";

/** Secrets that a sentence tells. */
export const IN_PROSE: readonly Place[] = [
  // `auth failed for bob:x7Kp9q`
  {
    hint: /\b(?:for|attempt|as) [^\n:]{1,80}:\S/,
    pattern: new RegExp(
      `(\\b(?:auth\\w{0,16}|log[io]n|logon|sign-?in|bind)\\b[^\\n:]{0,40}?\\b(?:for|attempt|as)\\s(?:the\\s)?(?:user\\s|account\\s)?["']?${PERSON}:)${PASSWORD}`,
      "gi",
    ),
    kind: "password",
    accepts: (value) => isMixed(value) && !UUID.test(value),
  },
  // `passwd x7Kp9q`
  {
    hint: /(?:pass(?:word|wd|phrase|code)|pwd) {1,2}\S{0,128}[\d!#$^*]/i,
    pattern: new RegExp(
      `((?<![\\w.-])(?:password|passwd|passphrase|passcode|pwd)[ ]{1,2}["'\`(]?)${PASSWORD}`,
      "gi",
    ),
    kind: "password",
    accepts: isMixed,
  },
  // `user bob pass x7Kp9q denied`
  {
    hint: /\sp(?:ass(?:w(?:or)?d)?|wd?)\s/i,
    pattern: new RegExp(
      `(\\b(?:user(?:name)?|login|account)[ =:]{1,2}["']?${PERSON}["']?,?[ ](?:with[ ]|and[ ])?(?:pass|pw|pwd|passwd|password)[ ]{1,2}["'\`(]?)${PASSWORD}`,
      "gi",
    ),
    kind: "password",
    accepts: isMixed,
  },
  // `tried x7Kp9q as password`
  {
    hint: /\sas (?:[a-z]{1,5} )?(?:pass|secret|token|api)/i,
    pattern:
      /(\b(?:tr(?:ied|ying)|sent|sending|enter(?:ed|ing)|typ(?:ed|ing)|got|given|gave|with|accept(?:ed|ing)|us(?:ed|ing)|offer(?:ed|ing)|receiv(?:ed|ing)|present(?:ed|ing)|suppl(?:ied|ying))\s["'`(]?)([^\s"'`<>,;()]{6,128})(?=["'`)]?\sas\s(?:(?:the|a|an|his|her|its|their|new|old)\s)?(?:password|passwd|pass|passphrase|secret|token|api[ _-]?key)\b)/gi,
    kind: "password",
    accepts: isMixed,
  },
  // What servers make up at their first start: MySQL, Jenkins, Elasticsearch, Vault.
  {
    hint: /password is generated/i,
    pattern: /(\btemporary password is generated for \S{1,128}: )(\S{6,128})/gi,
    kind: "password",
    certain: true,
  },
  {
    hint: /to installation/i,
    pattern: /(\bpassword to proceed to installation:\s{1,6})(\S{8,128})/gi,
    kind: "password",
    certain: true,
  },
  {
    hint: /password for/i,
    pattern: /(\bpassword for the [\w-]{1,40} user\b[^\n]{0,160}:\s{1,8})(\S{6,128})/gi,
    kind: "password",
    certain: true,
  },
  {
    hint: /password for/i,
    pattern:
      /(\b(?:generated|new|initial|temporary|default|random)\s(?:[a-z]{1,12}\s){0,2}password\sfor\s(?:user\s|account\s)?["']?[\w.@-]{1,64}["']?:\s{1,3}["']?)([^\s"']{5,128})/gi,
    kind: "password",
  },
  {
    hint: /password/i,
    pattern: /(\bpassword (?:was |has been )?(?:generated|created):\s{1,3})(\S{6,128})/gi,
    kind: "password",
    certain: true,
  },
  {
    hint: /set to/i,
    pattern:
      /(\bpassword\s(?:for\s["']?[\w.@-]{1,64}["']?\s)?(?:was\s|has\sbeen\s)?(?:re)?set\sto\s["'`]?)([^\s"'`]{5,128})/gi,
    kind: "password",
  },
  {
    hint: /unseal/i,
    pattern: /(\bunseal key \d{1,2}[^:\n]{0,30}:\s)([\w+/=]{24,128})/gi,
    kind: "secret",
    certain: true,
  },
  {
    hint: /login attempt/i,
    pattern: /(\blogin attempt \[(?:b')?[^/\]\n]{1,64}\/(?:b')?)([^\]\n']{1,128})(?='?\])/gi,
    kind: "password",
    certain: true,
  },
  {
    hint: /(?:otp|[2tm]fa|factor|time|verification|authenticator)[^\n]{0,48}\d/i,
    pattern: new RegExp(`(\\b${ONE_TIME}${NOUN}${TOLD})${FEW_DIGITS}`, "gi"),
    kind: "otp",
    certain: true,
  },
  {
    hint: /(?:otp|[2tm]fa)\D{0,12}\d/i,
    pattern: new RegExp(`(\\b(?:[th]?otp|[2t]fa|mfa)${TOLD})${MORE_DIGITS}`, "gi"),
    kind: "otp",
    certain: true,
  },
  {
    hint: /(?:code|pin|word)\D{0,12}\d{3}/i,
    pattern: new RegExp(
      `(\\b(?:${PERHAPS_ONE_TIME}[ _-](?:code|pin|password)|passcode)${TOLD})${MORE_DIGITS}`,
      "gi",
    ),
    kind: "otp",
    certain: true,
  },
  // `771204 is your code`
  {
    hint: /\d (?:is|as) your /i,
    pattern:
      /((?<![\w.:#-]))((?:[A-Z]-)?\d{4,8}|\d{3}[ -]\d{3})(?=[ ](?:is|as)[ ]your[ ](?:[\w-]{1,20} ){0,3}(?:code|otp|pin|passcode)\b)/gi,
    kind: "otp",
    certain: true,
  },
  // What gets somebody in who has lost the second factor: `recovery codes: a1b2-c3d4, e5f6-g7h8`
  {
    hint: /(?:recovery|backup|scratch|rescue)[ _-]?codes?/i,
    pattern: new RegExp(
      `(\\b(?:recovery|backup|scratch|rescue)[ _-]?codes?(?:[ ](?:is|are|was|used|for[ ][\\w.@-]{1,64}))?["']{0,1}\\s{0,2}[:=]{0,1}\\s{0,2}[[("'\`]{0,3})(${SPARE_CODE}(?:["']?[,;\\s]{1,3}["']?${SPARE_CODE}){0,23})(?![\\w-])`,
      "gi",
    ),
    kind: "recovery-code",
    certain: true,
  },
  // Twelve to 24 words of three to eight letters, as BIP 39 has them.
  {
    hint: /mnemonic|seed|(?:recovery|backup|secret)[ _-]?(?:phrase|words)/i,
    pattern:
      /(\b(?:mnemonic|seed(?=[ ]?[:=])|(?:seed|recovery|backup|secret)[ _-]?(?:phrase|words))(?:[ ](?:phrase|words|code))?(?:[ ](?:is|was|used|for[ ][\w.@-]{1,64}))?["']?[ ]?[:=]?[ ]?[["'`(]{0,2})((?:[a-z]{3,8}["']?[ ,]{1,2}["']?){11,23}[a-z]{3,8})(?![a-z])/gi,
    kind: "seed-phrase",
    accepts: (value) => !OF_SENTENCES.test(value),
  },
];

const UUID = /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i;

/** Frequent words that are not in the list of BIP 39. */
const OF_SENTENCES =
  /\b(?:the|and|for|with|from|not|are|was|were|has|must|should|your|they|been|into|than|but|does|did|which|before|after)\b/i;
