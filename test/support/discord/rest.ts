import type { Interactions } from "./interactions.ts";
import { editMessage, keepMessage } from "./messages.ts";
import { type Answer, type Request, refuse } from "./requests.ts";
import { checkCommands, checkMessage, checkThread } from "./rules.ts";
import { botRole, type Channel, guildOf, type Kept, TYPES, type World } from "./world.ts";

export interface RestParts {
  world: World;
  token: string;
  interactions: Interactions;
  gatewayUrl: () => string;
  dispatch(event: string, data: unknown): void;
  complain(what: string): void;
  session: { remaining: number; resetAfterMs: number };
  /** Registered commands, as Discord keeps them. */
  commands: Record<string, unknown>[];
  /** Channels in which the bot may not do something: the code it is refused with. */
  forbidden: Map<string, number>;
  nonceMs: number;
  /** The switch in the developer portal. */
  contentGranted: boolean;
}

/** Discord's REST interface, as much of it as a bot like this one uses. */
export function createRest(parts: RestParts): (request: Request) => Answer {
  const { world, dispatch, complain, forbidden } = parts;

  const isIn = (guild: string) => guild === world.guild || guild === world.otherGuild;

  function message(channel: string, id: string): Kept | undefined {
    const kept = world.messages.get(id);
    return kept?.api.channel_id === channel && kept.onlyFor === undefined ? kept : undefined;
  }

  function broken(wrong: readonly string[]): Answer | undefined {
    if (wrong.length === 0) return undefined;
    for (const what of wrong) complain(what);
    return refuse(400, 50035, `Invalid Form Body: ${wrong.join("; ")}`);
  }

  function closed(channel: Channel | undefined): Answer | undefined {
    if (channel === undefined) return refuse(404, 10003, "Unknown Channel");
    const code = forbidden.get(channel.id);
    return code === undefined ? undefined : refuse(403, code, "Missing Access");
  }

  const routes: [string, RegExp, (ids: string[], request: Request) => Answer][] = [
    [
      "GET",
      /^\/gateway\/bot$/,
      () => ({
        status: 200,
        body: {
          url: parts.gatewayUrl(),
          shards: 1,
          session_start_limit: {
            ...{ total: 1000, remaining: parts.session.remaining, max_concurrency: 1 },
            reset_after: parts.session.resetAfterMs,
          },
        },
      }),
    ],
    ["GET", /^\/applications\/(\d+)\/commands$/, () => ({ status: 200, body: parts.commands })],
    [
      "PUT",
      /^\/applications\/(\d+)\/commands$/,
      ([application], { body }) => {
        const wrong = broken(checkCommands(body));
        if (wrong !== undefined) return wrong;
        const commands = body as unknown as Record<string, unknown>[];
        parts.commands.splice(0, parts.commands.length, ...commands.map((one) => keptCommand(one)));
        return { status: 200, body: parts.commands };
        function keptCommand(command: Record<string, unknown>) {
          const added = { default_member_permissions: null, nsfw: false, name_localizations: null };
          return {
            ...{
              id: world.newId(),
              version: world.newId(),
              application_id: application,
              ...added,
              description: "",
            },
            ...{ description_localizations: null, dm_permission: false, options: [] },
            ...command,
          };
        }
      },
    ],
    [
      "GET",
      /^\/channels\/(\d+)$/,
      ([id = ""]) => {
        const channel = world.channels.get(id);
        return closed(channel) ?? { status: 200, body: channel };
      },
    ],
    [
      "PATCH",
      /^\/channels\/(\d+)$/,
      ([id = ""], { body }) => {
        const channel = world.channels.get(id);
        if (channel?.thread_metadata === undefined) return refuse(404, 10003, "Unknown Channel");
        if (channel.thread_metadata.locked) return refuse(403, 50013, "Missing Permissions");
        if (typeof body.archived === "boolean") channel.thread_metadata.archived = body.archived;
        dispatch("THREAD_UPDATE", channel);
        return { status: 200, body: channel };
      },
    ],
    [
      "GET",
      /^\/channels\/(\d+)\/messages$/,
      ([channel = ""], { query }) => {
        const wrong = closed(world.channels.get(channel));
        if (wrong !== undefined) return wrong;
        const all = [...world.messages.values()].filter(
          (kept) => message(channel, kept.api.id) !== undefined,
        );
        const newest = all.map(({ api }) => api).reverse();
        return { status: 200, body: newest.slice(0, Number(query.get("limit") ?? 50)) };
      },
    ],
    ["POST", /^\/channels\/(\d+)\/messages$/, ([channel = ""], request) => create(channel, request)],
    [
      "GET",
      /^\/channels\/(\d+)\/messages\/(\d+)$/,
      ([channel = "", id = ""]) => {
        const kept = message(channel, id);
        const wrong = closed(world.channels.get(channel));
        if (wrong !== undefined) return wrong;
        return kept === undefined ? refuse(404, 10008, "Unknown Message") : { status: 200, body: kept.api };
      },
    ],
    [
      "PATCH",
      /^\/channels\/(\d+)\/messages\/(\d+)$/,
      ([channel = "", id = ""], { body, files }) => {
        const found = world.channels.get(channel);
        const wrong = closed(found) ?? archived(found) ?? broken(checkMessage("edit", body, files));
        if (wrong !== undefined) return wrong;
        const kept = message(channel, id);
        if (kept === undefined) return refuse(404, 10008, "Unknown Message");
        if (kept.api.author.id !== world.bot.id) return refuse(403, 50005, "Cannot edit another's message");
        return { status: 200, body: editMessage(world, kept, body, files).api };
      },
    ],
    [
      "POST",
      /^\/channels\/(\d+)\/messages\/(\d+)\/threads$/,
      ([channel = "", id = ""], { body }) => {
        const found = world.channels.get(channel);
        const wrong = closed(found) ?? noThreads(found) ?? broken(checkThread(body));
        if (wrong !== undefined) return wrong;
        if (world.channels.has(id))
          return refuse(400, 160004, "A thread has already been created for this message");
        if (message(channel, id) === undefined) return refuse(404, 10008, "Unknown Message");
        const thread = openThread(world, channel, id, String(body.name));
        dispatch("THREAD_CREATE", { ...thread, newly_created: true });
        return { status: 201, body: thread };
      },
    ],
    [
      "POST",
      /^\/users\/@me\/channels$/,
      (_, { body }) => {
        const recipient = String(body.recipient_id);
        const known = [...world.channels.values()].find((one) => one.recipient === recipient);
        const channel = known ?? { id: world.newId(), type: TYPES.dm, name: "", recipient };
        world.channels.set(channel.id, channel);
        return { status: 200, body: { id: channel.id, type: TYPES.dm, recipients: [world.ana] } };
      },
    ],
    [
      "GET",
      /^\/guilds\/(\d+)\/members\/(\d+)$/,
      ([guild = "", user]) => {
        if (user === world.bot.id && isIn(guild))
          return { status: 200, body: { user: world.bot, roles: [botRole(guild)] } };
        return guild === world.guild && user === world.ana.id
          ? { status: 200, body: { user: world.ana, roles: [] } }
          : refuse(404, 10007, "Unknown Member");
      },
    ],
    [
      "GET",
      /^\/guilds\/(\d+)\/roles\/(\d+)$/,
      ([guild = "", id]) => {
        const found = isIn(guild) ? guildOf(world, guild).roles.find((one) => one.id === id) : undefined;
        return found === undefined ? refuse(404, 10011, "Unknown Role") : { status: 200, body: found };
      },
    ],
    [
      "GET",
      /^\/guilds\/(\d+)$/,
      ([guild = ""]) =>
        isIn(guild) ? { status: 200, body: guildOf(world, guild) } : refuse(404, 10004, "Unknown Guild"),
    ],
    ["GET", /^\/users\/@me$/, () => ({ status: 200, body: world.bot })],
    [
      "GET",
      /^\/applications\/@me$/,
      () => ({ status: 200, body: { id: world.bot.id, flags: parts.contentGranted ? 1 << 19 : 0 } }),
    ],
  ];

  function create(channel: string, { body, files }: Request): Answer {
    const found = world.channels.get(channel);
    const wrong = closed(found) ?? archived(found) ?? broken(checkMessage("create", body, files));
    if (wrong !== undefined) return wrong;
    const sinceMs = Date.now() - parts.nonceMs;
    const earlier = [...world.messages.values()].find(
      ({ nonce, api }) =>
        body.enforce_nonce === true &&
        nonce !== undefined &&
        nonce === body.nonce &&
        Date.parse(api.timestamp) > sinceMs,
    );
    if (earlier !== undefined) return { status: 200, body: earlier.api };
    const author = world.bot;
    const onlyFor = found?.type === TYPES.dm ? found.recipient : undefined;
    const kept = keepMessage(world, { channel, author, body, files });
    // In direct messages nothing is ephemeral, and nobody else is there.
    if (onlyFor === undefined) dispatch("MESSAGE_CREATE", { ...kept.api, guild_id: found?.guild_id });
    return { status: 200, body: { ...kept.api, nonce: body.nonce } };
  }

  return (request) => {
    for (const [method, pattern, handle] of routes) {
      const match = pattern.exec(request.path);
      if (match === null || method !== request.method) continue;
      if (request.token !== parts.token) return refuse(401, 0, "401: Unauthorized");
      return handle(match.slice(1), request);
    }
    const answer = parts.interactions.handle(request, (wrong) => broken(wrong));
    if (answer !== undefined) return answer;
    complain(`there is no ${request.method} ${request.path}`);
    return refuse(404, 0, "404: Not Found");
  };
}

function archived(channel: Channel | undefined): Answer | undefined {
  if (channel?.thread_metadata?.locked) return refuse(400, 160005, "Thread is locked");
  return channel?.thread_metadata?.archived ? refuse(400, 50083, "Thread is archived") : undefined;
}

function noThreads(channel: Channel | undefined): Answer | undefined {
  const isText = channel?.type === TYPES.text || channel?.type === TYPES.announcement;
  return isText ? undefined : refuse(400, 50024, "Cannot execute action on this channel type");
}

export function openThread(world: World, channel: string, id: string, name: string): Channel {
  const thread: Channel = {
    id,
    name,
    type: TYPES.publicThread,
    ...(world.channels.get(channel)?.guild_id !== undefined && {
      guild_id: world.channels.get(channel)?.guild_id as string,
    }),
    parent_id: channel,
    owner_id: world.bot.id,
    thread_metadata: {
      archived: false,
      locked: false,
      auto_archive_duration: 1440,
      archive_timestamp: new Date().toISOString(),
    },
  };
  world.channels.set(id, thread);
  return thread;
}
