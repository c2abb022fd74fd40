import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { messageOf } from "../../../adapters/discord/message.ts";
import { createLog } from "../../../src/log.ts";
import { GOLDEN_CARDS } from "../../support/goldenCards.ts";
import { ONE_PIXEL } from "./harness.ts";

/**
 * What is sent to Discord for each look that people see. UPDATE_GOLDEN=yes writes it anew; look at the difference, and
 * at one of them in a client: https://discord.builders shows them.
 */
describe("What Discord is sent", () => {
  for (const [name, card] of Object.entries(GOLDEN_CARDS)) {
    test(`for a card "${name}" is what it was`, async () => {
      const parts = { draw: async () => ONE_PIXEL, log: createLog("silent"), ask: true };
      const { body } = await messageOf(card, parts);
      const file = new URL(`../../golden/discord/${name.replaceAll(" ", "-")}.json`, import.meta.url);
      const written = `${JSON.stringify(body, null, 2)}\n`;
      if (process.env.UPDATE_GOLDEN === "yes") writeFileSync(file, written);
      if (!existsSync(file)) throw new Error(`there is no ${file.pathname}: write it with UPDATE_GOLDEN=yes`);
      expect(JSON.parse(written)).toEqual(JSON.parse(readFileSync(file, "utf8")));
    });
  }
});
