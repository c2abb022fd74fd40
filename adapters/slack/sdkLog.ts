import { type Logger, LogLevel } from "@slack/bolt";
import type { Log } from "../../src/log.ts";

/** The SDK's own words in our log. Its debugging goes nowhere: it tells whole messages. */
export function sdkLog(log: Log): Logger {
  const tell =
    (level: "info" | "warn" | "error") =>
    (...said: unknown[]) =>
      log[level === "info" ? "debug" : level](
        { said: withoutTokens(said.map(wordsOf).join(" ")) },
        "slack: the SDK says",
      );
  return {
    debug() {},
    info: tell("info"),
    warn: tell("warn"),
    error: tell("error"),
    setLevel() {},
    setName() {},
    getLevel: () => LogLevel.INFO,
  };
}

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
