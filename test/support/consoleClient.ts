import { randomUUID } from "node:crypto";

/** A message of the console as its page gets it. */
export interface SeenMessage {
  id: string;
  once: string;
  thread?: string;
  author: "bot" | "person";
  html: string;
}

/** The web console used without a browser: the same requests its page makes. */
export interface ConsoleClient {
  /** @returns the id of the act. The same id again is the same act. */
  say(text: string, more?: { thread?: string; id?: string }): Promise<string>;
  press(message: string, action: string): Promise<void>;
  /** Sends off the form of a command. @param signal closes the connection. @returns what is wrong with what was filled in */
  fill(command: string, values: Record<string, string>, signal?: AbortSignal): Promise<string>;
  /** Chooses "Explain this log" on a message. */
  explain(message: string): Promise<void>;
  /** Asks for anything below the console's address. */
  get(path: string): Promise<void>;
  /** Reads what the page is sent without asking for it. @returns what ends it */
  listen(): () => Promise<void>;
  /** All that came in, whole: each answer with its headers, and each piece of the stream. */
  heard: string[];
  messages(): Promise<SeenMessage[]>;
  /** Waits for a message, looking again every 100 ms. @throws with what there is instead. */
  waitFor(what: string, isIt: (message: SeenMessage) => boolean, withinMs?: number): Promise<SeenMessage>;
  /** Says it and waits for what becomes of the answer. */
  ask(
    text: string,
    isAnswer: (message: SeenMessage) => boolean,
    more?: { thread?: string },
  ): Promise<SeenMessage>;
}

/** @param address as printed at the start, with its token. */
export async function openConsole(address: string): Promise<ConsoleClient> {
  const { origin } = new URL(address);
  const entry = await fetch(address, { redirect: "manual" });
  const cookie = entry.headers.get("set-cookie")?.split(";", 1)[0] ?? "";
  if (cookie === "") throw new Error(`the console let nobody in: ${entry.status}`);

  const heard: string[] = [];

  async function hear(answer: Response, path: string): Promise<string> {
    const text = await answer.text();
    const headers = [...answer.headers].map((pair) => pair.join(": ")).join("\n");
    heard.push(`${path.split("?", 1)[0]} ${answer.status}\n${headers}\n\n${text}`);
    return text;
  }

  async function post(path: string, body: object, signal?: AbortSignal): Promise<string> {
    const answer = await fetch(`${origin}${path}`, {
      method: "POST",
      headers: { cookie, origin, "content-type": "application/json" },
      body: JSON.stringify(body),
      ...(signal !== undefined && { signal }),
    });
    const text = await hear(answer, path);
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${text}`);
    return text;
  }

  const client: ConsoleClient = {
    heard,
    async fill(command, values, signal) {
      const said = await post("/fill", { id: randomUUID(), command, values, channel: "logs" }, signal);
      const { mistakes = {} } = JSON.parse(said) as { mistakes?: Record<string, string> };
      return Object.values(mistakes).join("\n");
    },
    async explain(message) {
      await post("/explain", { id: randomUUID(), message });
    },
    async get(path) {
      await hear(await fetch(`${origin}${path}`, { headers: { cookie } }), path);
    },
    listen() {
      const over = new AbortController();
      const listening = (async () => {
        const stream = await fetch(`${origin}/events?channel=logs`, {
          headers: { cookie },
          signal: over.signal,
        });
        const decoder = new TextDecoder();
        for await (const piece of stream.body ?? [])
          heard.push(`/events ${decoder.decode(piece as Uint8Array)}`);
      })().catch(() => undefined); // Its other end was killed, or it is told to end.
      return async () => {
        over.abort();
        await listening;
      };
    },
    async say(text, more = {}) {
      const id = more.id ?? randomUUID();
      await post("/say", {
        id,
        text,
        channel: "logs",
        ...(more.thread !== undefined && { thread: more.thread }),
      });
      return id;
    },
    async press(message, action) {
      await post("/press", { id: randomUUID(), message, action });
    },
    async messages() {
      const answer = await fetch(`${origin}/earlier?channel=logs`, { headers: { cookie } });
      return (JSON.parse(await hear(answer, "/earlier")) as { messages: SeenMessage[] }).messages;
    },
    async waitFor(what, isIt, withinMs = 60_000) {
      const untilMs = Date.now() + withinMs;
      for (;;) {
        const messages = await client.messages();
        const found = messages.findLast(isIt);
        if (found !== undefined) return found;
        if (Date.now() > untilMs) {
          const last = messages.at(-1)?.html.replace(/<[^>]*>/g, " ");
          throw new Error(`no ${what} within ${withinMs} ms; the last message is: ${last}`);
        }
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    },
    async ask(text, isAnswer, more) {
      const id = await client.say(text, more);
      return client.waitFor(
        `answer to "${text}"`,
        (message) => message.once === `answer:${id}` && isAnswer(message),
      );
    },
  };
  return client;
}
