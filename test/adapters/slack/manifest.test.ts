import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { parse } from "yaml";
import { z } from "zod";
import { SCOPE_NAMES } from "../../../adapters/slack/scopes.ts";

const PUBLIC_URL = "https://loghunter.example.com";

const manifest = z.looseObject({
  features: z.looseObject({
    slash_commands: z.tuple([z.looseObject({ command: z.string(), url: z.string().optional() })]),
    shortcuts: z.tuple([z.looseObject({ callback_id: z.string() })]),
  }),
  oauth_config: z.looseObject({
    redirect_urls: z.array(z.string()).optional(),
    scopes: z.object({ bot: z.array(z.string()) }),
  }),
  settings: z.looseObject({
    event_subscriptions: z.looseObject({
      request_url: z.string().optional(),
      bot_events: z.array(z.string()),
    }),
    interactivity: z.looseObject({
      is_enabled: z.literal(true),
      request_url: z.string().optional(),
      message_menu_options_url: z.string().optional(),
    }),
    socket_mode_enabled: z.boolean(),
  }),
});

const fileOf = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");
const MANIFESTS = { "Socket Mode": "manifest.yml", HTTP: "manifest-http.yml" };
const read = (file: string) => manifest.parse(parse(fileOf(`adapters/slack/${file}`)));
const docs = fileOf("docs/slack.md");

/** The kinds of message that are heard, of all that Slack knows. */
const MESSAGES = ["message.channels", "message.groups", "message.im"];

describe.each(Object.entries(MANIFESTS))("the manifest of the Slack app for %s", (_, file) => {
  const { features, oauth_config, settings } = read(file);

  test("asks for the scopes that are used, and docs/slack.md tells of each", () => {
    expect(oauth_config.scopes.bot).toEqual(SCOPE_NAMES);
    const table = docs.slice(docs.indexOf("| scope |"), docs.indexOf("## What is kept"));
    for (const scope of SCOPE_NAMES) expect(table).toContain(`| \`${scope}\` |`);
  });

  test("subscribes to the events that are heard, and to no other", () => {
    const heard = [...fileOf("adapters/slack/events.ts").matchAll(/app\.event\("(\w+)"/g)].flatMap(
      ([, event = ""]) => (event === "message" ? MESSAGES : [event]),
    );
    expect([...settings.event_subscriptions.bot_events].sort()).toEqual(heard.sort());
  });

  test("has the command and the shortcut that are answered", () => {
    expect(features.slash_commands[0].command).toBe("/loghunter");
    expect(fileOf("adapters/slack/shortcuts.ts")).toContain(`"${features.shortcuts[0].callback_id}"`);
  });

  test("is the one that docs/slack.md has people paste", () => {
    expect(docs).toContain(`(../adapters/slack/${file})`);
  });
});

test("the manifest for HTTP is that for Socket Mode, with the addresses at which Slack reaches LogHunter", () => {
  const socket = read(MANIFESTS["Socket Mode"]);
  const http = read(MANIFESTS.HTTP);
  const [command] = http.features.slash_commands;
  const { event_subscriptions: events, interactivity } = http.settings;
  for (const url of [
    command.url,
    events.request_url,
    interactivity.request_url,
    interactivity.message_menu_options_url,
  ]) {
    expect(url).toBe(`${PUBLIC_URL}/slack/events`);
  }
  expect(http.oauth_config.redirect_urls).toEqual([`${PUBLIC_URL}/slack/oauth_redirect`]);
  expect(http.settings.socket_mode_enabled).toBe(false);
  // All five, since docs/slack.md says how many there are to replace.
  const [, settings = ""] = fileOf("adapters/slack/manifest-http.yml").split("\ndisplay_information:");
  expect(settings.split(PUBLIC_URL)).toHaveLength(6);

  delete command.url;
  delete http.oauth_config.redirect_urls;
  delete events.request_url;
  delete interactivity.request_url;
  delete interactivity.message_menu_options_url;
  http.settings.socket_mode_enabled = true;
  expect(http).toEqual(socket);
});
