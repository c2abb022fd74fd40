import type { Place } from "./place.ts";

/** Long hexadecimal numbers that are secrets for what stands beside them; alone they could be anything. */
export const IN_DIGESTS: readonly Place[] = [
  // A line of a dump of Windows' accounts, and what a client answers to its challenge.
  {
    hint: /[\da-f]{32}:[\da-f]{32}/i,
    pattern: /((?<![\w:])[\w.$\\-]{1,64}:\d{1,10}:)([\da-f]{32}:[\da-f]{32})(?=:::|\s|$)/gi,
    kind: "password-hash",
    certain: true,
  },
  {
    hint: /::/,
    pattern:
      /((?<![\w:])[\w.$-]{1,64}::[\w.-]{0,64}:)([\da-f]{16,48}:[\da-f]{32,48}:[\da-f]{16,4096})(?![\w:])/gi,
    kind: "password-hash",
    certain: true,
  },
  {
    hint: /hash|ntlm/i,
    pattern:
      /(\b(?:ntlm(?:v\d)?|(?:nt|lm|ntlm(?:v\d)?|password|passwd)[ _-]?hash)(?:[ ](?:is|of[ ][\w.$\\-]{1,64}))?["']?[ ]?[:=]?[ ]?["']?)([\da-f]{32}(?:[\da-f]{32})?)(?!\w)/gi,
    kind: "password-hash",
    certain: true,
  },
  // 256 bits, as the keys of chains are written.
  {
    hint: /priv|wallet|signing/i,
    pattern:
      /(\b(?:priv(?:ate)?|wallet|signing)[ _-]?key(?:[ ](?:is|was|of[ ]\S{1,64}|for[ ]\S{1,64}))?["']?[ ]?[:=]?[ ]?["'(]?(?:0x)?)([\da-f]{64})(?!\w)/gi,
    kind: "private-key",
    certain: true,
  },
];
