import {
  type APIChannel,
  type APIGuild,
  type APIGuildMember,
  type APIOverwrite,
  PermissionFlagsBits,
  PermissionsBitField,
  Routes,
} from "discord.js";
import { type Api, type Done, tried } from "./api.ts";
import type { Failure } from "./errors.ts";
import { lackingOf } from "./servers.ts";

export interface PermissionsOf {
  guild: string;
  /** LogHunter's own id. */
  me: string;
  /** Absent: in the server as a whole. */
  channel?: string;
  signal?: AbortSignal;
}

/** Permissions that LogHunter lacks, as Discord answers now: also where no gateway has told of anything. */
export async function findLacking(
  api: Api,
  { guild, me, channel, signal }: PermissionsOf,
): Promise<Done<string[]> | Failure> {
  const get = <T>(route: `/${string}`) => tried(() => api.call<T>("GET", route, { signal }));
  const own = await findOwnPermissions(api, { guild, me, ...(signal && { signal }) });
  if (own.kind !== "done") return own;
  const { all, roles } = own.value;
  if (channel === undefined) return { kind: "done", value: lackingOf(new PermissionsBitField(all)) };
  const found = await get<APIChannel>(Routes.channel(channel));
  if (found.kind !== "done") return found;
  // A thread has none of its own: its channel's count.
  const parent = "thread_metadata" in found.value ? found.value.parent_id : undefined;
  const holder = parent == null ? found : await get<APIChannel>(Routes.channel(parent));
  if (holder.kind !== "done") return holder;
  const overwrites =
    "permission_overwrites" in holder.value ? (holder.value.permission_overwrites ?? []) : [];
  return { kind: "done", value: lackingOf(new PermissionsBitField(overwritten(all, overwrites, roles, me))) };
}

/** What LogHunter may do in a server as a whole, and its roles there, that of everybody first. */
export async function findOwnPermissions(
  api: Api,
  { guild, me, signal }: Omit<PermissionsOf, "channel">,
): Promise<Done<{ all: bigint; roles: string[] }> | Failure> {
  const get = <T>(route: `/${string}`) => tried(() => api.call<T>("GET", route, { signal }));
  const [server, member] = await Promise.all([
    get<APIGuild>(Routes.guild(guild)),
    get<APIGuildMember>(Routes.guildMember(guild, me)),
  ]);
  if (server.kind !== "done") return server;
  if (member.kind !== "done") return member;
  const roles = [guild, ...member.value.roles];
  const all = server.value.roles
    .filter(({ id }) => roles.includes(id))
    .reduce((sum, { permissions }) => sum | BigInt(permissions), 0n);
  return { kind: "done", value: { all, roles } };
}

/** https://discord.com/developers/docs/topics/permissions#permission-overwrites: everyone's, then all roles', then one's own. */
function overwritten(
  all: bigint,
  overwrites: readonly APIOverwrite[],
  [everyone, ...roles]: readonly string[],
  me: string,
): bigint {
  if ((all & PermissionFlagsBits.Administrator) !== 0n) return all;
  return [[everyone], roles, [me]].reduce((sum, ids) => {
    const those = overwrites.filter(({ id }) => ids.includes(id));
    const denied = those.reduce((bits, { deny }) => bits | BigInt(deny), 0n);
    const allowed = those.reduce((bits, { allow }) => bits | BigInt(allow), 0n);
    return (sum & ~denied) | allowed;
  }, all);
}
