import { beforeEach, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { button, type Card } from "../../../src/chat/card.ts";
import { until } from "../../support/eventually.ts";
import type { ScriptedCore } from "../../support/scriptedCore.ts";
import { KEY, secretReply, THEN } from "../../support/secretReply.ts";
import { describeInBrowser, type OpenPage, plain } from "./inBrowser.ts";

describeInBrowser("forms in a browser", (open) => {
  let page: Page;
  let core: ScriptedCore;
  let stage: OpenPage;

  beforeEach(async () => {
    stage = await open();
    ({ page, core } = stage);
  });

  const dialog = () => page.locator("dialog.form");
  const field = (name: string) => page.locator(`#field-${name}`);
  async function type(text: string): Promise<void> {
    await page.locator("#write").fill(text);
    await page.locator("#write").press("Escape");
    await page.locator("#write").press("Enter");
  }

  test("a command without what it needs opens its form, says what is wrong in it, and is then done", async () => {
    core.answer({ kind: "message", visibility: "channel", card: plain("Filter kept") });
    await type("/loghunter filters save service:checkout");
    await dialog().waitFor();
    expect(await dialog().locator("h2").textContent()).toBe("Save a filter");
    expect(await field("service").inputValue()).toBe("checkout");
    // What only opened a form was not said.
    expect(await page.locator(".message").count()).toBe(0);

    await field("name").fill("two words");
    await dialog().locator("label", { hasText: "error" }).click();
    await field("keep").fill("1d");
    await field("keywords").fill('timed out "no answer"');
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await dialog().getByText('"two words" is not a name').waitFor();
    expect(core.inbounds).toEqual([]);
    expect(await page.evaluate<string>("document.activeElement.id")).toBe("field-name");

    await field("name").fill("slow");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await stage.card("Filter kept").waitFor();
    await dialog().waitFor({ state: "detached" });
    expect(core.inbounds).toMatchObject([
      {
        kind: "command",
        call: {
          name: "filters save",
          options: {
            name: "slow",
            service: "checkout",
            levels: "error",
            keep: "1d",
            keywords: 'timed out "no answer"',
          },
        },
      },
    ]);
    // What stands there for it can be typed.
    expect(await page.locator(".said").textContent()).toBe(
      '/loghunter filters save slow service:checkout levels:error keep:1d timed out "no answer"',
    );
  });

  test("a button opens its form with suggestions, Escape puts it away, and its answer opens the thread", async () => {
    const actions = [button("Save as filter", { name: "test.form", subject: "" })];
    await stage.post({ ...plain("found"), actions });
    const open = () => stage.card("found").getByRole("button", { name: "Save as filter" }).click();
    await open();
    await dialog().waitFor();
    await page.keyboard.press("Escape");
    await dialog().waitFor({ state: "detached" });

    await open();
    await field("service").fill("");
    await field("service").pressSequentially("pay");
    await page.locator('#field-service-list option[value="payments"]').waitFor({ state: "attached" });
    await until(() => core.asks.at(-1)?.typed === "pay");
    expect(core.asks.at(-1)).toMatchObject({ command: "filters save", option: "service" });
    await field("name").fill("slow");
    core.answer({ kind: "message", visibility: "channel", card: plain("saved from it") });
    await field("name").press("Enter");
    await page.locator("#thread .card", { hasText: "saved from it" }).waitFor();
  });

  test("what a button chose stands in its form as it opens", async () => {
    const actions = [button("Not right", { name: "test.judge", subject: "5fdd33dc" })];
    await stage.post({ ...plain("found"), actions });
    await stage.card("found").getByRole("button", { name: "Not right" }).click();
    await dialog().waitFor();
    expect(await field("verdict").inputValue()).toBe("wrong");
  });

  test("a key that a form makes stands there until the page is left, and is nowhere after that", async () => {
    const { reply, outcomes } = secretReply();
    core.answer(reply);
    await type("/loghunter keys create");
    await dialog().waitFor();
    await field("name").fill("deploy");
    await page.getByRole("button", { name: "Create", exact: true }).click();
    await stage.card(THEN).waitFor();
    expect(await stage.card("A new key").locator(".line").textContent()).toBe(KEY);
    expect(await stage.card("A new key").count()).toBe(1);
    expect(outcomes).toEqual(["shown"]);

    await page.reload();
    await stage.card(THEN).waitFor();
    expect(await stage.card("A new key").textContent()).toContain("it is kept nowhere");
    expect(await page.content()).not.toContain(KEY);
    const shelves = "JSON.stringify([Object.entries(sessionStorage), Object.entries(localStorage)])";
    expect(await page.evaluate<string>(shelves)).not.toContain(KEY);
  });

  test("a form that somebody may not have shows why", async () => {
    core.refuseForms(plain("not for you"));
    await type("/loghunter filters save");
    await stage.card("not for you").waitFor();
    expect(await dialog().count()).toBe(0);
  });

  test("a message that was pasted can be explained; a command and a question cannot", async () => {
    await type("/loghunter status");
    await stage.card("Answered").waitFor();
    for (const question of ["why did checkout time out?", "is it a TypeError since 14:05?"]) {
      await type(question);
      await page.locator(".message[data-id] .said", { hasText: question }).waitFor();
    }
    expect(await page.locator("button[data-explain]").count()).toBe(0);
    const pasted = "2026-01-01T00:00:00Z ERROR no answer from <orders>";
    await type(pasted);
    core.answer({ kind: "message", visibility: "channel", card: plain("a time-out") });
    await stage.card("press Explain this log under them").waitFor();
    await page.mouse.move(0, 0);
    const explain = page.getByRole("button", { name: "Explain this log" });
    const opacity = "getComputedStyle(document.querySelector('button[data-explain]')).opacity";
    expect(await page.evaluate<string>(opacity)).toBe("1");
    await explain.click();
    await page.locator("#thread .card", { hasText: "a time-out" }).waitFor();
    expect(core.inbounds.at(-1)).toMatchObject({ kind: "explain", text: pasted });
  });

  test("on a phone the stacks under five kinds of errors take two whole lines each, and are whole when they are touched", async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    const log = ["request failed", ...Array.from({ length: 5 }, (_, i) => `    at frame ${i}`)];
    const items = [1, 2, 3, 4, 5].map((number) => ({ number, heading: "a kind of error ".repeat(12), log }));
    core.answer({
      kind: "message",
      visibility: "channel",
      card: { ...plain("a root cause"), body: [{ kind: "items", items }] },
    });
    await type("/loghunter analyze checkout");
    const lines = page.locator(".card .lines");
    const heights = async () =>
      (await lines.evaluateAll((all) => all.map((each) => each.clientHeight))) as number[];
    await lines.nth(4).waitFor();
    // Two of 18.6 px, and 7 above and below: none is cut through.
    expect(new Set((await heights()).map((height) => Math.round(height)))).toEqual(new Set([51]));
    // What does not fit is neither scrolled up nor sideways in so small a box.
    const overflows =
      "[...document.querySelectorAll('.card .lines')].map((box) => getComputedStyle(box).overflow)";
    expect(new Set(await page.evaluate<string[]>(overflows))).toEqual(new Set(["hidden"]));
    await lines.nth(4).focus();
    expect((await heights())[4]).toBeGreaterThan(100);
    expect((await page.locator(".card").boundingBox())?.height).toBeLessThan(844);
  });

  test("lines of which the newest are last open at those", async () => {
    const lines = Array.from({ length: 200 }, (_, i) => `line ${i}`);
    const cardOf = (more: object): Card => ({ ...plain("found"), body: [{ kind: "log", lines, ...more }] });
    await stage.post({ ...cardOf({ newestLast: true }), title: "newest last" });
    await stage.post(cardOf({}));
    const boxes = page.locator(".card .lines");
    await boxes.nth(1).waitFor();
    const left = await boxes.evaluateAll((all) =>
      all.map((each) => each.scrollHeight - each.clientHeight - each.scrollTop),
    );
    expect(left[0]).toBeLessThan(2);
    expect(left[1]).toBeGreaterThan(100);
  });
});
