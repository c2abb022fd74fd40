import type { Context } from "hono";
import type { z } from "zod";
import { MAX_BODY_BYTES } from "./limits.ts";

/** What a request carries, or the answer to a request that carries something else. */
export async function readBody<T>(c: Context, schema: z.ZodType<T>): Promise<T | Response> {
  // A form of another site can post text, but not JSON.
  if (!/^application\/json\s*(;|$)/i.test(c.req.header("content-type") ?? "")) {
    return c.json({ error: "Send JSON." }, 415);
  }
  const text = await readText(c.req.raw);
  if (text === undefined) return c.json({ error: "This is too long to send." }, 413);
  const parsed = schema.safeParse(parseJson(text));
  return parsed.success ? parsed.data : unreadable(c);
}

/**
 * A body of at most MAX_BODY_BYTES, counted as it comes: a proxy may leave the length out. Undefined where
 * it is longer, or its sender is gone. (Hono's own limit fails on bodies without a length behind this server.)
 */
async function readText(request: Request): Promise<string | undefined> {
  if (Number(request.headers.get("content-length") ?? 0) > MAX_BODY_BYTES) return undefined;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request.body ?? []) {
      bytes += chunk.byteLength;
      if (bytes > MAX_BODY_BYTES) return undefined;
      chunks.push(chunk);
    }
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function unreadable(c: Context): Response {
  return c.json({ error: "LogHunter could not read this request. Reload the page and try again." }, 400);
}
