import { describe, expect, test } from "@jest/globals";
import type { types } from "@slack/bolt";
import {
  complaintsAboutBlocks,
  complaintsAboutModal,
  complaintsAboutText,
} from "../../support/slack/rules.ts";

const text = (length: number) => "x".repeat(length);
const plain = (length: number) => ({ type: "plain_text", text: text(length), emoji: false });
const rich = (...elements: unknown[]) => ({
  type: "rich_text",
  elements: [{ type: "rich_text_section", elements }],
});
const button = (own: object = {}) => ({ type: "button", text: plain(3), action_id: "a", value: "v", ...own });
const table = (rows: number, cells = 1) => ({
  type: "table",
  rows: Array.from({ length: rows }, () =>
    Array.from({ length: cells }, () => ({ type: "raw_text", text: "c" })),
  ),
});
const complain = (blocks: unknown[], surface: "message" | "home" = "message") =>
  complaintsAboutBlocks(blocks as types.KnownBlock[], surface);

/** The tests of the adapter are worth what these rules are: each is broken once. */
describe("the rules that Slack's stand-in holds messages to", () => {
  test("let good blocks pass", () => {
    const good = [
      { type: "header", text: plain(150) },
      rich({ type: "text", text: "<!channel>" }),
      { type: "actions", elements: [button()] },
      table(3),
    ];
    expect(complain(good)).toEqual([]);
  });

  const BROKEN: Record<string, unknown[]> = {
    "51 blocks": Array.from({ length: 51 }, () => rich({ type: "text", text: "x" })),
    "two tables": [table(1), table(1)],
    "101 rows": [table(101)],
    "21 cells": [table(1, 21)],
    "an unknown block": [{ type: "shouting", text: "x" }],
    "an unknown property": [{ type: "header", text: plain(3), loud: true }],
    "a missing property": [{ type: "header" }],
    "a header that is too long": [{ type: "header", text: plain(151) }],
    "an empty text": [rich({ type: "text", text: "" })],
    "a section without elements": [rich()],
    "a live mention": [rich({ type: "user", user_id: "U1" })],
    "a live broadcast": [rich({ type: "broadcast", range: "channel" })],
    "an emoji": [rich({ type: "emoji", name: "smile" })],
    "mark-up": [{ type: "section", text: { type: "mrkdwn", text: "*x*" } }],
    "plain text with emoji": [{ type: "header", text: { type: "plain_text", text: ":x:" } }],
    "a control character": [rich({ type: "text", text: "a\u0007" })],
    "a button's label that is too long": [{ type: "actions", elements: [button({ text: plain(76) })] }],
    "a button's value that is too long": [{ type: "actions", elements: [button({ value: text(2_001) })] }],
    "two buttons of one action_id": [{ type: "actions", elements: [button(), button()] }],
    "a link that is too long": [rich({ type: "link", url: `https://a.test/${text(3_000)}` })],
    "an alt text that is too long": [{ type: "image", alt_text: text(2_001), slack_file: { id: "F1" } }],
    "more characters than Slack takes together": [
      rich({ type: "text", text: text(7_000) }),
      rich({ type: "text", text: text(7_000) }),
    ],
  };
  for (const [what, blocks] of Object.entries(BROKEN)) {
    test(`complain of ${what}`, () => expect(complain(blocks)).not.toEqual([]));
  }

  test("complain of a table in the Home tab", () => expect(complain([table(1)], "home")).not.toEqual([]));

  test("complain of a notification that is empty, too long or live", () => {
    for (const bad of ["", text(4_001), "<!here>", "a & b", undefined])
      expect(complaintsAboutText(bad)).not.toEqual([]);
    expect(complaintsAboutText("a &amp; b &lt;!here&gt;")).toEqual([]);
  });

  test("complain of a modal with too long a title, or too much kept in it", () => {
    const view = {
      type: "modal",
      title: plain(24),
      submit: plain(4),
      close: plain(6),
      blocks: [],
      private_metadata: "",
    };
    expect(complaintsAboutModal(view as never)).toEqual([]);
    expect(complaintsAboutModal({ ...view, title: plain(25) } as never)).not.toEqual([]);
    expect(complaintsAboutModal({ ...view, private_metadata: text(3_001) } as never)).not.toEqual([]);
  });
});
