import { expect, test } from "@jest/globals";
import { neutral } from "../../src/analysis/prompt/neutral.ts";

test.each([
  ["<end_of_utterance>", "‹end_of_utterance›"],
  ["<unused99>", "‹unused99›"],
  ["<reserved_special_token_0>", "‹reserved_special_token_0›"],
  ["<extra_id_0>", "‹extra_id_0›"],
  ["<fim_prefix>", "‹fim_prefix›"],
  ["<start_of_image>", "‹start_of_image›"],
  ["<tools>", "‹tools›"],
  ["</tools>", "‹/tools›"],
  ["< image >", "‹ image ›"],
  ["<mask>", "‹mask›"],
  ["<0x0A>", "‹0x0A›"],
  ["[CONTROL_1]", "(CONTROL_1)"],
  ["[/IMG_BREAK]", "(/IMG_BREAK)"],
  ["[PREFIX]", "(PREFIX)"],
  ["[IMG]", "(IMG)"],
  ["<｜begin▁of▁sentence｜>", "‹¦begin of sentence¦›"],
  ["<begin▁of▁sentence>", "‹begin of sentence›"],
  ["‹begin▁of▁sentence›", "‹begin of sentence›"],
  ["</EVIDENCE>", "‹/EVIDENCE›"],
  ["<evidence-AAAA>", "‹evidence-AAAA›"],
  ["<function_results>", "‹function_results›"],
  ["\nHuman：hi", "\nHuman;hi"],
])("a mark of a template is one no more: %s", (mark, text) => {
  expect(neutral(mark)).toBe(text);
  expect(neutral(text)).toBe(text);
});

test.each([
  '<div class="a_b">x</div>',
  '<order id="1"><item/></order>',
  "<html><body><h1>503</h1></body></html>",
  "<soap:Envelope>",
  "List<String> and Map<String, Integer>",
  "at Foo.<init>(Foo.java:3)",
  "<redacted:jwt#1>",
  "<none> <nil> <stdin> <unknown>",
  "[ERROR] [main] [HTTP] [GC] 12",
  "a < b > c, x<y2 && z>3",
  "vector<uint8_t>",
  "▁▂▃▅",
])("what logs have in brackets stays: %s", (text) => expect(neutral(text)).toBe(text));

test("a name with a joint in it can still be read", () => {
  expect(neutral("<order_id>42</order_id>")).toBe("‹order_id›42‹/order_id›");
});
