import type { types } from "@slack/bolt";
import { complaintsAboutBlocks, complaintsAboutModal, complaintsAboutText, walk } from "./rules.ts";
import {
  BOT_ID,
  BOT_USER,
  type Channel,
  type StoredFile,
  type StoredMessage,
  type Team,
  type World,
} from "./world.ts";

export type Args = Record<string, string>;
export type Answer =
  | { ok: true; [key: string]: unknown }
  | { ok: false; error: string; [key: string]: unknown };

export interface MethodParts {
  world: World;
  origin: () => string;
  complain(what: string): void;
  now(): number;
  /** The trigger is used up by it. */
  takeTrigger(id: string): "good" | "expired" | "used";
}

export type Method = (args: Args, team: Team) => Answer;

/** The methods of the Web API that the adapter uses: https://docs.slack.dev/reference/methods */
export function createMethods(parts: MethodParts): Record<string, { scope?: string; call: Method }> {
  const { world, complain } = parts;
  const failed = (error: string, extra: Record<string, unknown> = {}): Answer => ({
    ok: false,
    error,
    ...extra,
  });

  function channelFor(id: string | undefined): Channel | Answer {
    const channel = world.channels.find((known) => known.id === id);
    if (channel === undefined) return failed("channel_not_found");
    if (channel.isArchived) return failed("is_archived");
    if (!channel.hasBot) return failed("not_in_channel");
    return channel;
  }

  function readMessage(method: string, args: Args): { text: string; blocks: types.KnownBlock[] } | Answer {
    const blocks = JSON.parse(args.blocks ?? "[]") as types.KnownBlock[];
    for (const what of [...complaintsAboutText(args.text), ...complaintsAboutBlocks(blocks, "message")])
      complain(`${method}: ${what}`);
    if (args.parse !== "none" || args.link_names !== "false")
      complain(`${method}: names and addresses in the text become links`);
    const missing = unready(blocks);
    if (missing !== undefined) {
      return failed("invalid_blocks", {
        response_metadata: {
          messages: [`[ERROR] invalid slack file [json-pointer:/blocks/slack_file] ${missing}`],
        },
      });
    }
    return { text: args.text ?? "", blocks };
  }

  /** A file that blocks name and may not yet. */
  function unready(blocks: types.KnownBlock[]): string | undefined {
    let missing: string | undefined;
    walk(blocks, (node) => {
      const id = (node.slack_file as { id?: string } | undefined)?.id;
      if (id === undefined) return;
      const file = world.files.get(id);
      if (file === undefined || file.readyAtMs > parts.now()) missing = id;
    });
    return missing;
  }

  function listed(message: StoredMessage, withMetadata: boolean) {
    const { ts, thread, text, blocks, metadata, by, files } = message;
    return {
      type: "message",
      ts,
      ...(thread !== undefined && { thread_ts: thread }),
      text,
      blocks,
      user: by === "bot" ? BOT_USER : by,
      ...(by === "bot" && { bot_id: BOT_ID }),
      ...(withMetadata && metadata !== undefined && { metadata }),
      ...(files.length > 0 && { files: files.map((id) => ({ id, name: world.files.get(id)?.name })) }),
    };
  }

  function page(all: StoredMessage[], args: Args): Answer {
    const from = Number(args.cursor ?? 0);
    const limit = Number(args.limit ?? 100);
    if (limit > 999) complain(`a page of ${limit}`);
    const more = from + limit < all.length;
    return {
      ok: true,
      messages: all
        .slice(from, from + limit)
        .map((message) => listed(message, args.include_all_metadata === "true")),
      response_metadata: { next_cursor: more ? String(from + limit) : "" },
    };
  }

  return {
    "auth.test": {
      call: (_, team) => ({
        ok: true,
        url: "https://acme.slack.test/",
        team: team.name,
        team_id: team.id,
        user: "loghunter",
        user_id: BOT_USER,
        bot_id: BOT_ID,
        ...(team.enterpriseId !== undefined && { enterprise_id: team.enterpriseId }),
        is_enterprise_install: team.isOrgWide === true,
      }),
    },
    "users.info": {
      scope: "users:read",
      call({ user: id }) {
        const user = world.users.find((known) => known.id === id);
        if (user === undefined) return failed("user_not_found");
        return {
          ok: true,
          user: {
            id: user.id,
            team_id: user.team,
            name: user.name,
            real_name: user.name,
            profile: { display_name: user.name },
            is_admin: user.isAdmin === true,
            is_restricted: user.guestOf !== undefined,
            is_ultra_restricted: user.guestOf === "one channel",
            ...(user.tz !== undefined && { tz: user.tz }),
            ...(user.isStranger && { is_stranger: true }),
            ...(user.enterpriseId !== undefined && {
              enterprise_user: { id: user.id, enterprise_id: user.enterpriseId, teams: [user.team] },
            }),
          },
        };
      },
    },
    "chat.postMessage": {
      scope: "chat:write",
      call(args) {
        const channel = channelFor(args.channel);
        if ("ok" in channel) return channel;
        const root = args.thread_ts;
        if (root !== undefined && world.message(channel.id, root) === undefined)
          return failed("thread_not_found");
        if (args.mrkdwn !== "false" || args.unfurl_links !== "false" || args.unfurl_media !== "false") {
          complain("chat.postMessage: the text is read as mark-up, or links in it unfurl");
        }
        const message = readMessage("chat.postMessage", args);
        if ("ok" in message) return message;
        const ts = world.nextTs();
        const metadata = args.metadata === undefined ? undefined : JSON.parse(args.metadata);
        world.messages.push({
          channel: channel.id,
          ts,
          ...(root !== undefined && { thread: root }),
          by: "bot",
          ...message,
          metadata,
          files: [],
        });
        return { ok: true, channel: channel.id, ts, message: { ts, text: message.text } };
      },
    },
    "chat.scheduleMessage": {
      scope: "chat:write",
      call(args) {
        const channel = channelFor(args.channel);
        if ("ok" in channel) return channel;
        const aheadSeconds = Number(args.post_at) - parts.now() / 1_000;
        if (!(aheadSeconds > 60)) return failed("time_in_past");
        if (aheadSeconds > 120 * 24 * 3_600) return failed("time_too_far");
        if (!args.text) return failed("no_text");
        const id = world.nextId("Q");
        world.planned.set(id, { channel: channel.id, atSeconds: Number(args.post_at) });
        return { ok: true, channel: channel.id, scheduled_message_id: id, post_at: Number(args.post_at) };
      },
    },
    "chat.deleteScheduledMessage": {
      scope: "chat:write",
      call(args) {
        const planned = world.planned.get(args.scheduled_message_id ?? "");
        if (planned === undefined || planned.channel !== args.channel)
          return failed("invalid_scheduled_message_id");
        world.planned.delete(args.scheduled_message_id ?? "");
        return { ok: true };
      },
    },
    "chat.update": {
      scope: "chat:write",
      call(args) {
        const channel = channelFor(args.channel);
        if ("ok" in channel) return channel;
        const known = world.message(channel.id, args.ts ?? "");
        if (known === undefined || known.onlyFor !== undefined) return failed("message_not_found");
        if (known.by !== "bot") return failed("cant_update_message");
        const message = readMessage("chat.update", args);
        if ("ok" in message) return message;
        Object.assign(known, message);
        return { ok: true, channel: channel.id, ts: known.ts, text: message.text };
      },
    },
    "chat.postEphemeral": {
      scope: "chat:write",
      call(args) {
        const channel = channelFor(args.channel);
        if ("ok" in channel) return channel;
        const message = readMessage("chat.postEphemeral", args);
        if ("ok" in message) return message;
        const ts = world.nextTs();
        world.messages.push({
          channel: channel.id,
          ts,
          ...(args.thread_ts !== undefined && { thread: args.thread_ts }),
          by: "bot",
          ...message,
          onlyFor: args.user ?? "",
          files: [],
        });
        return { ok: true, message_ts: ts };
      },
    },
    "chat.getPermalink": {
      call({ channel, message_ts: ts = "" }) {
        if (world.message(channel ?? "", ts) === undefined) return failed("message_not_found");
        return {
          ok: true,
          channel,
          permalink: `https://acme.slack.test/archives/${channel}/p${ts.replace(".", "")}`,
        };
      },
    },
    "conversations.open": {
      scope: "im:write",
      call({ users }) {
        if (!world.users.some((user) => user.id === users)) return failed("user_not_found");
        const known = world.channels.find((channel) => channel.of === users);
        const channel = known ?? { id: world.nextId("D"), hasBot: true, of: users as string };
        if (known === undefined) world.channels.push(channel);
        return { ok: true, channel: { id: channel.id } };
      },
    },
    "conversations.history": {
      scope: "channels:history",
      call(args) {
        const channel = channelFor(args.channel);
        if ("ok" in channel) return channel;
        const all = world.messages.filter(
          (m) => m.channel === channel.id && m.thread === undefined && m.onlyFor === undefined,
        );
        return page(all.reverse(), args);
      },
    },
    "conversations.replies": {
      scope: "channels:history",
      call(args) {
        const channel = channelFor(args.channel);
        if ("ok" in channel) return channel;
        const all = world.messages.filter(
          (m) =>
            m.channel === channel.id && (m.ts === args.ts || m.thread === args.ts) && m.onlyFor === undefined,
        );
        return all.length === 0 ? failed("thread_not_found") : page(all, args);
      },
    },
    "views.open": {
      call(args) {
        const trigger = parts.takeTrigger(args.trigger_id ?? "");
        if (trigger !== "good")
          return failed(trigger === "used" ? "exchanged_trigger_id" : "expired_trigger_id");
        const view = JSON.parse(args.view ?? "{}") as types.ModalView;
        for (const what of complaintsAboutModal(view)) complain(`views.open: ${what}`);
        const opened = { id: world.nextId("V"), hash: world.nextTs(), user: "", view };
        world.views.push(opened);
        return { ok: true, view: { id: opened.id, hash: opened.hash } };
      },
    },
    "views.publish": {
      call(args) {
        const view = JSON.parse(args.view ?? "{}") as types.HomeView;
        for (const what of complaintsAboutBlocks(view.blocks as types.KnownBlock[], "home"))
          complain(`views.publish: ${what}`);
        world.homes.set(args.user_id ?? "", view);
        return { ok: true, view: { id: `V0HOME${args.user_id}` } };
      },
    },
    "files.getUploadURLExternal": {
      scope: "files:write",
      call(args) {
        if (!args.filename || !(Number(args.length) > 0)) return failed("invalid_arguments");
        const id = world.nextId("F");
        const file: StoredFile = {
          id,
          name: args.filename,
          bytes: new Uint8Array(),
          readyAtMs: Number.POSITIVE_INFINITY,
        };
        world.files.set(id, file);
        return { ok: true, file_id: id, upload_url: `${parts.origin()}/upload/${id}?length=${args.length}` };
      },
    },
    "files.completeUploadExternal": {
      scope: "files:write",
      call(args) {
        const ids = (JSON.parse(args.files ?? "[]") as { id: string }[]).map(({ id }) => id);
        for (const id of ids) {
          const file = world.files.get(id);
          if (file === undefined || file.bytes.byteLength === 0) return failed("file_not_found");
          file.readyAtMs = parts.now() + PROCESSING_MS;
        }
        if (args.channel_id !== undefined) {
          const channel = channelFor(args.channel_id);
          if ("ok" in channel) return channel;
          world.messages.push({
            channel: channel.id,
            ts: world.nextTs(),
            ...(args.thread_ts !== undefined && { thread: args.thread_ts }),
            by: "bot",
            text: "",
            blocks: [],
            files: ids,
          });
        }
        return { ok: true, files: ids.map((id) => ({ id })) };
      },
    },
  };
}

/** A file cannot be named by blocks before that: seen to take from tenths of a second to a few. */
const PROCESSING_MS = 50;
