import { createHmac } from "node:crypto";
import type { types } from "@slack/bolt";
import type { SlackServer } from "./server.ts";
import { readBlocks } from "./shown.ts";
import { ACME, ANNA, BOT_ID, BOT_USER, LOGS, type OpenView, type StoredMessage, type User } from "./world.ts";

/** How a delivery reaches the bot; resolves with what it was acknowledged with. */
export type Carrier = (
  kind: "command" | "interactive" | "event",
  payload: Payload,
  retry?: number,
) => Promise<unknown>;
export type Payload = Record<string, unknown>;

/** A payload that was delivered, and can be again. */
export interface Delivered {
  acknowledged: unknown;
  again(): Promise<unknown>;
}

export function overSocket(server: SlackServer): Carrier {
  const types = { command: "slash_commands", interactive: "interactive", event: "events_api" } as const;
  return (kind, payload, retry) =>
    server.socket.deliver({
      type: types[kind],
      payload,
      ...(kind === "event" && {
        retry_attempt: retry ?? 0,
        retry_reason: retry === undefined ? "" : "timeout",
      }),
    });
}

export const SIGNING_SECRET = "signing-secret-for-tests";

/** @param skewSeconds how far the time stamp is from now. */
export function signed(
  body: string,
  { secret = SIGNING_SECRET, skewSeconds = 0 } = {},
): Record<string, string> {
  const timestamp = String(Math.floor(Date.now() / 1000) + skewSeconds);
  const signature = createHmac("sha256", secret).update(`v0:${timestamp}:${body}`).digest("hex");
  return { "x-slack-request-timestamp": timestamp, "x-slack-signature": `v0=${signature}` };
}

export function overHttp(url: string): Carrier {
  return async (kind, payload, retry) => {
    const isJson = kind === "event";
    const body = isJson
      ? JSON.stringify(payload)
      : new URLSearchParams(
          kind === "command" ? (payload as Record<string, string>) : { payload: JSON.stringify(payload) },
        ).toString();
    const response = await fetch(`${url}/slack/events`, {
      method: "POST",
      headers: {
        "content-type": isJson ? "application/json" : "application/x-www-form-urlencoded",
        ...(retry !== undefined && {
          "x-slack-retry-num": String(retry),
          "x-slack-retry-reason": "http_timeout",
        }),
        ...signed(body),
      },
      body,
      signal: AbortSignal.timeout(3_000),
    });
    if (!response.ok) throw new Error(`answered ${response.status}`);
    const text = await response.text();
    return text === "" ? undefined : JSON.parse(text);
  };
}

export interface PersonOptions {
  user?: User;
  team?: { id: string; enterpriseId?: string; isOrgWide?: boolean };
  channel?: string;
}

/** Somebody who types, presses and fills in, as Slack tells the bot of it. */
export function createPerson(server: SlackServer, carry: Carrier, options: PersonOptions = {}) {
  const { user = ANNA, team = ACME, channel = LOGS.id } = options;
  const { world } = server;
  const enterprise = team.enterpriseId;
  const who = { id: user.id, username: user.name, name: user.name, team_id: user.team };
  const from = {
    team: {
      id: team.id,
      domain: "acme",
      ...(enterprise !== undefined && { enterprise_id: enterprise, enterprise_name: "Org" }),
    },
    ...(enterprise !== undefined && { enterprise: { id: enterprise, name: "Org" } }),
    is_enterprise_install: team.isOrgWide === true,
    api_app_id: "A0LOGHNT1",
    user: who,
  };

  async function deliver(kind: Parameters<Carrier>[0], payload: Payload): Promise<Delivered> {
    const acknowledged = await carry(kind, payload);
    let times = 0;
    return { acknowledged, again: () => carry(kind, payload, ++times) };
  }

  function event(inner: Payload, own: Payload = {}): Promise<Delivered> {
    return deliver("event", {
      type: "event_callback",
      event_id: world.nextId("Ev"),
      event_time: 1_764_000_000,
      team_id: team.id,
      api_app_id: "A0LOGHNT1",
      authorizations: [
        {
          enterprise_id: enterprise ?? null,
          team_id: team.id,
          user_id: BOT_USER,
          is_bot: true,
          is_enterprise_install: team.isOrgWide === true,
        },
      ],
      is_ext_shared_channel: false,
      event: inner,
      ...own,
    });
  }

  function say(text: string, thread?: string, at = channel): StoredMessage {
    const message = {
      channel: at,
      ts: world.nextTs(),
      ...(thread !== undefined && { thread }),
      by: user.id,
      text,
      blocks: [],
      files: [],
    };
    world.messages.push(message);
    return message;
  }

  function messageFields({ ts, thread, text, channel: at }: StoredMessage): Payload {
    const root = thread === undefined ? undefined : world.message(at, thread);
    return {
      user: user.id,
      text,
      ts,
      team: user.team,
      channel: at,
      event_ts: ts,
      ...(thread !== undefined && {
        thread_ts: thread,
        parent_user_id: root?.by === "bot" ? BOT_USER : root?.by,
      }),
    };
  }

  return {
    deliver,
    event,
    say,

    /** Types `/loghunter …`. The text is mark-up, as Slack sends it. */
    command(text: string, own: Payload = {}): Promise<Delivered> {
      return deliver("command", {
        command: "/loghunter",
        text,
        team_id: team.id,
        team_domain: "acme",
        channel_id: channel,
        channel_name: "logs",
        user_id: user.id,
        user_name: user.name,
        api_app_id: "A0LOGHNT1",
        is_enterprise_install: String(team.isOrgWide === true),
        ...(enterprise !== undefined && { enterprise_id: enterprise }),
        trigger_id: server.makeTrigger(),
        response_url: server.responseUrls.make({ channel, user: user.id }),
        ...own,
      });
    },

    /** Writes what begins with @LogHunter: two events. */
    async mention(text: string, thread?: string): Promise<Delivered> {
      const message = say(`<@${BOT_USER}> ${text}`, thread);
      await event({ type: "message", channel_type: "channel", ...messageFields(message) });
      return event({ type: "app_mention", ...messageFields(message) });
    },

    write(text: string, thread?: string, own: Payload = {}): Promise<Delivered> {
      return event({ type: "message", channel_type: "channel", ...messageFields(say(text, thread)), ...own });
    },

    /** Writes to the bot alone. */
    writeDirectly(text: string, at: string, thread?: string): Promise<Delivered> {
      return event({ type: "message", channel_type: "im", ...messageFields(say(text, thread, at)) });
    },

    openHome: () =>
      event({ type: "app_home_opened", user: user.id, channel: "D0HOME001", tab: "home", event_ts: "1.0" }),

    press(message: StoredMessage, label: string, own: { value?: string } = {}): Promise<Delivered> {
      const button = readBlocks(message.blocks).buttons.find((one) => one.label === label);
      if (button === undefined) throw new Error(`no button ${label}`);
      return deliver("interactive", {
        ...from,
        type: "block_actions",
        trigger_id: server.makeTrigger(),
        channel: { id: message.channel, name: "logs" },
        container: {
          type: "message",
          message_ts: message.ts,
          channel_id: message.channel,
          is_ephemeral: message.onlyFor !== undefined,
          ...(message.thread !== undefined && { thread_ts: message.thread }),
        },
        ...(message.onlyFor === undefined && {
          message: {
            type: "message",
            ts: message.ts,
            user: BOT_USER,
            bot_id: BOT_ID,
            text: message.text,
            blocks: message.blocks,
            ...(message.thread !== undefined && { thread_ts: message.thread }),
          },
        }),
        response_url: server.responseUrls.make({
          channel: message.channel,
          user: user.id,
          replaces: message.ts,
        }),
        actions: [
          {
            type: "button",
            action_id: button.actionId,
            block_id: "b1",
            value: own.value ?? button.value,
            action_ts: world.nextTs(),
          },
        ],
      });
    },

    pressAtHome(label: string): Promise<Delivered> {
      const view = world.homes.get(user.id);
      const button = readBlocks((view?.blocks ?? []) as types.KnownBlock[]).buttons.find(
        (one) => one.label === label,
      );
      if (button === undefined) throw new Error(`no button ${label}`);
      return deliver("interactive", {
        ...from,
        type: "block_actions",
        trigger_id: server.makeTrigger(),
        container: { type: "view", view_id: `V0HOME${user.id}` },
        view: {
          id: `V0HOME${user.id}`,
          type: "home",
          callback_id: "",
          private_metadata: "",
          state: { values: {} },
        },
        actions: [
          { type: "button", action_id: button.actionId, value: button.value, action_ts: world.nextTs() },
        ],
      });
    },

    /** Chooses "Explain this log" in the menu of a message. */
    explain(message: StoredMessage, own: Payload = {}): Promise<Delivered> {
      const { ts, thread, text, by, channel: at } = message;
      return deliver("interactive", {
        ...from,
        type: "message_action",
        callback_id: "explain_log",
        trigger_id: server.makeTrigger(),
        response_url: server.responseUrls.make({ channel: at, user: user.id }),
        action_ts: world.nextTs(),
        message_ts: ts,
        channel: { id: at, name: "logs" },
        message: {
          type: "message",
          ts,
          user: by,
          text,
          ...(thread !== undefined && { thread_ts: thread }),
          ...own,
        },
      });
    },

    /** Sends off the form that stands open. */
    async submit(opened: OpenView, values: Record<string, string>): Promise<Delivered> {
      const delivered = await deliver("interactive", {
        ...from,
        type: "view_submission",
        trigger_id: server.makeTrigger(),
        view: {
          id: opened.id,
          type: "modal",
          hash: opened.hash,
          callback_id: opened.view.callback_id,
          private_metadata: opened.view.private_metadata,
          state: { values: stateOf(opened.view, values) },
        },
      });
      const answer = delivered.acknowledged as { response_action?: string } | undefined;
      if (answer?.response_action === undefined) world.views.splice(world.views.indexOf(opened), 1);
      return delivered;
    },

    /** What a menu offers while one types in it. */
    async offered(
      view: { callback_id: string; private_metadata: string },
      field: string,
      typed: string,
    ): Promise<string[]> {
      const { acknowledged } = await deliver("interactive", {
        ...from,
        type: "block_suggestion",
        action_id: field,
        block_id: field,
        value: typed,
        view: { id: "V0FORM0001", type: "modal", ...view },
      });
      const options = (acknowledged as { options?: types.PlainTextOption[] }).options ?? [];
      if (options.length > 100) server.complaints.push(`${options.length} options offered`);
      for (const { text, value = "" } of options) {
        if (text.text.length > 75 || value.length > 75)
          server.complaints.push(`an option of more than 75 characters: ${value}`);
      }
      return options.map(({ value = "" }) => value);
    },
  };
}

export type SlackPerson = ReturnType<typeof createPerson>;

/** What each field holds at first, as it would be typed. */
export function initialValues(view: types.ModalView): { name: string; value: string }[] {
  return (view.blocks as types.KnownBlock[]).flatMap((block) => {
    if (block.type !== "input") return [];
    const { element } = block;
    const name = block.block_id ?? "";
    if ("initial_options" in element)
      return [{ name, value: (element.initial_options ?? []).map(({ value }) => value).join(",") }];
    if ("initial_option" in element) return [{ name, value: element.initial_option?.value ?? "" }];
    return [{ name, value: "initial_value" in element ? String(element.initial_value ?? "") : "" }];
  });
}

function stateOf(
  view: types.ModalView,
  values: Record<string, string>,
): Record<string, Record<string, Payload>> {
  const before = new Map(initialValues(view).map(({ name, value }) => [name, value]));
  const fields = (view.blocks as types.KnownBlock[]).filter((block) => block.type === "input");
  return Object.fromEntries(
    fields.map(({ block_id: name = "", element }) => {
      const value = values[name] ?? before.get(name) ?? "";
      const option = (one: string) => ({ text: { type: "plain_text", text: one }, value: one });
      const state =
        element.type === "multi_static_select"
          ? {
              selected_options: value
                .split(",")
                .filter((one) => one !== "")
                .map(option),
            }
          : element.type === "static_select" || element.type === "external_select"
            ? { selected_option: value === "" ? null : option(value) }
            : { value: value === "" ? null : value };
      return [name, { [element.action_id ?? ""]: { type: element.type, ...state } }];
    }),
  );
}
