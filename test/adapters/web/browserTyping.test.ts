import { beforeEach, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { createChartDrawer } from "../../../src/charts/draw.ts";
import { button, type Card } from "../../../src/chat/card.ts";
import { until } from "../../support/eventually.ts";
import type { ScriptedCore } from "../../support/scriptedCore.ts";
import { describeInBrowser, type OpenPage, plain } from "./inBrowser.ts";

describeInBrowser("typing in a browser", (open) => {
  let page: Page;
  let core: ScriptedCore;
  let stage: OpenPage;

  beforeEach(async () => {
    stage = await open({ draw: createChartDrawer() });
    ({ page, core } = stage);
  });

  const field = () => page.locator("#write");
  /** Soon: a suggestion that is still on its way is taken once it is here. */
  const written = (text: RegExp) => until(async () => text.test(await field().inputValue()), `${text}`);
  /** By its id or its words. */
  const FOCUSED = "(document.activeElement.id || document.activeElement.textContent)";
  const focusOn = (what: string) => stage.comesTrue(`${FOCUSED} === ${JSON.stringify(what)}`);

  test("a command is typed with suggestions, shows its work, and then its card with a picture", async () => {
    let finish = async () => {};
    const progress: Card = {
      title: "checkout",
      tone: "working",
      body: [{ kind: "progress", steps: [{ label: "Reading the logs", state: "now" }] }],
    };
    const chart = {
      title: "checkout",
      unit: "errors / min",
      fromMs: 1_764_000_000_000,
      stepMs: 60_000,
      values: [1, 2, 40],
    };
    core.answer({
      kind: "message",
      visibility: "channel",
      card: progress,
      shown: async (message) => {
        finish = async () => {
          await stage.web.edit(message, {
            ...plain("checkout: likely cause"),
            body: [{ kind: "chart", chart, alt: "It rose" }],
          });
        };
      },
    });
    await field().pressSequentially("/ana");
    await page.getByRole("option", { name: /analyze/ }).waitFor();
    await field().press("Tab");
    await field().pressSequentially("che");
    const service = page.getByRole("option", { name: /checkout/ });
    await service.waitFor();
    await field().press("ArrowDown");
    expect(await service.getAttribute("aria-selected")).toBe("true");
    await field().press("Enter");
    await written(/^\/loghunter analyze checkout $/);
    await field().press("Enter");
    await stage.card("Reading the logs").waitFor();
    await finish();
    await stage.card("likely cause").waitFor();
    await stage.comesTrue("document.querySelector('.chart img').naturalWidth > 0");
    expect(await page.locator("#messages > li").count()).toBe(2);
  });

  test("Enter sends /loghunter alone, and goes on from what only begins a command", async () => {
    core.answer({ kind: "message", visibility: "caller", card: plain("What I can do") });
    await field().pressSequentially("/log");
    await page.getByRole("option").first().waitFor();
    await field().press("Enter");
    await written(/^\/loghunter [a-z]+/);
    await field().fill("");
    await field().pressSequentially("/loghunter");
    await page.getByRole("option").first().waitFor();
    await field().press("Enter");
    await stage.card("What I can do").waitFor();
    expect(core.inbounds).toMatchObject([{ kind: "command", call: { text: "" } }]);
  });

  test("Tab takes what goes with what was typed, also while its suggestions are on their way", async () => {
    let answer = (): void => {};
    const held = new Promise<void>((resolve) => {
      answer = resolve;
    });
    await field().fill("/loghunter analyze ");
    await page.getByRole("option").first().waitFor();
    await page.route("**/complete?*", (route) => held.then(() => route.continue()));
    await field().pressSequentially("paym");
    await field().press("Tab");
    answer();
    await written(/^\/loghunter analyze payments $/);
  });

  test("what was chosen stays chosen when suggestions for the rest of the word come", async () => {
    let answer = (): void => {};
    const held = new Promise<void>((resolve) => {
      answer = resolve;
    });
    await field().fill("/loghunter analyze ");
    const payments = page.getByRole("option", { name: /payments/ });
    await payments.waitFor();
    await page.route("**/complete?*", (route) => held.then(() => route.continue()));
    const answered = page.waitForResponse("**/complete?*");
    await field().pressSequentially("p");
    await field().press("ArrowDown");
    await field().press("ArrowDown");
    const chosen = () => page.getByRole("option", { selected: true }).allTextContents();
    expect(await chosen()).toEqual([expect.stringMatching(/^payments/)]);
    answer();
    await answered;
    await until(async () => (await page.getByRole("option").count()) === 1);
    expect(await chosen()).toEqual([expect.stringMatching(/^payments/)]);
  });

  test("Esc also keeps away the suggestions that are on their way", async () => {
    await page.route("**/complete?*", () => {});
    const given = page.waitForEvent("requestfailed");
    const asked = page.waitForRequest("**/complete?*");
    await field().pressSequentially("/");
    await asked;
    await page.keyboard.press("Escape");
    expect((await given).url()).toContain("/complete?");
  });

  test("everything can be done with a keyboard alone", async () => {
    await stage.post({ ...plain("alert"), actions: [button("Mute", { name: "mute", subject: "1" })] });
    await stage.card("alert").waitFor();
    core.answer({
      kind: "replace",
      card: { ...plain("alert, muted"), actions: [button("Unmute", { name: "unmute", subject: "1" })] },
    });
    await focusOn("write");
    await page.keyboard.press("Shift+Tab");
    await focusOn("Reply in thread");
    await page.keyboard.press("Shift+Tab");
    await focusOn("Mute");
    await page.keyboard.press("Enter");
    await stage.card("muted").waitFor();
    await focusOn("Unmute");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await focusOn("write-thread");
    await page.keyboard.press("Escape");
    await focusOn("Reply in thread");
    await page.keyboard.press("Tab");
    await page.keyboard.type("/loghunter status");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Enter");
    await page.locator(".said", { hasText: "/loghunter status" }).waitFor();
    await focusOn("write");
    await page.keyboard.press("ArrowUp");
    await written(/^\/loghunter status$/);
    await page.keyboard.press("Shift+Enter");
    expect(await field().inputValue()).toBe("/loghunter status\n");
  });

  test("what was sent is fetched back with the arrows, also before it has arrived", async () => {
    let arrive = (): void => {};
    const held = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    const send = async (text: string) => {
      await field().fill(text);
      await page.keyboard.press("Escape");
      await page.keyboard.press("Enter");
      await page.locator(".said", { hasText: text }).waitFor();
    };
    await send("/loghunter status");
    await stage.card("Answered").waitFor();
    await page.route("**/say", (route) => held.then(() => route.continue()));
    await send("/loghunter errors checkout");
    const recalled: string[] = [];
    const recall = async (key: "ArrowUp" | "ArrowDown") => {
      await page.keyboard.press(key);
      recalled.push(await field().inputValue());
    };
    for (const key of ["ArrowUp", "ArrowUp", "ArrowUp", "ArrowDown", "ArrowDown"] as const) await recall(key);
    arrive();
    await stage.card("Answered").nth(1).waitFor();
    for (const key of ["ArrowUp", "ArrowUp"] as const) await recall(key);
    expect(recalled).toEqual([
      "/loghunter errors checkout",
      "/loghunter status",
      "/loghunter status",
      "/loghunter errors checkout",
      "",
      "/loghunter errors checkout",
      "/loghunter status",
    ]);
  });
});
