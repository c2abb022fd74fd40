import type { Policy } from "../alerting/policy.ts";
import type { ChatPlatform, Place } from "../chat/platform.ts";

/** Whom a policy mentions and the platform does not call, with what is to be done about it, a sentence. */
export interface Uncalled {
  name: string;
  fix: string;
}

/** A policy with the names of whom it mentions, for people to read: ids where the platform does not say them. */
export async function withNames(
  policy: Policy,
  { platform: name, workspace }: Pick<Place, "platform" | "workspace">,
  platforms: readonly ChatPlatform[],
): Promise<{ policy: Policy; uncalled: Uncalled[] }> {
  const platform = platforms.find((one) => one.name === name);
  if (policy.mention === undefined || platform === undefined) return { policy, uncalled: [] };
  const people = await Promise.all(
    policy.mention.map(async (id) => {
      const named = await platform.whoIs(workspace, id);
      return typeof named === "object" ? { name: `@${named.name}`, fix: named.uncalled } : { name: id };
    }),
  );
  return {
    policy: { ...policy, mention: people.map((one) => one.name) },
    uncalled: people.flatMap(({ name, fix }) => (fix === undefined ? [] : [{ name, fix }])),
  };
}
