import { rm } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { findChromium, openBrowser, type TestBrowser } from "../support/browser.ts";
import { until } from "../support/eventually.ts";
import { endPrograms, makeStateDirectory, startProgram } from "../support/program.ts";

const chromium = findChromium();
if ("skipped" in chromium) console.warn(chromium.skipped);

/** The main job as a stranger does it: a bare start, a real browser, the recorded incidents. */
(("skipped" in chromium ? describe.skip : describe) as typeof describe)(
  "in a browser, on the recorded incidents",
  () => {
    let stateDirectory: string;
    let browser: TestBrowser;
    let page: Page;

    beforeAll(async () => {
      stateDirectory = await makeStateDirectory();
      const program = await startProgram({ STATE_DIR: stateDirectory });
      if ("path" in chromium) browser = await openBrowser(chromium.path, { width: 1280, height: 900 });
      page = await browser.context.newPage();
      await page.goto(program.address);
    });

    afterAll(async () => {
      await browser.close();
      await endPrograms();
      await rm(stateDirectory, { recursive: true, force: true });
    });

    const card = (text: string) => page.locator("#messages .card", { hasText: text });
    const thread = () => page.locator("#thread");

    test("a typed command is completed with the names of real services", async () => {
      await page.locator("#write").pressSequentially("/loghunter analyze chec");

      await page.locator('[role="option"]:first-child', { hasText: "checkout" }).waitFor();
      await page.locator("#write").press("Tab");
      const taken = async () =>
        (await page.locator("#write").inputValue()).startsWith("/loghunter analyze checkout");
      await until(taken);
    });

    test("analyze shows that it works, and turns into the root cause with its evidence and picture", async () => {
      const seen: string[] = [];
      await page.exposeFunction("sawCard", (title: string) => seen.push(title));
      await page.evaluate(`new MutationObserver(() => {
      for (const title of document.querySelectorAll("#messages .card-title")) sawCard(title.textContent);
    }).observe(document.querySelector("#messages"), { childList: true, subtree: true, characterData: true })`);

      await page.locator("#write").press("Enter");
      const answer = card("checkout: likely cause found");
      await answer.waitFor();

      expect(seen).toContain("checkout: looking for the cause");
      expect(await answer.textContent()).toContain(
        "orders-db: the database refuses connections because every slot is in use.",
      );
      expect(await answer.textContent()).toMatch(/\[1\][\s\S]*remaining connection slots/);
      const picture = answer.locator("img");
      expect(await picture.getAttribute("alt")).toMatch(/checkout: errors/);
      const decoded = `(async () => {
      const img = document.querySelector("#messages .card img");
      await img.decode();
      return img.naturalWidth;
    })()`;
      expect(await page.evaluate(decoded)).toBeGreaterThan(600);
    });

    test("a press is kept and answered in the thread, for the one who pressed", async () => {
      await card("checkout: likely cause found").getByRole("button", { name: "Right", exact: true }).click();

      await thread().getByText("Kept: this root cause was right.").waitFor();
      await thread().getByText("Only you can see this").first().waitFor();
    });

    test("questions in the thread are answered from the evidence, and the talk is remembered", async () => {
      const write = thread().locator("textarea");
      await write.fill("what about reconciler?");
      await write.press("Enter");
      await thread().locator(".card", { hasText: "run … page … failed" }).last().waitFor();

      await write.fill("and when did it start?");
      await write.press("Enter");
      await thread().locator("table", { hasText: "reconciler began to log" }).waitFor();
    });

    test("the lines behind it are shown with secrets and personal data taken out", async () => {
      await page.locator("#write").fill("/loghunter search @example service:checkout");
      await page.locator("#write").press("Escape");
      await page.locator("#write").press("Enter");

      await page
        .locator("#messages .card")
        .last()
        .getByText(/Nothing found|lines? in checkout/)
        .waitFor();
      expect(await page.locator("#messages").textContent()).not.toMatch(/[a-z0-9]@example\.(com|org|net)/);
    });
  },
);
