/**
 * Channels that refused a message lately. Discord bans an address after 10,000 requests it had to refuse within ten
 * minutes (https://discord.com/developers/docs/topics/rate-limits#invalid-request-limit-aka-cloudflare-bans), and
 * an outbox asks again and again: nothing is asked there until the time is over, or a permission has changed.
 */
export interface Refusals {
  /** Why nothing is sent there now. */
  whyNot(guild: string, channel: string): string | undefined;
  note(guild: string, channel: string, why: string): void;
  /** Something has changed in this server: it may be allowed now. */
  forget(guild: string): void;
}

export function createRefusals({ now, refusalMs }: { now: () => number; refusalMs: number }): Refusals {
  const byGuild = new Map<string, Map<string, { untilMs: number; why: string }>>();
  return {
    whyNot(guild, channel) {
      const noted = byGuild.get(guild)?.get(channel);
      if (noted === undefined || noted.untilMs > now()) return noted?.why;
      byGuild.get(guild)?.delete(channel);
      return undefined;
    },
    note(guild, channel, why) {
      const noted = byGuild.get(guild) ?? new Map();
      byGuild.set(guild, noted.set(channel, { untilMs: now() + refusalMs, why }));
    },
    forget: (guild) => {
      byGuild.delete(guild);
    },
  };
}
