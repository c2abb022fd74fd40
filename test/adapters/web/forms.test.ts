import { expect, test } from "@jest/globals";
import { sendableForm } from "../../../adapters/web/forms.ts";
import { formOf } from "../../../src/chat/form.ts";
import { channelPolicyCommand } from "../../../src/commands/channel/policy.ts";
import { giveFeedbackCommand } from "../../../src/commands/feedback/give.ts";
import { levels } from "../../../src/commands/options.ts";

const at = { channel: "general" };
const fieldsOf = (values: Record<string, string>) => {
  const definition = giveFeedbackCommand();
  return sendableForm([definition], formOf(definition, values), at).fields;
};

test("what a button fills in is kept and not shown; where nobody filled it in it is asked for", () => {
  const about = (values: Record<string, string>) => fieldsOf(values).find(({ name }) => name === "about");
  expect(about({ verdict: "wrong", about: "5fdd33dc" })).toMatchObject({ kind: "hidden", value: "5fdd33dc" });
  expect(about({})).toMatchObject({ kind: "text", value: "" });
});

test("a hint under boxes does not say how several are typed", () => {
  const definition = {
    ...giveFeedbackCommand(),
    options: [levels],
    form: { title: "Levels", submitLabel: "Save", fields: ["levels"] },
  };
  const [field] = sendableForm([definition], formOf(definition, {}), at).fields;
  expect(field).toMatchObject({ kind: "choices", description: "Only these levels" });
});

test("a hint under a field for several says how they are typed, and what is said instead of any", () => {
  const definition = channelPolicyCommand({ platforms: [], now: Date.now });
  const { fields } = sendableForm([definition], formOf(definition, {}), at);
  const hints = Object.fromEntries(fields.map(({ name, description }) => [name, description]));
  expect(hints).toMatchObject({
    services: "Only these services, with commas between, * for any letters: checkout,pay-*; off for all",
    mention: "Who is mentioned when it is CRITICAL, with commas between: @ann, @on-call; off for nobody",
  });
});
