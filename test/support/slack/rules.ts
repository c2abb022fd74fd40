import { readFileSync } from "node:fs";
import type { types } from "@slack/bolt";
import { Ajv } from "ajv";

/**
 * The schema was made from @slack/types 3.2.0, `KnownBlock`, by ts-json-schema-generator 2.10.0 (descriptions left
 * out). What it does not say are the numbers, which stand here with their pages.
 */
const schema = JSON.parse(readFileSync(new URL("./blocks.schema.json", import.meta.url), "utf8"));
const ajv = new Ajv({ strict: false, allowUnionTypes: true });
const validators = new Map(
  Object.entries(definitions()).map(([type, name]) => [
    type,
    ajv.compile({ ...schema, $ref: `#/definitions/${name}`, $id: `block-${type}` }),
  ]),
);

function definitions(): Record<string, string> {
  return {
    actions: "ActionsBlock",
    context: "ContextBlock",
    header: "HeaderBlock",
    image: "ImageBlock",
    input: "InputBlock",
    rich_text: "RichTextBlock",
    section: "SectionBlock",
    table: "TableBlock",
  };
}

/** What Slack would refuse or show otherwise than it was meant, sentence by sentence. */
export function complaintsAboutBlocks(
  blocks: readonly types.KnownBlock[],
  surface: "message" | "modal" | "home",
): string[] {
  const most = surface === "message" ? 50 : 100;
  const told: string[] = [];
  if (blocks.length > most) told.push(`${blocks.length} blocks, of at most ${most}`);
  if (blocks.filter(({ type }) => type === "table").length > (surface === "message" ? 1 : 0)) {
    told.push(`too many tables for a ${surface}`);
  }
  const ids = new Set<string>();
  for (const block of blocks) {
    const { type }: { type: string } = block;
    const validate = validators.get(type);
    if (validate === undefined) told.push(`no such block: ${type}`);
    else if (!validate(block)) told.push(`${type}: ${ajv.errorsText(validate.errors)}`);
    else told.push(...complaintsAbout(block, ids));
  }
  const chars = charsOf(blocks);
  // msg_blocks_too_long was seen at 13,200: https://github.com/slackapi/bolt-js/issues/2509
  if (chars > 12_000) told.push(`${chars} characters in all blocks`);
  return told;
}

/** https://docs.slack.dev/reference/methods/chat.postMessage#arg_text: mark-up in it is live. */
export function complaintsAboutText(text: unknown): string[] {
  if (typeof text !== "string" || text === "") return ["no fallback text"];
  const told: string[] = [];
  if (text.length > 4_000) told.push(`the text has ${text.length} characters`);
  if (/[<>]/.test(withoutMentions(text))) told.push(`live mark-up in the text: ${text.slice(0, 80)}`);
  if (/&(?!amp;|lt;|gt;)/.test(text)) told.push(`a bare & in the text: ${text.slice(0, 80)}`);
  return told;
}

/** People and groups, as cards may mention them: that nobody else is, is for the test to say. */
function withoutMentions(text: string): string {
  return text.replace(/<(?:@[UW]|!subteam\^S)[A-Z0-9]+>/g, "");
}

function complaintsAbout(block: types.KnownBlock, ids: Set<string>): string[] {
  const told: string[] = [];
  const check = (what: string, text: string | undefined, most: number, least = 1) => {
    if (text === undefined) return;
    if (text.length < least || text.length > most)
      told.push(`${what} has ${text.length} characters, of ${least} to ${most}`);
  };
  const takeId = (id: string | undefined) => {
    check("action_id", id, 255);
    if (id !== undefined && ids.has(id)) told.push(`action_id ${id} twice`);
    if (id !== undefined) ids.add(id);
  };
  walk(block, (node) => {
    if (node.type === "plain_text" && node.emoji !== false)
      told.push("plain text in which :names: become emoji");
    const isMentions = block.type === "section" && withoutMentions(string(node.text)).trim() === "";
    if (node.type === "mrkdwn" && !isMentions) told.push("mark-up where literal text is meant");
    if (node.type === "text") check("a text element", string(node.text), 12_000);
    if (node.type === "raw_text") check("a cell", string(node.text), 3_000);
    if (node.type === "link") check("a link", string(node.url), 3_000);
    // A channel pings nobody; one that stands in a literal text would be missing there, letter by letter.
    if (["user", "usergroup", "broadcast", "team", "emoji"].includes(String(node.type))) {
      told.push(`a live ${node.type}`);
    }
    if (Array.isArray(node.elements) && node.elements.length === 0)
      told.push(`${node.type} without elements`);
    if (typeof node.text === "string" && /[\0-\x08\x0b-\x1f]/.test(node.text))
      told.push("a control character");
  });
  switch (block.type) {
    case "header":
      check("a header", block.text.text, 150);
      break;
    case "image":
      check("alt_text", block.alt_text, 2_000);
      break;
    case "context":
      if (block.elements.length > 10) told.push(`${block.elements.length} elements in a context block`);
      for (const element of block.elements)
        if (element.type === "plain_text") check("a context", element.text, 3_000);
      break;
    case "actions":
      if (block.elements.length > 25) told.push(`${block.elements.length} elements in an actions block`);
      for (const element of block.elements) {
        if (element.type !== "button") continue;
        takeId(element.action_id);
        check("a button's label", element.text.text, 75);
        check("a button's value", element.value, 2_000);
      }
      break;
    case "table":
      if (block.rows.length > 100) told.push(`${block.rows.length} rows`);
      if (block.rows.some((row) => row.length > 20)) told.push("more than 20 cells in a row");
      if (charsOf([block]) > 10_000) told.push("a table of more than 10,000 characters");
      break;
    case "input":
      check("a label", block.label.text, 2_000);
      check("a hint", block.hint?.text, 2_000);
      takeId(block.element.action_id);
      told.push(...complaintsAboutField(block.element));
      break;
  }
  return told;
}

function complaintsAboutField(element: types.InputBlock["element"]): string[] {
  const told: string[] = [];
  if ("options" in element) {
    const options = element.options ?? [];
    if (options.length < 1 || options.length > 100) told.push(`${options.length} options`);
    for (const { text, value } of options) {
      if (text.text.length > 75 || (value ?? "").length > 75)
        told.push(`an option of more than 75 characters: ${text.text}`);
    }
  }
  if (
    element.type === "plain_text_input" &&
    (element.initial_value?.length ?? 0) > (element.max_length ?? 3_000)
  ) {
    told.push("an initial value longer than the field takes");
  }
  return told;
}

export function complaintsAboutModal(view: types.ModalView): string[] {
  const told = complaintsAboutBlocks(view.blocks as types.KnownBlock[], "modal");
  for (const [what, text] of [
    ["title", view.title.text],
    ["submit", view.submit?.text ?? ""],
    ["close", view.close?.text ?? ""],
  ] as const) {
    if (text.length < 1 || text.length > 24)
      told.push(`the ${what} of a modal has ${text.length} characters`);
  }
  if ((view.private_metadata ?? "").length > 3_000) told.push("private_metadata is too long");
  if ((view.callback_id ?? "").length > 255) told.push("callback_id is too long");
  return told;
}

export function charsOf(blocks: readonly types.KnownBlock[]): number {
  let chars = 0;
  for (const block of blocks) {
    walk(block, (node) => {
      if (typeof node.text === "string") chars += node.text.length;
      if (node.type === "link") chars += string(node.url).length;
    });
  }
  return chars;
}

type Node = Record<string, unknown>;

export function walk(value: unknown, visit: (node: Node) => void): void {
  if (Array.isArray(value)) for (const one of value) walk(one, visit);
  else if (typeof value === "object" && value !== null) {
    visit(value as Node);
    for (const one of Object.values(value)) walk(one, visit);
  }
}

const string = (value: unknown): string => (typeof value === "string" ? value : "");
