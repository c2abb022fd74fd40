import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { createWebConsole } from "../../../adapters/web/index.ts";
import type { SentMessage } from "../../../adapters/web/message.ts";
import type { DrawChart } from "../../../src/charts/chart.ts";
import { button, type Card } from "../../../src/chat/card.ts";
import type { MessageHistory } from "../../../src/chat/history.ts";
import { createMemoryHistory } from "../../support/memoryHistory.ts";
import { createScriptedCore, type ScriptedCore } from "../../support/scriptedCore.ts";
import { type OpenWeb, openWeb, readChannel, webOptions } from "./harness.ts";
import { readMessage } from "./readHtml.ts";

let core: ScriptedCore;
let web: OpenWeb;
let history: MessageHistory;
beforeEach(async () => {
  core = createScriptedCore();
  history = createMemoryHistory(Date.now);
  web = await openWeb(core, { history });
});
afterEach(() => web.platform.stop());

const place = { platform: "web", workspace: "here", channel: "logs" };
const plain = (text: string): Card => ({ title: text, tone: "neutral", body: [] });
const texts = async () => (await readChannel(web)).map((message) => readMessage(message.html).text.trim());

describe("what a person says", () => {
  test("in the channel without a command is met with a hint for them alone, and not handed to the core", async () => {
    await web.send("/say", { id: randomUUID(), text: "analyze checkout", channel: "logs" });
    const [said, hint] = await readChannel(web);
    expect(said).toMatchObject({ author: "person", onlyYou: true });
    expect(hint).toMatchObject({ author: "bot", onlyYou: true });
    expect(hint?.html).toContain("Did you mean <code>/loghunter analyze checkout</code>?");
    expect(core.inbounds).toEqual([]);
  });

  test("is understood with a capital, alone, and with nothing but white space after it", async () => {
    for (const text of ["/LogHunter status", "/loghunter", "/loghunter\n status "]) {
      await web.send("/say", { id: randomUUID(), text, channel: "logs" });
    }
    expect(core.inbounds.map((inbound) => inbound.kind === "command" && inbound.call)).toEqual([
      { text: "status" },
      { text: "" },
      { text: "status" },
    ]);
    await web.send("/say", { id: randomUUID(), text: "/loghunters", channel: "logs" });
    expect(core.inbounds).toHaveLength(3);
  });

  test("stands in the channel before the answer is there", async () => {
    let release = () => {};
    core.answerWith(
      () =>
        new Promise((resolve) => {
          release = () => resolve({ kind: "silence" });
        }),
    );
    const sent = web.send("/say", { id: randomUUID(), text: "/loghunter status", channel: "logs" });
    while (core.inbounds.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await texts()).toEqual([expect.stringContaining("/loghunter status")]);
    release();
    await sent;
  });

  test("in a thread comes with whether the thread is the bot's", async () => {
    const bots = await web.platform.post(place, plain("root"), { deliveryId: "root" });
    const id = bots.outcome === "sent" ? bots.message.id : "";
    await web.send("/say", { id: randomUUID(), text: "why?", channel: "logs", thread: id });
    const theirs = await history.append({
      channel: "logs",
      author: { kind: "person", id: "ann", name: "Ann" },
      body: { text: "lunch?" },
      onceId: "lunch",
    });
    await web.send("/say", { id: randomUUID(), text: "yes", channel: "logs", thread: theirs.id });
    expect(core.inbounds).toMatchObject([
      { kind: "reply", text: "why?", toBot: true },
      { kind: "reply", text: "yes", toBot: false },
    ]);
  });

  test("before a restart without an answer is handled again, and with an answer is not", async () => {
    const act = { id: randomUUID(), text: "/loghunter status", channel: "logs" };
    core.answerWith(async () => {
      throw new Error("the process ended here");
    });
    expect((await web.send("/say", act)).status).toBe(500);
    await restart();
    core.answer({ kind: "message", card: plain("all is well"), visibility: "channel" });
    expect((await web.send("/say", act)).status).toBe(200);
    await restart();
    expect((await web.send("/say", act)).status).toBe(200);
    expect(core.inbounds).toHaveLength(2);
    expect(await texts()).toHaveLength(2);
  });

  async function restart() {
    await web.platform.stop();
    web = await openWeb(core, { history });
  }
});

describe("the stream", () => {
  test("brings what changed after a revision, also by another process, and its edits", async () => {
    await web.platform.post(place, plain("old"), { deliveryId: "d1" });
    const revision = (await readChannel(web))[0]?.revision;
    const stream = await web.get("/events?channel=logs", { "last-event-id": String(revision) });
    const events = reader(stream);
    // Past the adapter: as another instance on the same database does it.
    const kept = await history.append({
      channel: "logs",
      author: { kind: "bot" },
      body: { card: plain("new") },
      onceId: "x",
    });
    expect((await events()).map(({ id }) => id)).toEqual([kept.id]);
    await history.edit(kept.id, plain("edited"));
    const [edited] = await events();
    expect(edited).toMatchObject({ id: kept.id });
    expect(edited?.html).toContain("edited");
    await stream.body?.cancel().catch(() => {});
  });

  test("keeps from the page what is only for somebody else", async () => {
    const theirs = await history.append({
      channel: "logs",
      author: { kind: "bot" },
      body: { card: plain("theirs") },
      onlyFor: "them",
      onceId: "x",
    });
    expect(await readChannel(web)).toEqual([]);
    expect((await web.get(`/file/${theirs.id}/0`)).status).toBe(404);
  });

  test("ends when the console stops, within a moment", async () => {
    const stream = await web.get("/events?channel=logs");
    const chunks = stream.body?.getReader();
    expect(new TextDecoder().decode((await chunks?.read())?.value)).toContain("event: messages");
    await web.platform.stop();
    // In whatever way: the page comes back after either.
    const isOver = () =>
      chunks?.read().then(
        ({ done }) => done,
        () => true,
      );
    while (!(await isOver()));
  });

  function reader(stream: Response): () => Promise<SentMessage[]> {
    const chunks = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
    return async () => {
      let text = "";
      while (!text.includes("\n\n")) text += (await chunks?.read())?.value ?? "";
      return (JSON.parse(/^data: (.*)$/m.exec(text)?.[1] ?? "{}") as { messages: SentMessage[] }).messages;
    };
  }
});

describe("charts and files", () => {
  const charted: Card = {
    ...plain("charted"),
    body: [
      {
        kind: "chart",
        alt: "flat",
        chart: { title: "t", unit: "u", fromMs: 0, stepMs: 60_000, values: [1] },
      },
    ],
  };

  test("a chart is drawn once a look, in the reader's zone, and is kept by the browser", async () => {
    const drawn: string[] = [];
    const draw: DrawChart = async (chart, look) => {
      drawn.push(`${look} ${chart.zone}`);
      return new Uint8Array([1]);
    };
    const own = await openWeb(core, { draw });
    await own.platform.post(place, charted, { deliveryId: "d1" });
    const [message] = await readChannel(own);
    const path = `/chart/${message?.id}/0.png?rev=${message?.revision}&zone=Europe%2FPrague`;
    const first = await own.get(`${path}&look=dark`);
    expect(first.headers.get("content-type")).toBe("image/png");
    expect(first.headers.get("cache-control")).toContain("immutable");
    await own.get(`${path}&look=dark`);
    await own.get(`${path}&look=light`);
    expect(drawn).toEqual(["dark Europe/Prague", "light Europe/Prague"]);
    const again = await own.get(`${path}&look=dark`, { "if-none-match": first.headers.get("etag") ?? "" });
    expect(again.status).toBe(304);
    await own.platform.stop();
  });

  test("a block that is no chart has no picture, and a card that was not cut has no file", async () => {
    await web.platform.post(
      place,
      { ...plain("x"), body: [{ kind: "text", text: "x" }] },
      { deliveryId: "d1" },
    );
    const [message] = await readChannel(web);
    expect((await web.get(`/chart/${message?.id}/0.png`)).status).toBe(404);
    expect((await web.get(`/chart/${message?.id}/7.png`)).status).toBe(404);
    expect((await web.get(`/file/${message?.id}/0`)).status).toBe(404);
  });

  test("a file is text to be kept, never a page", async () => {
    await web.platform.post(
      place,
      { ...plain("x"), body: [{ kind: "text", text: "<b>".repeat(5_000) }] },
      { deliveryId: "d1" },
    );
    const [message] = await readChannel(web);
    const file = await web.get(`/file/${message?.id}/0`);
    expect(file.headers.get("content-type")).toBe("text/plain; charset=utf-8");
    expect(file.headers.get("content-disposition")).toBe('attachment; filename="details.txt"');
  });
});

describe("a history that fails", () => {
  const failing = (own: Partial<MessageHistory>): MessageHistory => ({ ...history, ...own });
  const fail = () => Promise.reject(new Error("no database"));

  test("makes a post unknown and an edit later", async () => {
    const console = createWebConsole(webOptions({ history: failing({ append: fail, get: fail }) }));
    expect(await console.post(place, plain("x"), { deliveryId: "d" })).toMatchObject({ outcome: "unknown" });
    expect(await console.edit({ place, id: "m1" }, plain("x"))).toMatchObject({ outcome: "later" });
  });

  test("is told to the page in a sentence, and the act can be repeated", async () => {
    let broken = true;
    const own = await openWeb(core, {
      history: failing({ append: (message) => (broken ? fail() : history.append(message)) }),
    });
    const act = { id: randomUUID(), text: "/loghunter status", channel: "logs" };
    const failed = await own.send("/say", act);
    expect(failed.status).toBe(500);
    expect(await failed.json()).toEqual({
      error: "LogHunter could not do this just now. Try again in a moment.",
    });
    broken = false;
    expect((await own.send("/say", act)).status).toBe(200);
    await own.platform.stop();
  });
});

test("what only the caller sees is answered in the channel, since it has no thread", async () => {
  core.answer({
    kind: "message",
    visibility: "caller",
    card: { ...plain("help"), actions: [button("More", { name: "help.more", subject: "" })] },
  });
  await web.send("/say", { id: randomUUID(), text: "/loghunter help", channel: "logs" });
  const help = (await readChannel(web)).find((message) => message.author === "bot");
  core.answer({ kind: "message", visibility: "caller", card: plain("more help") });
  await web.send("/press", { id: randomUUID(), message: help?.id, action: "help.more:" });
  expect((await readChannel(web)).at(-1)).toMatchObject({ onlyYou: true });
  expect((await readChannel(web)).at(-1)).not.toHaveProperty("thread");
});
