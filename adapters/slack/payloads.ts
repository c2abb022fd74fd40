import { z } from "zod";

/** What is used of Slack's payloads. They were vouched for by a signature or come over our own socket. */
const text = z.string();
const maybe = z.string().nullish();

export const slashCommand = z.object({
  text: z.string().default(""),
  channel_id: text,
  user_id: text,
  user_name: maybe,
  trigger_id: text,
  response_url: maybe,
});

const user = z.object({ id: text, name: maybe, username: maybe, team_id: maybe });
const channel = z.object({ id: text });

export const blockActions = z.object({
  user,
  trigger_id: text,
  response_url: maybe,
  channel: channel.nullish(),
  container: z.object({
    type: text,
    message_ts: maybe,
    channel_id: maybe,
    thread_ts: maybe,
    is_ephemeral: z.boolean().nullish(),
    view_id: maybe,
  }),
  message: z.object({ thread_ts: maybe }).nullish(),
  view: z.object({ id: text, type: text }).nullish(),
  actions: z.tuple([z.object({ action_id: text, value: maybe, action_ts: maybe })]).rest(z.unknown()),
});
export type BlockActions = z.infer<typeof blockActions>;

export const messageShortcut = z.object({
  callback_id: text,
  user,
  channel,
  trigger_id: text,
  response_url: maybe,
  action_ts: maybe,
  message_ts: maybe,
  message: z.looseObject({ ts: text, thread_ts: maybe }),
});

export const blockSuggestion = z.object({
  user,
  action_id: text,
  value: z.string().default(""),
  view: z.object({ callback_id: text, private_metadata: text }),
});

const option = z.object({ value: text });
/** What a field holds, by its kind: https://docs.slack.dev/reference/views#view-submission-payloads */
export const fieldState = z.object({
  value: maybe,
  selected_option: option.nullish(),
  selected_options: z.array(option).nullish(),
});

export const viewSubmission = z.object({
  user,
  trigger_id: maybe,
  view: z.object({
    id: text,
    hash: maybe,
    callback_id: text,
    private_metadata: text,
    state: z.object({ values: z.record(z.string(), z.record(z.string(), fieldState)) }),
  }),
});
export type ViewState = z.infer<typeof viewSubmission>["view"]["state"];

export const eventEnvelope = z.object({ event_id: text, event: z.unknown() });

export const messageEvent = z.object({
  subtype: maybe,
  channel: text,
  channel_type: maybe,
  user: maybe,
  bot_id: maybe,
  team: maybe,
  user_team: maybe,
  text: z.string().default(""),
  ts: text,
  thread_ts: maybe,
  parent_user_id: maybe,
});
export type MessageEvent = z.infer<typeof messageEvent>;

export const homeOpened = z.object({ user: text, tab: maybe });

export const tokensRevoked = z.object({ tokens: z.object({ bot: z.array(text).nullish() }).nullish() });
