import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { renderCard } from "../../../adapters/web/render.ts";
import { GOLDEN_CARDS } from "../../support/goldenCards.ts";

const FOLDER = new URL("../../golden/web/", import.meta.url);
/** `UPDATE_GOLDEN=1 npm test -- web/golden` writes them anew: read the difference before it is committed. */
const isUpdating = process.env.UPDATE_GOLDEN === "1";

describe("the web console's cards", () => {
  for (const [name, card] of Object.entries(GOLDEN_CARDS)) {
    test(`look as they were agreed to: ${name}`, () => {
      const html = String(renderCard(card, { message: "m1", revision: 1, zone: "UTC" }));
      // An element a line, so that a difference can be read.
      const written = `${html.replaceAll("><", ">\n<")}\n`;
      const file = new URL(`${name.replaceAll(" ", "-")}.html`, FOLDER);
      if (isUpdating) {
        mkdirSync(FOLDER, { recursive: true });
        writeFileSync(file, written);
      }
      expect(written).toBe(readFileSync(file, "utf8"));
    });
  }
});
