import { typedText } from "./markup.ts";

/**
 * The text of a message that somebody wants explained, as it was written: its own, and what stands in its blocks,
 * attachments and files. Programs often put all of theirs there.
 */
export function pastedText(message: unknown): string {
  const { text, blocks, attachments, files } = record(message);
  const found = [
    typedText(string(text)),
    ...list(blocks).map(blockText),
    ...list(attachments).flatMap(attachmentTexts),
    ...list(files).map((file) => string(record(file).preview) || string(record(file).plain_text)),
  ];
  // A person's message has its text a second time as blocks.
  const told: string[] = [];
  for (const part of found.filter((one) => one.trim() !== "")) {
    if (!told.some((earlier) => bare(earlier).includes(bare(part)))) told.push(part);
  }
  return told.join("\n");
}

function attachmentTexts(attachment: unknown): string[] {
  const { pretext, title, text, fallback, fields, blocks } = record(attachment);
  const parts = [pretext, title, text].map((part) => typedText(string(part)));
  const listed = list(fields).map((field) => {
    const { title: name, value } = record(field);
    return [typedText(string(name)), typedText(string(value))].filter((part) => part !== "").join(": ");
  });
  const all = [...parts, ...listed, ...list(blocks).map(blockText)].filter((part) => part !== "");
  return all.length > 0 ? all : [typedText(string(fallback))];
}

/** Any block's texts, in their order. Those of rich text are literal, those of text objects are mark-up. */
function blockText(block: unknown): string {
  const { type, text, fields, elements, rows } = record(block);
  if (type === "rich_text") return list(elements).map(richText).join("\n");
  if (type === "table") {
    return list(rows)
      .map((row) => list(row).map(blockText).join("\t"))
      .join("\n");
  }
  if (type === "raw_text") return string(text);
  const own = typeof text === "string" ? typedText(text) : typedText(string(record(text).text));
  const inner = [...list(fields), ...(type === "context" ? list(elements) : [])].map((one) =>
    typedText(string(record(one).text)),
  );
  return [own, ...inner].filter((part) => part !== "").join("\n");
}

function richText(element: unknown): string {
  const {
    type,
    text,
    url,
    elements,
    user_id: user,
    channel_id: channel,
    name,
    range,
    fallback,
    unicode,
  } = record(element);
  switch (type) {
    case "text":
      return string(text);
    case "link":
      return string(text) || string(url);
    case "user":
      return `@${string(user)}`;
    case "channel":
      return `#${string(channel)}`;
    case "broadcast":
      return `@${string(range)}`;
    case "emoji":
      return string(unicode) === "" ? `:${string(name)}:` : pointsOf(string(unicode));
    case "date":
      return string(fallback);
    case "rich_text_list":
      return list(elements).map(richText).join("\n");
    default:
      return list(elements).map(richText).join("");
  }
}

function pointsOf(hex: string): string {
  const points = hex.split("-").map((point) => Number.parseInt(point, 16));
  return points.every((point) => point > 0 && point <= 0x10ffff) ? String.fromCodePoint(...points) : "";
}

const bare = (text: string): string => text.replace(/\s+/g, "");

function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
function string(value: unknown): string {
  return typeof value === "string" ? value : "";
}
