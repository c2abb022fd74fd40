import { type APIGuildMember, type APIRole, PermissionFlagsBits, Routes } from "discord.js";
import type { Named } from "../../src/chat/platform.ts";
import { personOf } from "./acting.ts";
import { type Api, tried } from "./api.ts";
import { findOwnPermissions } from "./permissions.ts";

export interface WhoIs {
  guild: string;
  /** LogHunter's own id; undefined where it is not connected. */
  me: string | undefined;
  id: string;
}

/** Whose id it is in a server: a person's, or a role's with & before it. What is no id of Discord's is not asked for. */
export async function whoIs(api: Api, { guild, me, id }: WhoIs): Promise<Named> {
  const [, isRole, snowflake] = /^(&?)(\d{15,20})$/.exec(id) ?? [];
  if (snowflake === undefined) return "nobody";
  if (isRole) {
    const role = await tried(() => api.call<APIRole>("GET", Routes.guildRole(guild, snowflake)));
    if (role.kind !== "done") return isNobody(role) ? "nobody" : "not told";
    const { name, mentionable } = role.value;
    return mentionable || (await mayMentionAll(api, guild, me)) ? { name } : { name, uncalled: LET_MENTION };
  }
  const asked = await tried(() => api.call<APIGuildMember>("GET", Routes.guildMember(guild, snowflake)));
  if (asked.kind === "done") return { name: personOf(asked.value.user, asked.value, false).name };
  return isNobody(asked) ? "nobody" : "not told";
}

/** As docs/discord.md has it; the names are those of Discord's settings. */
const LET_MENTION =
  "Tick Allow anyone to @mention this role in Server Settings, Roles, or give LogHunter the permission Mention @everyone, @here, and All Roles.";

/** Also where Discord does not say: nobody is to mend what may not be broken. What single channels change is not looked at. */
async function mayMentionAll(api: Api, guild: string, me: string | undefined): Promise<boolean> {
  if (me === undefined) return true;
  const own = await findOwnPermissions(api, { guild, me });
  const enough = PermissionFlagsBits.Administrator | PermissionFlagsBits.MentionEveryone;
  return own.kind !== "done" || (own.value.all & enough) !== 0n;
}

function isNobody(failure: { kind: string; code?: number | undefined }): boolean {
  return failure.kind === "refused" && NO_SUCH.has(failure.code ?? 0);
}

/** Unknown Role, Unknown User, Unknown Member, and what is no id at all (Invalid Form Body). */
const NO_SUCH: ReadonlySet<number> = new Set([10011, 10013, 10007, 50035]);
