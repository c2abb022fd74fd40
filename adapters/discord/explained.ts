import { type APIEmbed, type APIMessage, ComponentType } from "discord.js";

/** All that can be read in a message: other bots write into embeds and components, and people forward. */
export function textIn(
  message: Pick<APIMessage, "content" | "embeds" | "components" | "message_snapshots">,
): string {
  const forwarded = message.message_snapshots?.map(({ message: one }) => textIn(one)) ?? [];
  const parts = [
    message.content,
    ...(message.embeds ?? []).flatMap(embedTexts),
    ...componentTexts(message.components ?? []),
    ...forwarded,
  ];
  return parts.filter((part) => part.trim() !== "").join("\n");
}

function embedTexts({ title, description, fields = [], footer }: APIEmbed): string[] {
  return [
    title ?? "",
    description ?? "",
    ...fields.map(({ name, value }) => `${name}: ${value}`),
    footer?.text ?? "",
  ];
}

function componentTexts(components: readonly unknown[]): string[] {
  return components.flatMap((one) => {
    const {
      type,
      content,
      components: within,
    } = one as { type?: number; content?: unknown; components?: unknown };
    const own = type === ComponentType.TextDisplay && typeof content === "string" ? [content] : [];
    return Array.isArray(within) ? [...own, ...componentTexts(within)] : own;
  });
}
