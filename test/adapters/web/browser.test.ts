import { beforeEach, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { createWebConsole } from "../../../adapters/web/index.ts";
import { createChartDrawer } from "../../../src/charts/draw.ts";
import { button } from "../../../src/chat/card.ts";
import type { ScriptedCore } from "../../support/scriptedCore.ts";
import { describeInBrowser, type OpenPage, plain } from "./inBrowser.ts";

describeInBrowser("the page in a browser", (open) => {
  let page: Page;
  let core: ScriptedCore;
  let stage: OpenPage;

  beforeEach(async () => {
    stage = await open({ draw: createChartDrawer() });
    ({ page, core } = stage);
  });

  const field = () => page.locator("#write");

  test("is clean of the token, and begins with examples that can be clicked", async () => {
    expect(page.url()).not.toContain("token");
    const examples = page.locator("#examples button");
    await examples.first().waitFor();
    expect(await examples.locator("code").allTextContents()).toEqual([
      "/loghunter analyze checkout since:30m",
      "/loghunter errors checkout since:1h",
      "/loghunter status",
    ]);
    await examples.last().click();
    await stage.card("Answered").waitFor();
    expect(await page.locator("#welcome").isVisible()).toBe(false);
    expect(core.inbounds[0]).toMatchObject({
      kind: "command",
      call: { text: "status" },
      person: { zone: "Europe/Prague" },
    });
  });

  test("a press shows what came of it, and an answer to it opens the thread, where one can go on", async () => {
    await stage.post({
      ...plain("alert"),
      actions: [
        button("Acknowledge", { name: "ack", subject: "1" }),
        button("Root cause", { name: "cause", subject: "1" }),
      ],
    });
    core.answerWith(async (inbound) => {
      if (inbound.kind === "reply")
        return { kind: "message", visibility: "channel", card: plain(`you asked: ${inbound.text}`) };
      if (inbound.kind === "press" && inbound.action.name === "cause") {
        return { kind: "message", visibility: "channel", card: plain("the cause") };
      }
      return {
        kind: "replace",
        card: {
          ...plain("alert, acknowledged by you"),
          actions: [button("Root cause", { name: "cause", subject: "1" })],
        },
      };
    });
    await page.getByRole("button", { name: "Acknowledge" }).click();
    await stage.card("acknowledged by you").waitFor();
    await page.getByRole("button", { name: "Root cause" }).click();
    const thread = page.locator("#thread");
    await thread.getByText("the cause", { exact: true }).waitFor();
    await thread.getByLabel("Reply", { exact: true }).fill("why now?");
    await page.keyboard.press("Enter");
    await thread.getByText("you asked: why now?").waitFor();
    await page.locator("#main").getByText("3 replies").waitFor();
    await thread.getByLabel("Reply", { exact: true }).fill("half a quest");
    await page.keyboard.press("Escape");
    expect(await thread.isVisible()).toBe(false);
    await page.locator("#main").getByText("3 replies").click();
    expect(await thread.getByLabel("Reply", { exact: true }).inputValue()).toBe("half a quest");
    await page.keyboard.press("Escape");
    expect(await thread.isVisible()).toBe(false);
  });

  test("a restart of the server loses nothing that was posted or written meanwhile, and doubles nothing", async () => {
    stage.expected = /ERR_/;
    await stage.post(plain("before"));
    await stage.card("before").waitFor();
    await stage.web.stop();
    await page.getByText("Reconnecting…").waitFor();
    await stage.post(plain("while it was away"));
    await field().fill("/loghunter status");
    await field().press("Enter");
    await page.locator(".unsent", { hasText: "Not sent" }).waitFor();
    stage.web = createWebConsole(stage.options);
    await stage.web.start(core);
    await stage.card("while it was away").waitFor();
    await stage.card("Answered").waitFor();
    await stage.comesTrue("document.querySelector('.unsent') === null");
    expect(await page.getByText("Reconnecting…").count()).toBe(0);
    expect(await page.locator(".said").count()).toBe(1);
    expect(await page.locator(".card").count()).toBe(3);
    expect(core.inbounds).toHaveLength(1);
  });

  test("a page for which there is no room says so, and comes by itself once there is", async () => {
    const origin = new URL(page.url()).origin;
    const cookie = (await stage.context.cookies(origin))
      .map(({ name, value }) => `${name}=${value}`)
      .join("; ");
    const ask = (path: string) => fetch(`${origin}${path}`, { headers: { cookie } });
    // Held, since a stream that nobody refers to any more is closed by fetch.
    const held = [await ask("/events?channel=logs")];
    while (held.at(-1)?.status === 200) held.push(await ask("/events?channel=logs"));
    stage.expected = /429/;
    await page.goto("about:blank");
    while ((await ask("/room")).status !== 200);
    held.push(await ask("/events?channel=logs"));
    await page.goto(origin);
    const state = page.locator("#state");
    await state.filter({ hasText: "50 pages of this console are open at your address already" }).waitFor();
    for (const { body } of held) await body?.cancel();
    while ((await ask("/room")).status !== 200);
    // It would come in 15 s anyway.
    await page.evaluate("dispatchEvent(new Event('online'))");
    await state.filter({ hasNotText: /./ }).waitFor({ state: "attached" });
    await stage.post(plain("Heard again"));
    await stage.card("Heard again").waitFor();
  });

  test("text of a card is text, also in a page that could run it", async () => {
    const hostile = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`;
    await stage.post({ ...plain(hostile), body: [{ kind: "log", lines: [hostile] }], footnote: hostile });
    await page.locator(".line").waitFor();
    expect(await page.locator(".line").textContent()).toBe(hostile);
    expect(await page.title()).toBe("#logs · LogHunter");
  });

  test("times are shown in the reader's zone, with the full time behind them", async () => {
    await stage.post({
      ...plain("timed"),
      body: [{ kind: "text", text: [{ atMs: Date.UTC(2025, 0, 5, 12), show: "date and time" }] }],
    });
    const time = stage.card("timed").locator("time");
    await time.waitFor();
    expect(await time.textContent()).toBe("5 Jan, 13:00:00");
    expect(await time.getAttribute("title")).toContain("5 January 2025 at 13:00:00");
  });

  test("what is refused stays with what was written, and can be sent again or dropped", async () => {
    core.answerWith(async () => {
      throw new Error("no core");
    });
    stage.expected = /500/;
    await field().fill("/loghunter status");
    await field().press("Enter");
    await page.getByRole("button", { name: "Retry" }).waitFor();
    core.answer({ kind: "message", visibility: "channel", card: plain("now it works") });
    await page.getByRole("button", { name: "Retry" }).click();
    await stage.card("now it works").waitFor();
    await stage.comesTrue("document.querySelector('.unsent') === null");
  });

  test("nothing is wider than a phone, where the thread covers the channel", async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    const long = "x".repeat(400);
    await stage.post({
      ...plain(long),
      body: [
        { kind: "log", lines: [long] },
        { kind: "table", columns: ["a", "b"], rows: [[long, long]] },
        { kind: "facts", facts: [{ label: long, value: long }] },
        { kind: "items", items: [{ number: 1, heading: long, detail: long, log: [long] }] },
      ],
      actions: [button(long.slice(0, 60), { name: "long", subject: "" })],
    });
    await page.locator(".card").waitFor();
    expect(await page.evaluate<number>("document.documentElement.scrollWidth")).toBe(390);
    expect(await page.evaluate<number>("document.querySelector('#scroll').scrollWidth")).toBe(390);
    // A card cuts what is wider than itself: nothing may be.
    const cut = "(card => card.scrollWidth - card.clientWidth)(document.querySelector('.card'))";
    expect(await page.evaluate<number>(cut)).toBe(0);
    await page.getByRole("button", { name: "Reply in thread" }).click();
    expect(await page.locator("#thread").boundingBox()).toMatchObject({
      x: 0,
      y: 0,
      width: 390,
      height: 844,
    });
    expect(await page.evaluate<boolean>("document.querySelector('#main').inert")).toBe(true);
  });
});
