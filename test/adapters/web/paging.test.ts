import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { SentMessage } from "../../../adapters/web/message.ts";
import type { Card } from "../../../src/chat/card.ts";
import type { KeptMessage, MessageHistory } from "../../../src/chat/history.ts";
import { createMemoryHistory } from "../../support/memoryHistory.ts";
import { createScriptedCore } from "../../support/scriptedCore.ts";
import { type OpenWeb, openWeb, readChannel } from "./harness.ts";

let web: OpenWeb;
let history: MessageHistory;
beforeEach(async () => {
  history = createMemoryHistory(Date.now);
  web = await openWeb(createScriptedCore(), { history });
});
afterEach(() => web.platform.stop());

const plain = (text: string): Card => ({ title: text, tone: "neutral", body: [] });

async function keep(title: string, thread?: string): Promise<KeptMessage> {
  return history.append({
    channel: "logs",
    ...(thread !== undefined && { thread }),
    author: { kind: "bot" },
    body: { card: plain(title) },
    onceId: title,
  });
}

interface Page {
  messages: SentMessage[];
  threads: Record<string, { replies: number }>;
  earlier?: string;
}

async function page(query = ""): Promise<Page> {
  const answer = await web.get(`/earlier?channel=logs${query}`);
  expect(answer.status).toBe(200);
  return (await answer.json()) as Page;
}

/** All messages of a list, asked for as the page does. */
async function readBack(query = ""): Promise<string[]> {
  const found: string[] = [];
  let before = "";
  for (;;) {
    const { messages, earlier } = await page(`${query}${before}`);
    const own = messages.filter(({ thread }) => (thread === undefined) === (query === ""));
    found.unshift(...own.map(({ once }) => once));
    if (earlier === undefined) return found;
    before = `&before=${earlier}`;
  }
}

const numbered = (what: string, count: number) => Array.from({ length: count }, (_, at) => `${what} ${at}`);

describe("a channel with a long thread", () => {
  test("begins with its own messages and the newest replies, and says how many there are", async () => {
    const before = await keep("before");
    const root = await keep("root");
    for (const title of numbered("reply", 300)) await keep(title, root.id);
    const after = await keep("after");
    const messages = await readChannel(web);
    const top = messages.filter(({ thread }) => thread === undefined);
    expect(top.map(({ id }) => id)).toEqual([before.id, root.id, after.id]);
    expect(messages.filter(({ thread }) => thread === root.id).map(({ once }) => once)).toEqual(
      numbered("reply", 300).slice(-5),
    );
    const { threads, earlier } = await page();
    expect(threads).toMatchObject({ [root.id]: { replies: 300 } });
    expect(earlier).toBeUndefined();
  });

  test("is read from end to end, and so is the thread", async () => {
    const root = await keep("root");
    for (const title of numbered("reply", 450)) await keep(title, root.id);
    expect(await readBack(`&thread=${root.id}`)).toEqual(numbered("reply", 450));
    expect(await readBack()).toEqual(["root"]);
  });

  test("tells a page of a new reply how many there are now, also where it has not got the others", async () => {
    const root = await keep("root");
    for (const title of numbered("reply", 20)) await keep(title, root.id);
    const stream = await web.get("/events?channel=logs", {
      "last-event-id": `${await history.revision("logs")}`,
    });
    await keep("one more", root.id);
    const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    while (!text.includes("\n\n")) text += (await reader?.read())?.value ?? "";
    await reader?.cancel();
    const batch = JSON.parse(/^data: (.*)$/m.exec(text)?.[1] ?? "{}") as Page;
    expect(batch.messages.map(({ once }) => once)).toEqual(["one more"]);
    expect(batch.threads).toMatchObject({ [root.id]: { replies: 21 } });
  });
});

test("5,000 messages are paged back through to the first, whatever was edited meanwhile", async () => {
  const titles = numbered("message", 5_000);
  const kept: KeptMessage[] = [];
  for (const title of titles) kept.push(await keep(title));
  await history.edit(kept[7]?.id as string, plain("edited"));
  expect(await readBack()).toEqual(titles);
});

test("a page asks for no more than 200 at once, and before what is no message there is nothing", async () => {
  await keep("here");
  for (const query of ["&limit=201", "&limit=0", "&before=%00", "&thread=no/thread"]) {
    expect((await web.get(`/earlier?channel=logs${query}`)).status).toBe(400);
  }
  expect(await page("&before=unknown")).toEqual({ messages: [], threads: {} });
});
