import type { Policy } from "../alerting/policy.ts";
import type { ChatPlatform, Place } from "../chat/platform.ts";

/** A policy with the names of whom it mentions, for people to read: ids where the platform does not say them. */
export async function withNames(
  policy: Policy,
  { platform: name, workspace }: Pick<Place, "platform" | "workspace">,
  platforms: readonly ChatPlatform[],
): Promise<Policy> {
  const platform = platforms.find((one) => one.name === name);
  if (policy.mention === undefined || platform === undefined) return policy;
  const nameOf = async (id: string) => {
    const named = await platform.whoIs(workspace, id);
    return typeof named === "object" ? `@${named.name}` : id;
  };
  return { ...policy, mention: await Promise.all(policy.mention.map(nameOf)) };
}
