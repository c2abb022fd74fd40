import { describe, expect, test } from "@jest/globals";
import { readEnvironment } from "../../src/config.ts";
import { slackConnection } from "../../src/main/slackConnection.ts";

const KEYS = `1:${Buffer.alloc(32, 1).toString("base64")}`;
const HTTP = {
  SLACK_SIGNING_SECRET: "sign",
  SLACK_CLIENT_ID: "1.2",
  SLACK_CLIENT_SECRET: "client",
  SLACK_STATE_SECRET: "a state of one's own",
  HTTP_PUBLIC_URL: "https://loghunter.example.com",
  ENCRYPTION_KEYS: KEYS,
};
const of = (env: Record<string, string>) => slackConnection(readEnvironment(env));

describe("Slack in the environment", () => {
  test("is not there where nothing is said of it", () => {
    expect(of({})).toBeUndefined();
    expect(of({ HTTP_PUBLIC_URL: "https://x.example.com", ENCRYPTION_KEYS: KEYS })).toBeUndefined();
  });

  test("is Socket Mode with two tokens, and HTTP with an app's secrets", () => {
    expect(of({ SLACK_BOT_TOKEN: "xoxb-1", SLACK_APP_TOKEN: "xapp-1" })).toEqual({
      mode: "socket",
      botToken: "xoxb-1",
      appToken: "xapp-1",
    });
    expect(of(HTTP)).toEqual({
      mode: "http",
      signingSecret: "sign",
      clientId: "1.2",
      clientSecret: "client",
      stateSecret: "a state of one's own",
      publicUrl: "https://loghunter.example.com",
    });
  });

  test("names what is missing, and never what is there", () => {
    expect(() => of({ SLACK_BOT_TOKEN: "xoxb-secret" })).toThrow(
      "Slack's Socket Mode also needs SLACK_APP_TOKEN.",
    );
    const { SLACK_CLIENT_ID: _, ENCRYPTION_KEYS: __, ...part } = HTTP;
    expect(() => of(part)).toThrow("Slack over HTTP also needs SLACK_CLIENT_ID and ENCRYPTION_KEYS.");
    expect(() => of({ ...HTTP, SLACK_BOT_TOKEN: "xoxb-1" })).toThrow("Slack is set up twice");
  });

  test("finds a token that stands in the wrong place, without repeating it", () => {
    const swapped = () => of({ SLACK_BOT_TOKEN: "xapp-secret", SLACK_APP_TOKEN: "xoxb-secret" });
    expect(swapped).toThrow(
      /SLACK_BOT_TOKEN +must begin with xoxb-\n +SLACK_APP_TOKEN +must begin with xapp-/,
    );
    expect(swapped).not.toThrow(/secret/);
    const wrong = () => of({ ...HTTP, ENCRYPTION_KEYS: "1:hunter2hunter2" });
    expect(wrong).toThrow(/ENCRYPTION_KEYS +must be <name>:<32 bytes in base64>/);
    expect(wrong).not.toThrow(/hunter2/);
  });
});
