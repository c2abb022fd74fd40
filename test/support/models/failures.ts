import { chatCompletions } from "../../adapters/openai/protocol.ts";
import type { Script } from "./wire.ts";

/** Every number of it is wrong. */
const LIES = JSON.stringify({
  verdict: "cause visible",
  hypotheses: [
    {
      cause: "A meteor hit the rack of the database",
      service: "orders-db",
      for: [{ evidence: 98, quote: "" }],
      against: [],
      confidence: 1,
    },
  ],
  summary: [{ sentence: "Then all went dark at once", evidence: [99] }],
  nextStep: { advice: "", command: "" },
  lookAt: [],
});
const openai = chatCompletions("openai");
export const JSON_TYPE = { "content-type": "application/json" };
const SSE = { "content-type": "text/event-stream" };
const twice = (script: Script) => [script, script];
const whole = (text: string, ending: Script["ending"] = "end"): Script => ({
  ...{ status: 200, headers: JSON_TYPE, body: [text], ending },
});
const streamed = (text: string, ending: Script["ending"] = "end"): Script => ({
  ...{ status: 200, headers: SSE, body: [text], ending },
});
const HALF = '{"choices":[{"message":{"role":"assist';
const PIECE = `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: "The databa" } }] })}\n\n`;
/** Too many requests. */
export const BUSY = openai.error(429, "other", "slow down");

/** What goes wrong with a root cause, with a question where that is asked for in pieces, and what is said of it. */
export const FAILURES: [what: string, asked: Script[], streamed: Script[] | undefined, why: RegExp][] = [
  [
    "is busy for an hour",
    [{ ...BUSY, headers: { ...JSON_TYPE, "retry-after": "3600" } }],
    undefined,
    /asks to wait: too many requests/,
  ],
  ["fails twice", twice(openai.error(500, "other", "oops")), undefined, /failed \(HTTP 500\)/],
  ["hangs", [{ ending: "hang" }], undefined, /In 120 s OpenAI did not answer/],
  ["hangs in the middle", [whole(HALF, "hang")], [streamed(PIECE, "hang")], /In 120 s OpenAI did not answer/],
  ["hangs up", twice({ ending: "cut" }), undefined, /The connection .* broke/],
  ["breaks off", twice(whole(HALF, "cut")), twice(streamed(PIECE, "cut")), /The answer of .* broke off/],
  [
    "sends no JSON",
    twice(whole("<html>")),
    twice(streamed("data: {no\n\ndata: [DONE]\n\n")),
    /cannot be read/,
  ],
  ["says nothing", twice(openai.whole({ text: "" })), [openai.stream({ texts: [""] })], /an empty answer/],
  [
    "comes to its limit",
    twice(openai.whole({ text: '{"verdict":"cause vis', end: "cut" })),
    [openai.stream({ texts: ["The data"], end: "cut" })],
    /the limit of tokens/,
  ],
  ["does not take the key", [openai.error(401, "auth", "no")], undefined, /Check OPENAI_API_KEY/],
  ["is paid no longer", [openai.error(429, "quota", "no")], undefined, /no quota left/],
  [
    "lies about every number",
    [openai.whole({ text: LIES })],
    [openai.stream({ texts: ["A meteor hit the rack [98]."] })],
    /could not be found in the evidence|the evidence does not hold/,
  ],
];
