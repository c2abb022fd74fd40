import { z } from "zod";
import { address, beginning, text, yesNo } from "./values.ts";

/** Slack and Discord. */
export const CHAT_SETTINGS = {
  slackBotToken: {
    name: "SLACK_BOT_TOKEN",
    unset: "no Slack",
    description: "Slack in Socket Mode: the bot's token, `xoxb-…` ([docs/slack.md](docs/slack.md))",
    schema: beginning("xoxb-"),
  },
  slackAppToken: {
    name: "SLACK_APP_TOKEN",
    unset: "no Slack",
    description: "Slack in Socket Mode: the app's token, `xapp-…`",
    schema: beginning("xapp-"),
  },
  slackSigningSecret: {
    name: "SLACK_SIGNING_SECRET",
    unset: "Socket Mode",
    description: "Slack over HTTP, for many workspaces: the app's signing secret",
    schema: text,
  },
  slackClientId: {
    name: "SLACK_CLIENT_ID",
    unset: "Socket Mode",
    description: "Slack over HTTP: the app's client id",
    schema: text,
  },
  slackClientSecret: {
    name: "SLACK_CLIENT_SECRET",
    unset: "Socket Mode",
    description: "Slack over HTTP: the app's client secret",
    schema: text,
  },
  slackStateSecret: {
    name: "SLACK_STATE_SECRET",
    unset: "Socket Mode",
    description: "Slack over HTTP: a random text of your own that signs installations under way",
    schema: z.string().min(16, "must have 16 characters or more"),
  },
  slackApiUrl: {
    name: "SLACK_API_URL",
    unset: "Slack's own",
    description: "Address of Slack's Web API, for a proxy or a gateway",
    schema: address,
  },
  slackResendUnsure: {
    name: "SLACK_RESEND_UNSURE",
    unset: "`yes`",
    description:
      "Where the `history` scopes are missing, whether a message whose answer from Slack was lost is sent again: with `yes` it may stand twice, with `no` not at all",
    schema: yesNo,
  },
  slackAuthorizeUrl: {
    name: "SLACK_AUTHORIZE_URL",
    unset: "Slack's own",
    description: "Address of Slack's page that asks for an installation",
    schema: address,
  },
  discordToken: {
    name: "DISCORD_TOKEN",
    unset: "no Discord",
    description: "Discord: the bot's token ([docs/discord.md](docs/discord.md))",
    schema: text,
  },
  discordMessageContent: {
    name: "DISCORD_MESSAGE_CONTENT",
    unset: "`no`: by mention, or with the Ask button",
    description:
      "`yes` where the Message Content intent is switched on: then replies in threads need no mention",
    schema: yesNo,
  },
  discordApiUrl: {
    name: "DISCORD_API_URL",
    unset: "Discord's own",
    description: "Address of Discord's REST API, for a proxy; the gateway's is asked there",
    schema: address,
  },
} as const;
