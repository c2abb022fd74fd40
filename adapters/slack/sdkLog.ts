import { type Logger, LogLevel } from "@slack/bolt";
import type { Log } from "../../src/log.ts";

/** The SDK's own words in our log. Its debugging goes nowhere: it tells whole messages. */
export function sdkLog(log: Log): Logger {
  const tell =
    (level: "debug" | "warn") =>
    (...said: unknown[]) => {
      const text = withoutTokens(said.map(wordsOf).join(" "));
      log[EXPECTED.test(text) ? "debug" : level]({ said: text }, "slack: the SDK says");
    };
  return {
    debug() {},
    // What came of a call is told where it matters; these only say more about it.
    info: tell("debug"),
    warn: tell("debug"),
    error: tell("warn"),
    setLevel() {},
    setName() {},
    getLevel: () => LogLevel.INFO,
  };
}

/** A picture that Slack has not processed yet is named again a moment later. */
const EXPECTED = /invalid[ _]slack[ _]file/i;

/** Tokens and one-time codes, should an error quote a request. */
export function withoutTokens(text: string): string {
  return text
    .replace(/\b(?:xox[a-z]|xapp|xoxe(?:\.xox[a-z])?)-[\w-]+/g, "(token)")
    .replace(/\b(code|state|client_secret|refresh_token|token|ticket)=[^&\s"]+/g, "$1=(hidden)");
}

/** Its first line: an error of the SDK may hold a whole answer. */
function wordsOf(said: unknown): string {
  const text = said instanceof Error ? `${said.name}: ${said.message}` : String(said);
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
