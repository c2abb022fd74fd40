/** Whom a message may ping, as Discord takes it: https://discord.com/developers/docs/resources/message#allowed-mentions-object */
export interface AllowedMentions {
  parse: [];
  users?: string[];
  roles?: string[];
}

/** Exactly these people and roles, and whatever else stands in the message nobody. */
export function allowedMentions(ids: readonly string[]): AllowedMentions {
  const users = unique(ids.filter(isUser));
  const roles = unique(ids.filter(isRole).map((id) => id.slice(1)));
  return { parse: [], ...(users.length > 0 && { users }), ...(roles.length > 0 && { roles }) };
}

/** The same in a text. */
export function mentionMarkdown(ids: readonly string[]): string {
  return unique(ids.filter((id) => isUser(id) || isRole(id)))
    .map((id) => `<@${id}>`)
    .join(" ");
}

/** The role that has the server's own id is everybody's. */
export function withoutEveryone(ids: readonly string[], server: string): string[] {
  return ids.filter((id) => id !== `&${server}`);
}

/** Snowflakes have 17 digits and more since 2015: https://discord.com/developers/docs/reference#snowflakes */
const isUser = (id: string) => /^\d{15,20}$/.test(id);
const isRole = (id: string) => /^&\d{15,20}$/.test(id);

function unique(ids: readonly string[]): string[] {
  return [...new Set(ids)];
}
