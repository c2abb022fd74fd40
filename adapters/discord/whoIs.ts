import { type APIGuildMember, type APIRole, Routes } from "discord.js";
import type { Named } from "../../src/chat/platform.ts";
import { personOf } from "./acting.ts";
import { type Api, tried } from "./api.ts";

/** Whose id it is in a server: a person's, or a role's with & before it. What is no id of Discord's is not asked for. */
export async function whoIs(api: Api, guild: string, id: string): Promise<Named> {
  const [, isRole, snowflake] = /^(&?)(\d{15,20})$/.exec(id) ?? [];
  if (snowflake === undefined) return "nobody";
  if (isRole) {
    const role = await tried(() => api.call<APIRole>("GET", Routes.guildRole(guild, snowflake)));
    return role.kind === "done" ? { name: role.value.name } : isNobody(role) ? "nobody" : "not told";
  }
  const asked = await tried(() => api.call<APIGuildMember>("GET", Routes.guildMember(guild, snowflake)));
  if (asked.kind === "done") return { name: personOf(asked.value.user, asked.value, false).name };
  return isNobody(asked) ? "nobody" : "not told";
}

function isNobody(failure: { kind: string; code?: number | undefined }): boolean {
  return failure.kind === "refused" && NO_SUCH.has(failure.code ?? 0);
}

/** Unknown Role, Unknown User, Unknown Member, and what is no id at all (Invalid Form Body). */
const NO_SUCH: ReadonlySet<number> = new Set([10011, 10013, 10007, 50035]);
