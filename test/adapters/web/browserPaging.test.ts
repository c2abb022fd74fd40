import { beforeEach, expect, test } from "@jest/globals";
import type { Locator, Page } from "playwright-core";
import type { KeptMessage, MessageHistory } from "../../../src/chat/history.ts";
import { createMemoryHistory } from "../../support/memoryHistory.ts";
import { describeInBrowser, plain } from "./inBrowser.ts";

describeInBrowser("the page of a long channel", (open) => {
  let page: Page;
  let history: MessageHistory;
  let nowMs: number;

  beforeEach(() => {
    nowMs = Date.now() - 3_600_000;
    history = createMemoryHistory(() => nowMs);
  });

  /** Three at the same moment each: their order is not in their times. */
  async function keep(titles: readonly string[], thread?: string): Promise<KeptMessage[]> {
    const kept: KeptMessage[] = [];
    for (const title of titles) {
      if (kept.length % 3 === 0) nowMs += 1_000;
      const body = { card: plain(title) };
      const where = { channel: "logs", ...(thread !== undefined && { thread }) };
      kept.push(await history.append({ ...where, author: { kind: "bot" }, body, onceId: title }));
    }
    return kept;
  }

  const numbered = (what: string, count: number) => Array.from({ length: count }, (_, at) => `${what} ${at}`);
  const top = () => page.locator("#messages .card h3");
  const main = () => page.locator("#main");
  const thread = () => page.locator("#thread");

  async function holds(cards: Locator, titles: readonly string[]): Promise<void> {
    await cards.nth(titles.length - 1).waitFor({ state: "attached" });
    expect(await cards.allTextContents()).toEqual(titles);
  }

  test("a thread of 300 replies leaves the channel as it was, and can be read to its first reply", async () => {
    const [, root] = await keep(["before", "root"]);
    const replies = numbered("reply", 300);
    await keep(replies, root?.id);
    await keep(["after"]);
    ({ page } = await open({ history }));
    await holds(top(), ["before", "root", "after"]);
    expect(await main().locator(".earlier").isVisible()).toBe(false);
    await main().getByText("300 replies").click();
    await holds(thread().locator(".card h3"), ["root", ...replies.slice(-200)]);
    await thread().getByRole("button", { name: "Show earlier replies" }).click();
    await holds(thread().locator(".card h3"), ["root", ...replies]);
    expect(await thread().locator(".earlier").isVisible()).toBe(false);
    await keep(["one more"], root?.id);
    await main().getByText("301 replies").waitFor();
    await holds(thread().locator(".card h3"), ["root", ...replies, "one more"]);
  });

  test("a click more each leads to the first message ever, and the reader stays where they were", async () => {
    const titles = numbered("message", 950);
    const kept = await keep(titles);
    ({ page } = await open({ history }));
    await holds(top(), titles.slice(-200));
    // Far up, where this page has not been: it is read there as it is then.
    await history.edit(kept[3]?.id as string, plain("message 3, edited"));
    const earlier = page.getByRole("button", { name: "Show earlier messages" });
    for (const shown of [400, 600, 800, 950]) {
      const first = top().first();
      const title = await first.textContent();
      await earlier.scrollIntoViewIfNeeded();
      await earlier.click();
      const now = titles.slice(-shown).map((text) => text.replace(/^message 3$/, "message 3, edited"));
      await holds(top(), now);
      const same = top().getByText(title ?? "", { exact: true });
      expect((await same.boundingBox())?.y).toBeGreaterThan(0);
      expect((await same.boundingBox())?.y).toBeLessThan(800);
    }
    expect(await earlier.isVisible()).toBe(false);
  });

  test("what could not be read is asked for again by the same button", async () => {
    const titles = numbered("message", 201);
    await keep(titles);
    const opened = await open({ history });
    ({ page } = opened);
    opened.expected = /ERR_/;
    await holds(top(), titles.slice(1));
    await page.route("**/earlier?*", (route) => route.abort());
    await page.getByRole("button", { name: "Show earlier messages" }).click();
    const again = page.getByRole("button", { name: "LogHunter cannot be reached. Try again" });
    await again.waitFor();
    await page.unroute("**/earlier?*");
    await again.click();
    await holds(top(), titles);
  });
});
