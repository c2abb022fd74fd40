import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { types } from "@slack/bolt";
import { formOf } from "../../../src/chat/form.ts";
import type { Reply } from "../../../src/chat/platform.ts";
import { makeKey } from "../../../src/keys/apiKey.ts";
import { quiet } from "../../contract/chatHarness.ts";
import { eventually } from "../../support/eventually.ts";
import { createScriptedCore, type ScriptedCore } from "../../support/scriptedCore.ts";
import type { Fault } from "../../support/slack/faults.ts";
import { readBlocks } from "../../support/slack/shown.ts";
import { ANNA } from "../../support/slack/world.ts";
import { type OpenSlack, openHttpSlack, openSocketSlack } from "./harness.ts";

for (const [mode, open] of [
  ["Socket Mode", openSocketSlack],
  ["HTTP", openHttpSlack],
] as const) {
  describe(`A form on Slack, in ${mode}`, () => {
    let core: ScriptedCore;
    let on: OpenSlack;
    beforeEach(async () => {
      core = createScriptedCore();
      on = await open(core);
    });
    afterEach(async () => {
      const { complaints } = on.server;
      await on.close();
      expect(complaints).toEqual([]);
    });

    const bots = () => on.server.world.messages.filter(({ by }) => by === "bot");

    test("offers what the core suggests, and what is typed although nobody suggests it, unless it is an API key", async () => {
      core.suggestions = ["checkout", "checkin"];
      await on.anna.command("filters save");
      const { view } = await eventually(async () => on.server.world.views.at(-1));
      const asked = { callback_id: view.callback_id ?? "", private_metadata: view.private_metadata ?? "" };
      expect(await on.anna.offered(asked, "service", "check")).toEqual(["checkout", "checkin", "check"]);
      expect(await on.anna.offered(asked, "service", "")).toEqual(["checkout", "checkin"]);
      const key = makeKey(randomUUID()).raw;
      expect(await on.anna.offered(asked, "service", key)).toEqual([]);
      core.suggestions = ["x".repeat(80)];
      expect(await on.anna.offered(asked, "service", "x".repeat(76))).toEqual([]);
    });

    test("keeps what was given that none of its menus has", async () => {
      const definition = core.catalogue.find(({ name }) => name === "filters save");
      if (definition === undefined) throw new Error("no such command");
      const values = {
        name: "n".repeat(600),
        service: "s".repeat(90),
        levels: "error,nonsense",
        keep: "7d",
      };
      core.form = async () => ({ form: formOf(definition, values) });
      await on.anna.command("filters save");
      const { view } = await eventually(async () => on.server.world.views.at(-1));
      expect(JSON.stringify(view.blocks)).toContain("n".repeat(600));
      expect(JSON.stringify(view.blocks)).toContain("s".repeat(90));
      expect(JSON.stringify(view.blocks)).toContain("error,nonsense");
      expect(JSON.stringify(view.blocks)).toContain('"7d"');
    });

    test("that Slack does not open any longer is told of, in private", async () => {
      core.form = async () => {
        on.server.expireTriggers();
        return {
          form: {
            command: "filters save",
            title: "Save",
            submitLabel: "Save",
            fields: ["name"],
            values: {},
          },
        };
      };
      await on.anna.command("filters save");
      const told = await eventually(async () => bots()[0]);
      expect(told).toMatchObject({ onlyFor: ANNA.id });
      expect(JSON.stringify(told.blocks)).toContain("Try again");
    });

    const NOT_OPENED: [Fault, RegExp][] = [
      [{ kind: "error", code: "expired_trigger_id" }, /three seconds.* Try again\./],
      [{ kind: "error", code: "trigger_expired" }, /three seconds.* Try again\./],
      [{ kind: "error", code: "exchanged_trigger_id" }, /has opened one\. Ask again/],
      [{ kind: "error", code: "view_too_large" }, /mistake of LogHunter's.*\/loghunter help/],
      [{ kind: "error", code: "invalid_arguments" }, /invalid_arguments.*mistake of LogHunter's/],
      [
        { kind: "error", code: "missing_scope", extra: { needed: "commands" } },
        /scope commands is missing.*once that is mended/,
      ],
      [{ kind: "error", code: "token_revoked" }, /token was revoked.*once that is mended/],
      [{ kind: "error", code: "fatal_error" }, /Slack says fatal_error\. Try again\./],
      [{ kind: "status", status: 503 }, /HTTP status 503\. Try again\./],
    ];
    test.each(NOT_OPENED)(
      "that Slack does not open is told of with the reason there is: %j",
      async (fault, told) => {
        on.server.faults.next("views.open", fault);
        await on.anna.command("filters save");
        const message = await eventually(async () => bots()[0]);
        const text = readBlocks(message.blocks).text;
        expect(text).toMatch(told);
        if (!String(told).includes("three seconds")) expect(text).not.toContain("three seconds");
      },
    );

    test("that Slack does not open names no other way where there is none", async () => {
      on.server.faults.next("views.open", { kind: "error", code: "view_too_large" });
      await on.anna.command("keys create");
      const message = await eventually(async () => bots()[0]);
      expect(readBlocks(message.blocks).text).toMatch(/mistake of LogHunter's, .* will not help\.$/m);
    });

    test("that the core does not bring in time is told of", async () => {
      core.form = () => new Promise(() => {});
      await on.anna.command("filters save");
      const told = await eventually(async () => bots()[0]);
      expect(JSON.stringify(told.blocks)).toContain("three seconds");
    });

    const mistake = (text: string): Reply => ({
      kind: "message",
      visibility: "caller",
      card: { title: "That did not work", tone: "warning", body: [{ kind: "text", text }] },
      mistake: text,
    });

    test("shows what its fields are wrong in together, beside the first that is named, and stays open", async () => {
      core.answer(mistake("It needs at least one of service, levels and keywords."));
      await on.anna.command("filters save");
      const opened = await eventually(async () => on.server.world.views.at(-1));
      const sent = await on.anna.submit(opened, { name: "mine" });
      expect(sent.acknowledged).toEqual({
        response_action: "errors",
        errors: { service: "It needs at least one of service, levels and keywords." },
      });
      core.answer(mistake("Nothing of it is known."));
      expect((await on.anna.submit(opened, { name: "mine" })).acknowledged).toMatchObject({
        errors: { name: "Nothing of it is known." },
      });
      await quiet();
      expect(bots()).toEqual([]);
      core.answer({
        kind: "message",
        visibility: "channel",
        card: { title: "Saved", tone: "good", body: [] },
      });
      await on.anna.submit(opened, { name: "mine", service: "checkout" });
      await eventually(async () => bots().find(({ text }) => text.includes("Saved")));
      expect(on.server.world.views).toEqual([]);
    });

    test("is closed where nothing is said of it in time, and answered when it is", async () => {
      let answer: (reply: Reply) => void = () => undefined;
      core.answerWith(
        () =>
          new Promise((resolve) => {
            answer = resolve;
          }),
      );
      await on.anna.command("filters save");
      const opened = await eventually(async () => on.server.world.views.at(-1));
      await on.anna.submit(opened, { name: "mine" });
      expect(on.server.world.views).toEqual([]);
      answer(mistake("It needs a service."));
      const told = await eventually(async () => bots()[0]);
      expect(told).toMatchObject({ onlyFor: ANNA.id });
      expect(readBlocks(told.blocks).text).toContain("It needs a service.");
    });

    test("says in each menu what is done with it", async () => {
      await on.anna.command("filters save");
      const { view } = await eventually(async () => on.server.world.views.at(-1));
      const elements = (view.blocks as types.InputBlock[]).map(({ element }) => element);
      const menus = elements.filter(({ type }) => type.endsWith("_select"));
      expect(menus.length).toBeGreaterThan(2);
      for (const menu of menus)
        expect(menu).toMatchObject({ placeholder: { text: expect.stringMatching(/^(Choose|Any)/) } });
    });

    test("is answered with no values where the core takes too long to offer some", async () => {
      core.suggest = () => new Promise(() => {});
      await on.anna.command("filters save");
      const { view } = await eventually(async () => on.server.world.views.at(-1));
      const asked = { callback_id: view.callback_id ?? "", private_metadata: view.private_metadata ?? "" };
      expect(await on.anna.offered(asked, "service", "ch")).toEqual([]);
    });
  });
}
