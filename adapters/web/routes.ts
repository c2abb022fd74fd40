import { type Context, Hono } from "hono";
import { z } from "zod";
import { fitCard } from "../../src/chat/fit.ts";
import type { KeptMessage, MessageHistory } from "../../src/chat/history.ts";
import type { ChatCore } from "../../src/chat/platform.ts";
import { signature } from "../../src/chat/signature.ts";
import { createActAnswers, type OverHttp } from "./actAnswers.ts";
import type { Acts } from "./acts.ts";
import { readBody, unreadable } from "./body.ts";
import { PAGE_MESSAGES, readPage, sendablePage } from "./channelPage.ts";
import { complete } from "./complete.ts";
import { examples, SLASH } from "./hint.ts";
import { LIMITS, MAX_TYPED_CHARS } from "./limits.ts";
import type { Live } from "./live.ts";
import { mayRead, YOU, YOUR_NAME } from "./message.ts";
import type { Look, Pictures } from "./pictures.ts";
import type { Waiting } from "./waiting.ts";

export interface RouteParts {
  core: ChatCore;
  acts: Acts;
  waiting: Waiting;
  history: MessageHistory;
  live: Live;
  pictures: Pictures;
  platform: string;
  workspace: string;
  channels: readonly string[];
}

/** What the page asks for once it is let in. */
export function routes(parts: RouteParts): Hono<OverHttp> {
  const { core, acts, waiting, history, live, pictures, channels } = parts;
  const app = new Hono<OverHttp>();
  const answerAct = createActAnswers(waiting);

  app.get("/setup", (c) =>
    c.json({
      channels,
      slash: SLASH,
      maxTypedChars: MAX_TYPED_CHARS,
      examples: examples(core.catalogue, 3),
      commands: core.catalogue.map((command) => ({
        name: command.name,
        signature: signature(command),
        summary: command.summary,
      })),
    }),
  );

  app.get("/events", (c) => {
    const asked = listening.safeParse({
      ...c.req.query(),
      after: c.req.header("last-event-id") ?? c.req.query("after"),
    });
    if (!asked.success || !channels.includes(asked.data.channel)) return unreadable(c);
    const { channel, after, zone } = asked.data;
    // A body that nobody reads would keep its place for ever.
    if (c.req.method === "HEAD") return c.body(null);
    const { socket } = c.env.incoming;
    const cut = () => void socket.destroy();
    const stream = live.stream({ channel, after, zone, address: socket.remoteAddress ?? "", cut });
    if ("refused" in stream) return full(c, stream.refused);
    return c.body(stream, 200, {
      "content-type": "text/event-stream; charset=utf-8",
      // A proxy that gathers bytes would hold messages back.
      "x-accel-buffering": "no",
    });
  });

  // A page whose stream was refused asks here, since an EventSource does not tell why.
  app.get("/room", (c) => {
    const why = live.whyFull(c.env.incoming.socket.remoteAddress ?? "");
    return why === undefined ? c.json({}) : full(c, why);
  });

  app.get("/earlier", async (c) => {
    const asked = earlier.safeParse(c.req.query());
    if (!asked.success || !channels.includes(asked.data.channel)) return unreadable(c);
    const { channel, thread, before, limit, zone } = asked.data;
    const page = await readPage(history, { channel, ...(thread && { thread }) }, { before, limit });
    return c.json(sendablePage(page, zone));
  });

  app.get("/complete", async (c) => {
    const asked = completing.safeParse(c.req.query());
    if (!asked.success || !channels.includes(asked.data.channel)) return unreadable(c);
    const { channel, thread, line, zone } = asked.data;
    const place = {
      platform: parts.platform,
      workspace: parts.workspace,
      channel,
      ...(thread && { thread }),
    };
    const person = { id: YOU, name: YOUR_NAME, platformAdmin: true, ...(zone && { zone }) };
    return c.json(await complete(core, place, person, line));
  });

  app.post("/say", async (c) => {
    const said = await readBody(c, saying);
    if (said instanceof Response) return said;
    if (!channels.includes(said.channel)) return unreadable(c);
    return answerAct(c, said.id, acts.say(said));
  });

  app.post("/press", async (c) => {
    const pressed = await readBody(c, pressing);
    return pressed instanceof Response ? pressed : answerAct(c, pressed.id, acts.press(pressed));
  });

  app.post("/fill", async (c) => {
    const filled = await readBody(c, filling);
    if (filled instanceof Response) return filled;
    if (!channels.includes(filled.channel)) return unreadable(c);
    return answerAct(c, filled.id, acts.fill(filled));
  });

  app.post("/explain", async (c) => {
    const asked = await readBody(c, explaining);
    return asked instanceof Response ? asked : answerAct(c, asked.id, acts.explain(asked));
  });

  app.get("/suggest", async (c) => {
    const asked = suggesting.safeParse(c.req.query());
    if (!asked.success || !channels.includes(asked.data.channel)) return unreadable(c);
    const { channel, command, option, typed, zone } = asked.data;
    const place = { platform: parts.platform, workspace: parts.workspace, channel };
    const person = { id: YOU, name: YOUR_NAME, platformAdmin: true, ...(zone && { zone }) };
    return c.json({ values: await core.suggest({ place, person, command, option, typed }) });
  });

  app.get("/chart/:message/:block{[0-9]{1,3}\\.png}", async (c) => {
    const message = await readable(history, c.req.param("message"));
    const asked = picture.safeParse(c.req.query());
    if (message === undefined || !asked.success) return c.notFound();
    const { look, zone, rev } = asked.data;
    const drawing = pictures.of(message, Number.parseInt(c.req.param("block"), 10), look as Look, zone);
    if (drawing === undefined) return c.notFound();
    const etag = `"${message.revision}-${look}"`;
    // The address names the revision; where the message has moved on, the browser must ask again.
    const cache = rev === message.revision ? "private, max-age=86400, immutable" : "private, no-cache";
    if (c.req.header("if-none-match") === etag) return c.body(null, 304, { etag, "cache-control": cache });
    return c.body(new Uint8Array(await drawing), 200, {
      "content-type": "image/png",
      etag,
      "cache-control": cache,
    });
  });

  app.get("/file/:message/:n{[0-9]{1,2}}", async (c) => {
    const message = await readable(history, c.req.param("message"));
    if (message === undefined || !("card" in message.body)) return c.notFound();
    const file = fitCard(message.body.card, LIMITS).files[Number.parseInt(c.req.param("n"), 10)];
    if (file === undefined) return c.notFound();
    return c.body(file.text, 200, {
      "content-type": "text/plain; charset=utf-8",
      "content-disposition": `attachment; filename="${file.name.replace(/[^A-Za-z0-9._-]/g, "_")}"`,
    });
  });

  return app;
}

function full(c: Context, why: string): Response {
  return c.json({ error: why }, 429, { "retry-after": "15" });
}

const messageId = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);
const channelName = z.string().min(1).max(80);
/** What the browser says its zone is; anything that is none counts as not said. */
const zone = z
  .string()
  .max(64)
  .refine((name) => isZone(name))
  .optional()
  .catch(undefined);
/** PostgreSQL keeps neither NUL nor half a surrogate pair. */
const typedText = z
  .string()
  .max(MAX_TYPED_CHARS)
  .transform((text) => Buffer.from(text.replaceAll("\0", ""), "utf8").toString("utf8"))
  .refine((text) => text.trim() !== "");
const actId = z.uuid();
const revision = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

const listening = z.object({ channel: channelName, after: revision.optional(), zone });
const earlier = z.object({
  channel: channelName,
  thread: messageId.optional(),
  before: messageId.optional(),
  limit: z.coerce.number().int().min(1).max(PAGE_MESSAGES).default(PAGE_MESSAGES),
  zone,
});
const completing = z.object({
  channel: channelName,
  thread: messageId.optional(),
  line: z.string().max(MAX_TYPED_CHARS),
  zone,
});
const saying = z.object({
  id: actId,
  text: typedText,
  channel: channelName,
  thread: messageId.optional(),
  zone,
});
const pressing = z.object({ id: actId, message: messageId, action: z.string().min(1).max(100), zone });
const filling = z.object({
  id: actId,
  command: z.string().min(1).max(100),
  values: z.record(z.string().max(50), z.string().max(MAX_TYPED_CHARS)),
  channel: channelName,
  thread: messageId.optional(),
  zone,
});
const explaining = z.object({ id: actId, message: messageId, zone });
const suggesting = z.object({
  channel: channelName,
  command: z.string().min(1).max(100),
  option: z.string().min(1).max(50),
  typed: z.string().max(MAX_TYPED_CHARS).default(""),
  zone,
});
const picture = z.object({
  look: z.enum(["light", "dark"]).catch("light"),
  rev: revision.optional().catch(undefined),
  zone,
});

function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}

async function readable(history: MessageHistory, id: string): Promise<KeptMessage | undefined> {
  if (!messageId.safeParse(id).success) return undefined;
  const message = await history.get(id);
  return message !== undefined && mayRead(message) ? message : undefined;
}
