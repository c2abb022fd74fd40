import type { types } from "@slack/bolt";
import { checkMessage, type SentFile } from "../../test/support/discord/rules.ts";
import { complaintsAboutBlocks, complaintsAboutText } from "../../test/support/slack/rules.ts";
import type { Rule } from "./rule.ts";

/** Checks of what the platforms would be sent: the answer, and that in its thread. */
export const MESSAGE_RULES: Record<string, Rule> = {
  blocks_schema_valid: ({ row }) =>
    [row.slack, row.reply.slack].flatMap((sent) => complaintsAboutBlocks(blocksOf(sent), "message"))[0],
  max_buttons_unchanged: ({ row }) => {
    const buttons = (JSON.stringify(row.slack).match(/"type":"button"/g) ?? []).length;
    const forged = (JSON.stringify(row.reply.slack).match(/"type":"button"/g) ?? []).length;
    return buttons <= 4 && forged === 0 ? undefined : `${buttons} and ${forged} buttons`;
  },
  unfurl_off: ({ row }) =>
    [row.slack, row.reply.slack].every((sent) => sent.unfurl_links === false && sent.unfurl_media === false)
      ? undefined
      : "links unfurl",
  suppress_embeds: ({ row }) =>
    [row.discord, row.reply.discord].every(({ flags }) => (Number(flags) & 4) === 4)
      ? undefined
      : "embeds are shown",
  fence_balanced: ({ row }) =>
    [row.discord, row.reply.discord].every(isBalanced)
      ? undefined
      : "a code fence is left open or closed early",
  allowed_mentions_parse_empty: ({ row }) =>
    [row.discord, row.reply.discord].every(
      ({ allowed_mentions }) => JSON.stringify(allowed_mentions) === '{"parse":[]}',
    )
      ? undefined
      : "somebody may be mentioned",
  within_limits: ({ row, where }) =>
    where === "slack"
      ? [row.slack, row.reply.slack].flatMap((sent) => [
          ...complaintsAboutBlocks(blocksOf(sent), "message"),
          ...complaintsAboutText(sent.text),
        ])[0]
      : [row.discord, row.reply.discord].flatMap((sent) => checkMessage("create", sent, filesOf(sent)))[0],
};

function blocksOf(sent: Record<string, unknown>): types.KnownBlock[] {
  return sent.blocks as types.KnownBlock[];
}

function filesOf({ attachments }: Record<string, unknown>): SentFile[] {
  return (attachments as { id: string; filename: string }[]).map(({ id, filename }) => ({
    field: `files[${id}]`,
    name: filename,
    type: filename.endsWith(".png") ? "image/png" : "text/plain",
    bytes: new Uint8Array(8),
  }));
}

/** Every text has an even number of fences, and each opens or closes at the start of a line. */
function isBalanced(sent: Record<string, unknown>): boolean {
  const texts = [...JSON.stringify(sent).matchAll(/"content":("(?:[^"\\]|\\.)*")/g)].map(
    ([, text]) => JSON.parse(text ?? '""') as string,
  );
  return texts.every((text) => {
    const fences = text.match(/```/g) ?? [];
    const atStart = text.match(/^```/gm) ?? [];
    return fences.length % 2 === 0 && fences.length === atStart.length;
  });
}
