import { afterAll, afterEach, beforeAll, describe, expect } from "@jest/globals";
import type { BrowserContext, Locator, Page } from "playwright-core";
import { createWebConsole, type WebConsoleOptions } from "../../../adapters/web/index.ts";
import type { Card } from "../../../src/chat/card.ts";
import type { MessageRef } from "../../../src/chat/platform.ts";
import { findChromium, openBrowser, type TestBrowser } from "../../support/browser.ts";
import { until } from "../../support/eventually.ts";
import { createScriptedCore, type ScriptedCore } from "../../support/scriptedCore.ts";
import { webOptions } from "./harness.ts";

export interface OpenPage {
  page: Page;
  core: ScriptedCore;
  context: BrowserContext;
  /** Another one in its place is stopped in the end. */
  web: ReturnType<typeof createWebConsole>;
  options: WebConsoleOptions;
  /** What the page may say of trouble; nothing where it is not set. */
  expected?: RegExp;
  card(title: string): Locator;
  /** Asked again from here: the page's own policy forbids it to evaluate what playwright's waiting would. */
  comesTrue(expression: string): Promise<void>;
  post(card: Card): Promise<MessageRef>;
}

const PLACE = { platform: "web", workspace: "here", channel: "logs" };

export type OpensPage = (own?: Partial<WebConsoleOptions>) => Promise<OpenPage>;

/** Tests of the page in Chromium: each opens its own, of its own console, and none may say of trouble. */
export function describeInBrowser(name: string, tests: (open: OpensPage) => void): void {
  const chromium = findChromium();
  if ("skipped" in chromium) {
    console.warn(chromium.skipped);
    describe.skip(name, () => tests(() => Promise.reject(new Error(chromium.skipped))));
    return;
  }
  describe(name, () => {
    let browser: TestBrowser;
    let opened: OpenPage | undefined;
    let troubles: string[] = [];

    beforeAll(async () => {
      browser = await openBrowser(chromium.path, { width: 1280, height: 800 });
    });
    afterAll(() => browser.close());
    afterEach(async () => {
      await opened?.page.close();
      await opened?.web.stop();
      opened = undefined;
      expect(troubles).toEqual([]);
    });

    tests(async (own) => {
      const core = createScriptedCore();
      core.suggestions = ["checkout", "payments"];
      const options = webOptions(own);
      const web = createWebConsole(options);
      await web.start(core);
      // A restart comes back under the same address.
      options.port = Number(new URL(web.url).port);
      const page = await browser.context.newPage();
      const it: OpenPage = {
        page,
        core,
        context: browser.context,
        web,
        options,
        card: (title) => page.locator(".card", { hasText: title }),
        comesTrue: (expression) => until(() => page.evaluate<boolean>(expression), expression),
        async post(card) {
          const delivery = await it.web.post(PLACE, card, { deliveryId: card.title });
          if (delivery.outcome !== "sent") throw new Error(delivery.why);
          return delivery.message;
        },
      };
      opened = it;
      troubles = [];
      page.on("pageerror", (error) => troubles.push(error.message));
      page.on("console", (message) => {
        if (message.type() === "error" && !it.expected?.test(message.text())) troubles.push(message.text());
      });
      await page.goto(web.url);
      // The page's script runs: what is typed before is only text.
      await page.locator("#write[role=combobox]").waitFor();
      return it;
    });
  });
}

export const plain = (title: string): Card => ({ title, tone: "neutral", body: [] });
