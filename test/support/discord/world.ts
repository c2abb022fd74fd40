import type { APIMessage } from "discord.js";

/** What there is on the loopback's Discord: servers, channels, people, and all that was said. */
export interface World {
  readonly bot: Person;
  readonly ana: Person;
  readonly guild: string;
  /** A server that LogHunter is in too, and that has nothing to do with the first. */
  readonly otherGuild: string;
  /** Where people talk, in the first server. */
  readonly channel: string;
  readonly otherChannel: string;
  readonly channels: Map<string, Channel>;
  readonly messages: Map<string, Kept>;
  /** Bytes of what was uploaded, by its address. */
  readonly uploads: Map<string, Uint8Array>;
  /** Permissions of the bot's role in the first server. */
  permissions: bigint;
  /** Those of the person who acts. */
  anaPermissions: bigint;
  anaRoles: string[];
  newId(): string;
}

export interface Person {
  id: string;
  username: string;
  global_name: string;
  bot?: true;
  discriminator: string;
  avatar: null;
}

export interface Channel {
  id: string;
  type: number;
  name: string;
  guild_id?: string;
  parent_id?: string | null;
  owner_id?: string;
  recipient?: string;
  permission_overwrites?: { id: string; type: 0 | 1; allow: string; deny: string }[];
  thread_metadata?: {
    archived: boolean;
    locked: boolean;
    auto_archive_duration: number;
    archive_timestamp: string;
  };
}

/** A message as the interface returns it, with what only Discord knows of it. */
export interface Kept {
  api: APIMessage;
  nonce?: string;
  /** The one who sees it, where it is ephemeral. */
  onlyFor?: string;
  /** "LogHunter is thinking…" */
  pending: boolean;
}

export const TYPES = {
  text: 0,
  dm: 1,
  announcement: 5,
  publicThread: 11,
  privateThread: 12,
  forum: 15,
} as const;

/** All that the invitation asks for. */
export const ALL_PERMISSIONS = 309237763072n;

export function createWorld(): World {
  const newId = createIds();
  const [guild, otherGuild, channel, otherChannel] = [newId(), newId(), newId(), newId()];
  const person = (username: string, global_name: string): Person => ({
    id: newId(),
    username,
    global_name,
    discriminator: "0",
    avatar: null,
  });
  const channels = new Map<string, Channel>([
    [channel, { id: channel, type: TYPES.text, name: "alerts", guild_id: guild, parent_id: null }],
    [
      otherChannel,
      { id: otherChannel, type: TYPES.text, name: "secret", guild_id: otherGuild, parent_id: null },
    ],
  ]);
  return {
    bot: { ...person("loghunter", "LogHunter"), bot: true },
    ana: person("ana", "Ana"),
    guild,
    otherGuild,
    channel,
    otherChannel,
    channels,
    messages: new Map(),
    uploads: new Map(),
    permissions: ALL_PERMISSIONS,
    anaPermissions: 0x800n,
    anaRoles: [],
    newId,
  };
}

/** Snowflakes that grow: https://discord.com/developers/docs/reference#snowflakes */
function createIds(): () => string {
  let last = 0n;
  return () => {
    const now = BigInt(Date.now() - 1_420_070_400_000) << 22n;
    last = now > last ? now : last + 1n;
    return last.toString();
  };
}

/** A server as the gateway tells of it. */
export function guildOf(world: World, guild: string) {
  const channels = [...world.channels.values()].filter(({ guild_id }) => guild_id === guild);
  const isThread = ({ type }: Channel) => type === TYPES.publicThread || type === TYPES.privateThread;
  const role = (id: string, name: string, permissions: bigint) => ({
    ...{ id, name, permissions: permissions.toString(), color: 0, hoist: false, position: 0 },
    ...{ managed: false, mentionable: false, flags: 0, icon: null, unicode_emoji: null },
    colors: { primary_color: 0, secondary_color: null, tertiary_color: null },
  });
  return {
    ...{ id: guild, name: "A server", icon: null, features: [], owner_id: "1", unavailable: false },
    ...{ verification_level: 0, default_message_notifications: 0, explicit_content_filter: 0, mfa_level: 0 },
    ...{ premium_tier: 0, nsfw_level: 0, system_channel_flags: 0, preferred_locale: "en-US", large: false },
    ...{
      emojis: [],
      stickers: [],
      presences: [],
      voice_states: [],
      stage_instances: [],
      soundboard_sounds: [],
    },
    ...{ guild_scheduled_events: [], joined_at: new Date().toISOString(), member_count: 2 },
    roles: [
      role(guild, "@everyone", 0n),
      { ...role(botRole(guild), "LogHunter", world.permissions), tags: { bot_id: world.bot.id } },
    ],
    channels: channels
      .filter((channel) => !isThread(channel))
      .map((channel) => ({ permission_overwrites: [], ...channel, position: 0, topic: null, nsfw: false })),
    threads: channels.filter(isThread),
    members: [{ ...MEMBER, user: world.bot, roles: [botRole(guild)], joined_at: new Date().toISOString() }],
  };
}

export const botRole = (guild: string) => `${guild.slice(0, -3)}999`;

export const MEMBER = { deaf: false, mute: false, flags: 0, nick: null, avatar: null, premium_since: null };
