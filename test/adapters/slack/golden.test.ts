import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { LIMITS } from "../../../adapters/slack/limits.ts";
import { renderCard } from "../../../adapters/slack/render.ts";
import { fitCard } from "../../../src/chat/fit.ts";
import { GOLDEN_CARDS } from "../../support/goldenCards.ts";
import { complaintsAboutBlocks } from "../../support/slack/rules.ts";

const FOLDER = new URL("../../golden/slack/", import.meta.url);
/** `UPDATE_GOLDEN=1 npm test -- slack/golden` writes them anew: read the difference before it is committed. */
const isUpdating = process.env.UPDATE_GOLDEN === "1";

describe("Slack's cards", () => {
  for (const [name, card] of Object.entries(GOLDEN_CARDS)) {
    test(`look as they were agreed to: ${name}`, () => {
      const fitted = fitCard(card, LIMITS);
      const charts = fitted.card.body.flatMap((block, at) => (block.kind === "chart" ? [at] : []));
      const rendered = renderCard(fitted, new Map(charts.map((at) => [at, `F0CHART${at}`])));
      expect(complaintsAboutBlocks(rendered.blocks, "message")).toEqual([]);
      const file = new URL(`${name.replaceAll(" ", "-")}.json`, FOLDER);
      if (isUpdating) {
        mkdirSync(FOLDER, { recursive: true });
        writeFileSync(file, `${JSON.stringify(rendered, null, 2)}\n`);
      }
      expect(rendered).toEqual(JSON.parse(readFileSync(file, "utf8")));
    });
  }
});
