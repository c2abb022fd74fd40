import fc from "fast-check";
import { type Block, button, type Card, type Inline, type Text } from "../../src/chat/card.ts";

/** Texts that are hostile to one platform or another, and must stay what they are. */
export const HOSTILE_TEXTS: Record<string, string> = {
  HTML: `<script>alert(1)</script><img src=x onerror=alert(1)> &amp; "quoted' </code></pre>`,
  markdown:
    "*bold* _it_ ~no~ `code` ```fence``` [link](http://evil.test) # head\n> quote\n- item ||spoiler||",
  mentions:
    "@everyone @here <!channel> <!here> <@U123> <@&456> <#C1> <#1234567890123456789> <https://evil.test|click> :smile: </loghunter:1>",
  "control characters":
    "bell\u0007 escape\u001b[31mred\u001b[0m nul\u0000 return\rforged back\b delete\u007f next\u0085 line\u2028 end",
  "bidirectional controls": "user \u202etxt.exe\u202c and \u2066isolated\u2069",
  "bidirectional marks": "user\u200f 1\u200e 2\u061c 3",
  "lone surrogates": "high \ud83d alone, low \ude00 alone, pair \ud83d\ude00 whole",
  "placeholders of secrets": "password=<redacted:password#1>, <redacted:jwt>, <redacted:github-token#12>",
  "combining and joined": "e\u0301 👩‍👩‍👧‍👦 ＜script＞ ﷽ Z̷͔a̸l̵g̶o̷",
};

const char = fc.oneof(
  { weight: 6, arbitrary: fc.string({ maxLength: 12 }) },
  { weight: 2, arbitrary: fc.string({ unit: "binary", maxLength: 8 }) },
  { weight: 2, arbitrary: fc.constantFrom(...Object.values(HOSTILE_TEXTS)) },
  { weight: 1, arbitrary: fc.constantFrom("\ud800", "\udfff", "\0", "\u202e", "`", "<", "\n") },
);

const words = fc.oneof(
  { weight: 20, arbitrary: fc.array(char, { maxLength: 4 }).map((parts) => parts.join("")) },
  { weight: 1, arbitrary: char.map((text) => text.repeat(400)) },
);

const inline: fc.Arbitrary<Inline> = fc.oneof(
  words,
  fc.record({ strong: words }),
  fc.record({ code: words }),
  fc.record({ channel: fc.oneof(words, fc.constantFrom("C0LOGS001", "1234567890123456789", "logs")) }),
  fc.record({
    atMs: fc.integer({ min: 0, max: 4_102_444_800_000 }),
    show: fc.constantFrom(
      "time" as const,
      "time with seconds" as const,
      "date and time" as const,
      "relative" as const,
    ),
  }),
);

const text: fc.Arbitrary<Text> = fc.oneof(words, fc.array(inline, { maxLength: 5 }));
const lines = fc.oneof(
  { weight: 8, arbitrary: fc.array(words, { maxLength: 6 }) },
  { weight: 1, arbitrary: fc.array(words, { minLength: 60, maxLength: 120 }) },
);
const level = fc.option(fc.integer({ min: 0, max: 50 }), { nil: null });

const chart = fc.array(level, { minLength: 1, maxLength: 30 }).chain((values) =>
  fc.record({
    title: words,
    unit: fc.constant("lines / min"),
    fromMs: fc.integer({ min: 0, max: 4_102_444_800_000 }),
    stepMs: fc.constant(60_000),
    values: fc.constant(values),
  }),
);

const block: fc.Arbitrary<Block> = fc.oneof(
  fc.record({ kind: fc.constant("text" as const), text }),
  fc.record({
    kind: fc.constant("facts" as const),
    facts: fc.array(fc.record({ label: words, value: text }), { maxLength: 12 }),
  }),
  fc.record({
    kind: fc.constant("items" as const),
    items: fc.array(
      fc.record(
        { number: fc.integer({ min: 1, max: 40 }), heading: text, detail: text, log: lines },
        { requiredKeys: ["heading"] },
      ),
      { maxLength: 12 },
    ),
  }),
  fc.record({ kind: fc.constant("log" as const), lines, caption: text }, { requiredKeys: ["kind", "lines"] }),
  fc.integer({ min: 1, max: 5 }).chain((width) =>
    fc.record({
      kind: fc.constant("table" as const),
      columns: fc.array(words, { minLength: width, maxLength: width }),
      rows: fc.array(fc.array(text, { minLength: width, maxLength: width }), { maxLength: 12 }),
    }),
  ),
  fc.record({ kind: fc.constant("chart" as const), chart, alt: words }),
  fc.record({
    kind: fc.constant("links" as const),
    links: fc.array(fc.record({ label: words, url: fc.webUrl() }), { maxLength: 6 }),
  }),
  fc.record({
    kind: fc.constant("progress" as const),
    steps: fc.array(
      fc.record({
        label: fc.oneof(words, text),
        state: fc.constantFrom("done" as const, "now" as const, "next" as const),
      }),
      { maxLength: 6 },
    ),
  }),
);

const buttons = fc
  .array(
    fc
      .record({
        label: fc.string({ minLength: 1, maxLength: 30 }).filter((label) => label.trim() !== ""),
        subject: fc.string({ unit: "grapheme-ascii", maxLength: 40 }),
        style: fc.constantFrom("primary" as const, "plain" as const, "danger" as const),
      })
      .map(({ label, subject, style }) => button(label, { name: "test.press", subject }, style)),
    // Two buttons of one action would be one button to most platforms.
    { maxLength: 5 },
  )
  .map((all) =>
    all.filter((one, at) => all.findIndex((other) => other.action.subject === one.action.subject) === at),
  );

/** Any card the core could make, and many it would not. */
export const arbitraryCard: fc.Arbitrary<Card> = fc.record(
  {
    title: words.filter((title) => title.trim() !== ""),
    tone: fc.constantFrom(
      "neutral" as const,
      "working" as const,
      "good" as const,
      "warning" as const,
      "critical" as const,
    ),
    badge: fc.constantFrom("open", "resolved", "likely cause", "<b>?"),
    body: fc.array(block, { maxLength: 8 }),
    actions: buttons,
    footnote: text,
    mentions: fc.array(
      fc.oneof(
        words,
        fc.constantFrom("U0ANNA001", "&S0ONCALL1", "123456789012345678", "&123456789012345670", "you"),
      ),
      { maxLength: 14 },
    ),
  },
  { requiredKeys: ["title", "tone", "body"] },
);
