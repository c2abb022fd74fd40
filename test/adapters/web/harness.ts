import { randomUUID } from "node:crypto";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Handled } from "../../../adapters/web/acts.ts";
import type { SentForm } from "../../../adapters/web/forms.ts";
import { createWebConsole, type WebConsoleOptions } from "../../../adapters/web/index.ts";
import type { SentMessage } from "../../../adapters/web/message.ts";
import type { ChatCore } from "../../../src/chat/platform.ts";
import { createLog } from "../../../src/log.ts";
import type { ChatPlatformHarness, Filled, Standing } from "../../contract/chatHarness.ts";
import { until } from "../../support/eventually.ts";
import { createMemoryHistory } from "../../support/memoryHistory.ts";
import { complaintsAbout, readMessage } from "./readHtml.ts";

export const TOKEN = "a-token-for-tests-0123456789";

/** Options that work, with one's own in their place. */
export function webOptions(own: Partial<WebConsoleOptions> = {}): WebConsoleOptions {
  return {
    history: createMemoryHistory(Date.now),
    draw: async () => ONE_PIXEL,
    log: createLog("silent"),
    host: "127.0.0.1",
    port: 0,
    token: TOKEN,
    workspace: "here",
    channels: ["logs"],
    now: Date.now,
    ...own,
  };
}

/** A console on a real port, and a browser's requests to it without the browser. */
export async function openWeb(core: ChatCore, own: Partial<WebConsoleOptions> = {}) {
  const platform = createWebConsole(webOptions(own));
  await platform.start(core);
  const origin = new URL(platform.url).origin;
  const cookie = await signIn(platform.url);

  const get = (path: string, headers: Record<string, string> = {}) =>
    fetch(`${origin}${path}`, { headers: { cookie, ...headers } });
  const send = (path: string, body: unknown, signal: AbortSignal | null = null) =>
    fetch(`${origin}${path}`, {
      method: "POST",
      headers: { cookie, origin, "content-type": "application/json" },
      body: JSON.stringify(body),
      signal,
    });
  return { platform, origin, cookie, get, send };
}

export type OpenWeb = Awaited<ReturnType<typeof openWeb>>;

async function signIn(url: string): Promise<string> {
  const response = await fetch(url, { redirect: "manual" });
  const cookie = response.headers.get("set-cookie")?.split(";")[0];
  if (response.status !== 303 || cookie === undefined) throw new Error(`not let in: ${response.status}`);
  return cookie;
}

/** The first batch of the stream: what stands in the channel. */
export async function readChannel(web: OpenWeb, channel = "logs"): Promise<SentMessage[]> {
  const stream = await web.get(`/events?channel=${channel}`);
  const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes("\n\n")) text += (await reader?.read())?.value ?? "";
  await reader?.cancel();
  const data = /^data: (.*)$/m.exec(text)?.[1] ?? "{}";
  return (JSON.parse(data) as { messages: SentMessage[] }).messages;
}

/** The web console as the contract sees a chat platform. */
export async function openWebHarness(
  core: ChatCore,
  own: Partial<WebConsoleOptions> = {},
): Promise<ChatPlatformHarness> {
  const web = await openWeb(core, own);
  const acts = noteActs(web);
  const channel = { platform: "web", workspace: "here", channel: "logs" };
  const complaints: string[] = [];

  let open: SentForm | undefined;
  /** Messages as this page alone has got them. */
  const secrets: SentMessage[] = [];
  const leaving = new AbortController();

  async function act(path: string, body: unknown): Promise<Filled> {
    let mistakes = "";
    const again = async () => {
      const response = await web.send(path, body, leaving.signal).catch((error) => {
        if (!leaving.signal.aborted) throw error;
      });
      if (response === undefined) return;
      if (!response.ok) complaints.push(`${path} was answered ${response.status}: ${await response.text()}`);
      const answer = (await response.json()) as Handled & { secret?: SentMessage };
      if (answer.secret !== undefined) secrets.push(answer.secret);
      if (answer.outcome === "form") open = answer.form;
      if (answer.outcome === "mistakes") mistakes = Object.values(answer.mistakes).join(" ");
    };
    await again();
    return { again, mistakes };
  }

  async function standing(message: SentMessage): Promise<Standing> {
    complaints.push(...complaintsAbout(message.html));
    const { html } = secrets.find(({ id }) => id === message.id) ?? message;
    const read = readMessage(html);
    const bytes = async (path: string) => new Uint8Array(await (await web.get(path)).arrayBuffer());
    return {
      id: message.id,
      ...(message.thread !== undefined && { thread: message.thread }),
      by: message.author,
      seenBy: message.onlyYou ? "caller" : "everybody",
      text: read.text,
      buttons: read.buttons.map(({ label }) => label),
      links: read.links,
      pings: read.mentions,
      pictures: await Promise.all(
        read.pictures.map(async ({ alt, source }) => ({ alt, bytes: await bytes(source) })),
      ),
      files: await Promise.all(
        read.files.map(async ({ name, address }) => ({ name, text: await (await web.get(address)).text() })),
      ),
    };
  }

  return {
    platform: web.platform,
    channel,
    // It pings nobody, so that no name of it is a wrong one.
    mentions: { person: "you", wrong: [] },
    command: (text, thread) =>
      act("/say", { id: randomUUID(), text: `/loghunter ${text}`, channel: "logs", thread }),
    reply: (thread, text) => act("/say", { id: randomUUID(), text, channel: "logs", thread }),
    async press(id, label) {
      const message = (await readChannel(web)).find((known) => known.id === id);
      const button = readMessage(message?.html ?? "").buttons.find((known) => known.label === label);
      return act("/press", { id: randomUUID(), message: id, action: button?.action });
    },
    openForm: async () =>
      open && {
        title: open.title,
        submitLabel: open.submitLabel,
        fields: open.fields
          .filter(({ kind }) => kind !== "hidden")
          .map(({ name, value }) => ({ name, value })),
      },
    async fill(values) {
      if (open === undefined) throw new Error("no form stands open");
      const { command, channel: to, thread, fields } = open;
      const held = Object.fromEntries(fields.map(({ name, value }) => [name, values[name] ?? value]));
      return act("/fill", { id: randomUUID(), command, values: held, channel: to, thread });
    },
    async say(text) {
      const id = randomUUID();
      await act("/say", { id, text, channel: "logs" });
      return (await readChannel(web)).find(({ once }) => once === id)?.id ?? "";
    },
    explain: (message) => act("/explain", { id: randomUUID(), message }),
    async suggest(text) {
      const line = encodeURIComponent(`/loghunter ${text}`);
      const found = (await (await web.get(`/complete?channel=logs&line=${line}`)).json()) as {
        candidates: { label: string }[];
      };
      return found.candidates.map(({ label }) => label);
    },
    standing: async () => Promise.all((await readChannel(web)).map(standing)),
    async message(id) {
      // It is among the newest nearly always, and those are quick to read.
      const newest = (await (await web.get("/earlier?channel=logs&limit=3")).json()) as {
        messages: SentMessage[];
      };
      const is = (known: SentMessage) => known.id === id;
      const found = newest.messages.find(is) ?? (await readChannel(web)).find(is);
      return found && (await standing(found));
    },
    privately: {
      async refuseAll() {
        leaving.abort();
        await until(() => acts.underWay() === 0, "that the console sees them gone");
      },
      sent: async () => [
        ...secrets.map(({ html }) => ({ text: html, isPrivate: true, aside: "" })),
        ...(await readChannel(web)).map(({ html }) => ({ text: html, isPrivate: false, aside: "" })),
      ],
    },
    gone: async () => ({ place: channel, id: "7f3c1a52-0000-4000-8000-000000000000" }),
    complaints: () => complaints,
    async close() {
      acts.close();
      await web.platform.stop();
    },
  };
}

/** The requests with which pages send acts, as the console itself sees them. */
export function noteActs({ origin }: OpenWeb) {
  const { port } = new URL(origin);
  const open = new Set<ServerResponse>();
  let count = 0;
  const note = (message: unknown) => {
    const { request, response } = message as { request: IncomingMessage; response: ServerResponse };
    if (request.method !== "POST" || String(request.socket.localPort) !== port) return;
    count++;
    open.add(response);
    response.once("close", () => open.delete(response));
  };
  subscribe(BEGINS, note);
  return {
    /** Neither answered nor given up. */
    underWay: () => open.size,
    arrived: () => count,
    close: () => unsubscribe(BEGINS, note),
  };
}

const BEGINS = "http.server.request.start";

const ONE_PIXEL = new Uint8Array(
  Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
    "base64",
  ),
);
