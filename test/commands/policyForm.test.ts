import { describe, expect, test } from "@jest/globals";
import { modalOf } from "../../adapters/discord/forms.ts";
import { formView } from "../../adapters/slack/forms.ts";
import { sendableForm } from "../../adapters/web/forms.ts";
import { parseCall } from "../../src/chat/call.ts";
import { formCall, formOf } from "../../src/chat/form.ts";
import { channelPolicyCommand } from "../../src/commands/channel/policy.ts";
import { checkModal } from "../support/discord/rules.ts";
import { initialValues } from "../support/slack/person.ts";
import { complaintsAboutModal } from "../support/slack/rules.ts";

const definition = channelPolicyCommand({ platforms: [], now: Date.now });
/** As long as what may be typed. */
const SERVICES = Array.from({ length: 38 }, (_, at) => `service-${at}-*`).join(",");
const VALUES = {
  severity: "high",
  services: SERVICES,
  quiet: "22:00-07:00 America/Argentina/Buenos_Aires",
  thread: "always",
  mention: Array.from({ length: 10 }, (_, at) => `&12345678901234567${at}`).join(","),
};
const form = formOf(definition, VALUES);

describe("the form of a channel's policy holds what it is now, with nothing cut,", () => {
  test("on Slack", () => {
    const view = formView(definition, form, { channel: "C1" });
    expect(complaintsAboutModal(view)).toEqual([]);
    expect(Object.fromEntries(initialValues(view).map(({ name, value }) => [name, value]))).toEqual(VALUES);
  });

  test("on Discord", () => {
    const modal = modalOf(form, definition, "");
    expect(checkModal(modal)).toEqual([]);
    const written = JSON.stringify(modal);
    for (const value of [VALUES.services, VALUES.quiet, VALUES.mention])
      expect(written).toContain(`"value":${JSON.stringify(value)}`);
    for (const chosen of [VALUES.severity, VALUES.thread])
      expect(written).toContain(`"value":"${chosen}","default":true`);
    expect(written).not.toContain("…");
  });

  test("on the web console", () => {
    const { fields } = sendableForm([definition], form, { channel: "logs" });
    expect(Object.fromEntries(fields.map(({ name, value }) => [name, value]))).toEqual(VALUES);
    for (const { value, maxChars } of fields) expect(value.length).toBeLessThanOrEqual(maxChars);
  });

  test("and can be sent off as it is", () => {
    const { options, whole } = parseCall([definition], formCall("channel policy", VALUES));
    expect(whole).toBe(true);
    expect(options.mention).toHaveLength(10);
    expect(options.services).toHaveLength(38);
  });
});
