import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { createWebConsole, type WebConsoleOptions } from "../../../adapters/web/index.ts";
import { createChartDrawer } from "../../../src/charts/draw.ts";
import { button, type Card } from "../../../src/chat/card.ts";
import type { MessageRef } from "../../../src/chat/platform.ts";
import { findChromium, openBrowser, type TestBrowser } from "../../support/browser.ts";
import { until } from "../../support/eventually.ts";
import { createMemoryHistory } from "../../support/memoryHistory.ts";
import { createScriptedCore, type ScriptedCore } from "../../support/scriptedCore.ts";
import { webOptions } from "./harness.ts";

const chromium = findChromium();
if ("skipped" in chromium) console.warn(chromium.skipped);

(("skipped" in chromium ? describe.skip : describe) as typeof describe)("the page in a browser", () => {
  let browser: TestBrowser;
  let page: Page;
  let core: ScriptedCore;
  let web: ReturnType<typeof createWebConsole>;
  let options: WebConsoleOptions;
  let troubles: string[];
  let expected: RegExp;

  beforeAll(async () => {
    if ("path" in chromium) browser = await openBrowser(chromium.path, { width: 1280, height: 800 });
  });
  afterAll(() => browser?.close());

  beforeEach(async () => {
    core = createScriptedCore();
    core.suggestions = ["checkout", "payments"];
    options = webOptions({ history: createMemoryHistory(Date.now), draw: createChartDrawer() });
    web = createWebConsole(options);
    await web.start(core);
    // A restart comes back under the same address.
    options.port = Number(new URL(web.url).port);
    troubles = [];
    // While the server is away, its absence is no trouble of the page.
    expected = /ERR_/;
    page = await browser.context.newPage();
    page.on("pageerror", (error) => troubles.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error" && !expected.test(message.text())) troubles.push(message.text());
    });
    await page.goto(web.url);
    // The page's script runs: what is typed before is only text.
    await page.locator("#write[role=combobox]").waitFor();
  });
  afterEach(async () => {
    await page.close();
    await web.stop();
    expect(troubles).toEqual([]);
  });

  const place = { platform: "web", workspace: "here", channel: "logs" };
  const plain = (title: string): Card => ({ title, tone: "neutral", body: [] });
  const field = () => page.locator("#write");
  const card = (title: string) => page.locator(".card", { hasText: title });
  /** Asked again from here: the page's own policy forbids it to evaluate what playwright's waiting would. */
  async function comesTrue(expression: string): Promise<void> {
    await until(() => page.evaluate<boolean>(expression), expression);
  }
  /** Soon: a suggestion that is still on its way is taken once it is here. */
  const written = (text: RegExp) => until(async () => text.test(await field().inputValue()), `${text}`);
  /** By its id or its words. */
  const FOCUSED = "(document.activeElement.id || document.activeElement.textContent)";
  const focusOn = (what: string) => comesTrue(`${FOCUSED} === ${JSON.stringify(what)}`);
  async function post(posted: Card): Promise<MessageRef> {
    const delivery = await web.post(place, posted, { deliveryId: posted.title });
    if (delivery.outcome !== "sent") throw new Error(delivery.why);
    return delivery.message;
  }

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
    await card("Answered").waitFor();
    expect(await page.locator("#welcome").isVisible()).toBe(false);
    expect(core.inbounds[0]).toMatchObject({
      kind: "command",
      call: { text: "status" },
      person: { zone: "Europe/Prague" },
    });
  });

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
          await web.edit(message, {
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
    await card("Reading the logs").waitFor();
    await finish();
    await card("likely cause").waitFor();
    await comesTrue("document.querySelector('.chart img').naturalWidth > 0");
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
    await card("What I can do").waitFor();
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

  test("a press shows what came of it, and an answer to it opens the thread, where one can go on", async () => {
    await post({
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
    await card("acknowledged by you").waitFor();
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

  test("everything can be done with a keyboard alone", async () => {
    await post({ ...plain("alert"), actions: [button("Mute", { name: "mute", subject: "1" })] });
    await card("alert").waitFor();
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
    await card("muted").waitFor();
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
    await card("Answered").waitFor();
    await page.route("**/say", (route) => held.then(() => route.continue()));
    await send("/loghunter errors checkout");
    const recalled: string[] = [];
    const recall = async (key: "ArrowUp" | "ArrowDown") => {
      await page.keyboard.press(key);
      recalled.push(await field().inputValue());
    };
    for (const key of ["ArrowUp", "ArrowUp", "ArrowUp", "ArrowDown", "ArrowDown"] as const) await recall(key);
    arrive();
    await card("Answered").nth(1).waitFor();
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

  test("a restart of the server loses nothing that was posted or written meanwhile, and doubles nothing", async () => {
    await post(plain("before"));
    await card("before").waitFor();
    await web.stop();
    await page.getByText("Reconnecting…").waitFor();
    await post(plain("while it was away"));
    await field().fill("/loghunter status");
    await field().press("Enter");
    await page.locator(".unsent", { hasText: "Not sent" }).waitFor();
    web = createWebConsole(options);
    await web.start(core);
    await card("while it was away").waitFor();
    await card("Answered").waitFor();
    await comesTrue("document.querySelector('.unsent') === null");
    expect(await page.getByText("Reconnecting…").count()).toBe(0);
    expect(await page.locator(".said").count()).toBe(1);
    expect(await page.locator(".card").count()).toBe(3);
    expect(core.inbounds).toHaveLength(1);
  });

  test("a page for which there is no room says so, and comes by itself once there is", async () => {
    const origin = new URL(page.url()).origin;
    const cookie = (await browser.context.cookies(origin))
      .map(({ name, value }) => `${name}=${value}`)
      .join("; ");
    const ask = (path: string) => fetch(`${origin}${path}`, { headers: { cookie } });
    // Held, since a stream that nobody refers to any more is closed by fetch.
    const held = [await ask("/events?channel=logs")];
    while (held.at(-1)?.status === 200) held.push(await ask("/events?channel=logs"));
    expected = /429/;
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
    await post(plain("Heard again"));
    await card("Heard again").waitFor();
  });

  test("text of a card is text, also in a page that could run it", async () => {
    const hostile = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`;
    await post({ ...plain(hostile), body: [{ kind: "log", lines: [hostile] }], footnote: hostile });
    await page.locator(".line").waitFor();
    expect(await page.locator(".line").textContent()).toBe(hostile);
    expect(await page.title()).toBe("#logs · LogHunter");
  });

  test("times are shown in the reader's zone, with the full time behind them", async () => {
    await post({
      ...plain("timed"),
      body: [{ kind: "text", text: [{ atMs: Date.UTC(2025, 0, 5, 12), show: "date and time" }] }],
    });
    const time = card("timed").locator("time");
    await time.waitFor();
    expect(await time.textContent()).toBe("5 Jan, 13:00:00");
    expect(await time.getAttribute("title")).toContain("5 January 2025 at 13:00:00");
  });

  test("what is refused stays with what was written, and can be sent again or dropped", async () => {
    core.answerWith(async () => {
      throw new Error("no core");
    });
    expected = /500/;
    await field().fill("/loghunter status");
    await field().press("Enter");
    await page.getByRole("button", { name: "Retry" }).waitFor();
    core.answer({ kind: "message", visibility: "channel", card: plain("now it works") });
    await page.getByRole("button", { name: "Retry" }).click();
    await card("now it works").waitFor();
    await comesTrue("document.querySelector('.unsent') === null");
  });

  test("nothing is wider than a phone, where the thread covers the channel", async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    const long = "x".repeat(400);
    await post({
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
