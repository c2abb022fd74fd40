import { type Client, PermissionFlagsBits, PermissionsBitField } from "discord.js";
import type { KnownChannel } from "./channels.ts";

/** What the gateway has told of the servers LogHunter is in. */
export interface Servers {
  knows(guild: string): boolean;
  /** LogHunter is connected, and was never let into this server, or was removed from it. */
  isOutside(guild: string): boolean;
  channel(id: string): KnownChannel | undefined;
  /** Permissions that LogHunter lacks in a channel, or in a server as a whole; undefined where it cannot tell. */
  lacks(guild: string, channel?: string): string[] | undefined;
  /** The role that Discord made for LogHunter there, of the same name. */
  ownRole(guild: string): string | undefined;
  /** Whether somebody with these roles runs the server. */
  isAdmin(guild: string, person: string, roles: readonly string[]): boolean;
}

export function createServers(client: () => Client | undefined): Servers {
  const guildOf = (id: string) => client()?.guilds.cache.get(id);
  return {
    knows: (guild) => guildOf(guild) !== undefined,
    isOutside: (guild) => client()?.isReady() === true && guildOf(guild) === undefined,
    channel(id) {
      const channel = client()?.channels.cache.get(id);
      if (channel === undefined || !("guildId" in channel) || channel.guildId === null) return undefined;
      const { type, guildId, parentId } = channel;
      const owner = channel.isThread() ? channel.ownerId : null;
      return {
        id,
        type,
        guild: guildId,
        ...(parentId !== null && { parent: parentId }),
        ...(owner !== null && { owner }),
      };
    },
    lacks(guild, channel) {
      const me = guildOf(guild)?.members.me;
      if (me === undefined || me === null) return undefined;
      const found = channel === undefined ? undefined : client()?.channels.cache.get(channel);
      if (channel !== undefined && (found === undefined || !("permissionsFor" in found))) return undefined;
      const has =
        found !== undefined && "permissionsFor" in found ? found.permissionsFor(me) : me.permissions;
      return has === null ? undefined : lackingOf(has);
    },
    ownRole: (guild) =>
      guildOf(guild)?.roles.cache.find(({ tags }) => tags?.botId === client()?.user?.id)?.id,
    isAdmin(guild, person, roles) {
      const found = guildOf(guild);
      if (found === undefined) return false;
      if (found.ownerId === person) return true;
      return [guild, ...roles].some((id) =>
        runsServer(found.roles.cache.get(id)?.permissions.bitfield ?? 0n),
      );
    },
  };
}

export const ATTACHING = "Attach Files";

/**
 * What LogHunter does in a channel, and the permission for each, as Discord's settings name it, with what messages lose without
 * it (docs/discord.md says it at length); without the others there are none.
 */
const NEEDED: readonly { name: string; flag: bigint; loss?: string }[] = [
  { name: "View Channels", flag: PermissionFlagsBits.ViewChannel },
  { name: "Send Messages", flag: PermissionFlagsBits.SendMessages },
  {
    name: "Send Messages in Threads",
    flag: PermissionFlagsBits.SendMessagesInThreads,
    loss: "answers stand in the channel or do not come",
  },
  {
    name: "Create Public Threads",
    flag: PermissionFlagsBits.CreatePublicThreads,
    loss: "answers stand in the channel",
  },
  { name: "Embed Links", flag: PermissionFlagsBits.EmbedLinks, loss: "pictures and links may not be shown" },
  { name: ATTACHING, flag: PermissionFlagsBits.AttachFiles, loss: "charts are told in words" },
  {
    name: "Read Message History",
    flag: PermissionFlagsBits.ReadMessageHistory,
    loss: "a message may stand twice",
  },
];

/** Without one of these a channel takes no message. */
export const NEEDED_TO_POST: ReadonlySet<string> = new Set(
  NEEDED.filter(({ loss }) => loss === undefined).map(({ name }) => name),
);

/** What messages lose for want of these permissions. */
export function lossOf(lacking: readonly string[]): string {
  const losses = NEEDED.filter(({ name }) => lacking.includes(name)).map(
    ({ name, loss }) => `${name} (${loss})`,
  );
  return `LogHunter lacks ${losses.join(", ")}`;
}

/** Those of what LogHunter needs that are not there. */
export function lackingOf(has: Readonly<PermissionsBitField>): string[] {
  return NEEDED.filter(({ flag }) => !has.has(flag)).map(({ name }) => name);
}

/** The number that the invitation's address asks for these permissions with. */
export const INVITE_PERMISSIONS = NEEDED.reduce((sum, { flag }) => sum | flag, 0n).toString();

/** Administrators, and who may manage the server. */
export function runsServer(permissions: bigint | string): boolean {
  const has = new PermissionsBitField(BigInt(permissions));
  return has.has(PermissionFlagsBits.Administrator) || has.has(PermissionFlagsBits.ManageGuild);
}
