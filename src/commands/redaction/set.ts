import { type Block, button, type Card, type Inline } from "../../chat/card.ts";
import { UserError } from "../../errors.ts";
import { redact } from "../../logs/redaction.ts";
import { type Example, exampleOf } from "../../redactionRules/example.ts";
import {
  type Effect,
  keepPattern,
  MOST_OF_AN_EFFECT,
  type RedactionPattern,
} from "../../redactionRules/store.ts";
import { takeOutOfKept } from "../../redactionRules/takeOut.ts";
import { redactionOf } from "../../redactionRules/tenantRedaction.ts";
import { audited, type Caller } from "../audited.ts";
import { type Command, defineCommand, message } from "../command.ts";
import { pattern } from "./pattern.ts";

/** `redaction hide`: what no rule takes for a secret is redacted all the same. */
export function hidePatternCommand(): Command {
  return defineCommand({
    name: "redaction hide",
    summary: "Hide values of a form that no rule knows, in everything of this organisation",
    examples: ["redaction hide CUST-########", "redaction hide *-##.internal.corp"],
    role: "admin",
    visibility: "caller",
    options: [pattern],
    form: { title: "Hide a pattern", submitLabel: "Hide", fields: ["pattern"] },
    async run(call) {
      const { pattern } = call.options;
      // It is kept as it is typed, and listed.
      if (redact(pattern) !== pattern)
        throw new UserError(
          "That is hidden already, without a pattern of yours. Where it is a secret itself, write its form instead: # for a digit, * for any characters.",
        );
      return message(await set(call, pattern, "hide"), "caller");
    },
  });
}

/** `redaction show`: what a rule takes for a secret stays readable. */
export function showPatternCommand(): Command {
  return defineCommand({
    name: "redaction show",
    summary: "Show values of a form that a rule takes for secrets",
    examples: ["redaction show *@shop.example", "redaction show noreply@*"],
    role: "admin",
    visibility: "caller",
    options: [pattern],
    form: { title: "Show a pattern", submitLabel: "Show", fields: ["pattern"] },
    async run(call) {
      const { pattern } = call.options;
      return message(await set(call, pattern, "show"), "caller");
    },
  });
}

async function set(call: Caller, pattern: string, effect: Effect): Promise<Card> {
  const { scope } = call.workspace();
  const change = { action: "redaction.changed", subject: pattern, detail: { effect } } as const;
  const kept = await audited<RedactionPattern | undefined>(
    call,
    (kept) => (kept === undefined ? undefined : change),
    (db) => keepPattern(scope, db, { pattern, effect, createdBy: call.person.name }),
  );
  if (kept === undefined)
    throw new UserError(
      `There are ${MOST_OF_AN_EFFECT} patterns already that ${effect}. Look at them with redaction list, and remove one with redaction remove <pattern>.`,
    );
  const redaction = await redactionOf(scope);
  // Also of one that was there already: should this have broken off, asking again finishes it.
  const changed = effect === "hide" ? await takeOutOfKept(scope, pattern, redaction) : 0;
  return setCard(kept, exampleOf(pattern, effect, redaction), changed);
}

const SAID: Record<Effect, { title: string; badge: string; caption: string; footnote: readonly Inline[] }> = {
  hide: {
    title: "Hidden from now on",
    badge: "HIDDEN",
    caption: "Values of this form are redacted in everything that is shown and kept:",
    footnote: [
      "Messages that stand in a channel already stay as they are. All patterns: ",
      { code: "redaction list" },
      ".",
    ],
  },
  show: {
    title: "Readable from now on",
    badge: "SHOWN",
    caption: "Whole values of this form stay readable, for everybody who sees these logs:",
    footnote: ["What was redacted before stays so. All patterns: ", { code: "redaction list" }, "."],
  },
};

/** A pattern stands in a log block: a card's other texts may be redacted where they are kept. */
function setCard(
  { id, pattern, effect }: RedactionPattern,
  example: Example | undefined,
  changed: number,
): Card {
  const { title, badge, caption, footnote } = SAID[effect];
  const body: Block[] = [{ kind: "log", caption, lines: [pattern] }];
  if (example !== undefined)
    body.push({
      kind: "log",
      caption: "A made-up line, without it and with it:",
      lines: [example.before, example.after],
    });
  if (changed > 0)
    body.push({
      kind: "text",
      text: `It was taken out of what was kept before, in ${changed.toLocaleString("en-US")} ${changed === 1 ? "place" : "places"}.`,
    });
  return {
    title,
    tone: "good",
    badge,
    body,
    actions: [button("Remove", { name: "redaction.remove", subject: id })],
    footnote,
  };
}
