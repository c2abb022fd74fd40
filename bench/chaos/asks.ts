/** Something that a person or a program asked for, and what came of it so far. */
export interface Ask {
  /** `slack: errors slack-0` */
  what: string;
  /** The case it belongs to. */
  during: string;
  atMs: number;
  /** Why it never reached LogHunter, as its platform tells whoever asked; absent where it did. */
  unheard?: string;
  /** When the last answer that is final was first seen. */
  answeredAtMs?: number;
  look(): Seen;
}

export interface Seen {
  /** Messages that answer it: there should be one. */
  answers: number;
  /** Of all of them. */
  text: string;
  /** None of them says that it is still being worked on. */
  isFinal: boolean;
}

/** What whoever asked can make of it. */
export type Fate =
  | "answered"
  /** That it was not done, and what to do. */
  | "told"
  /** The platform itself said that nobody heard. */
  | "unheard"
  | "silence"
  | "twice"
  /** Words of a machine. */
  | "unclear";

/** "Something went wrong" is what LogHunter says where it did not foresee what happened. */
const UNCLEAR =
  /Something went wrong|LogHunter's fault|\bE(CONN|PIPE|TIMEDOUT)|socket hang up|fetch failed|\bat \w+ \(|\.ts:\d+|SQLSTATE|\[object |TypeError|read-only transaction|No space left|too many clients|OOM command/;
/** The badge of such a card, and the type of such an answer of the API. */
const NOT_DONE = /NOT DONE|urn:loghunter:/;

export function fateOf(ask: Ask): Fate {
  const { answers, text, isFinal } = ask.look();
  if (answers > 1) return "twice";
  if (answers === 0 || !isFinal) return ask.unheard === undefined ? "silence" : "unheard";
  if (UNCLEAR.test(text)) return "unclear";
  return NOT_DONE.test(text) ? "told" : "answered";
}

/** Notes of each when its answer was seen first. */
export function watchAsks(asks: readonly Ask[], everyMs = 100): { stop(): void } {
  const timer = setInterval(() => {
    for (const ask of asks) {
      if (ask.answeredAtMs !== undefined) continue;
      const { answers, isFinal } = ask.look();
      if (answers > 0 && isFinal) ask.answeredAtMs = Date.now();
    }
  }, everyMs);
  return { stop: () => clearInterval(timer) };
}
