import type { IncomingMessage, ServerResponse } from "node:http";
import type { SentFile } from "./rules.ts";

export interface Request {
  method: string;
  /** Without the version of the interface before it. */
  path: string;
  query: URLSearchParams;
  /** The bot's token, where it was sent. */
  token: string | undefined;
  body: Record<string, unknown>;
  files: SentFile[];
  /** The body as it came. */
  sent: string;
}

export interface Answer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

export const refuse = (status: number, code: number, message: string): Answer => ({
  status,
  body: { code, message },
});

export async function readRequest(incoming: IncomingMessage): Promise<Request> {
  const url = new URL(incoming.url ?? "/", "http://loopback");
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  const type = incoming.headers["content-type"] ?? "";
  const { body, files } = type.startsWith("multipart/form-data")
    ? await readParts(bytes, type)
    : { body: bytes.length === 0 ? {} : JSON.parse(bytes.toString("utf8")), files: [] };
  return {
    method: incoming.method ?? "GET",
    path: decodeURIComponent(url.pathname.replace(/^\/api\/v10/, "")),
    query: url.searchParams,
    token: incoming.headers.authorization?.replace(/^Bot /, ""),
    body,
    files,
    sent: bytes.toString("utf8"),
  };
}

async function readParts(bytes: Buffer, type: string) {
  const form = await new Response(new Uint8Array(bytes), { headers: { "content-type": type } }).formData();
  const files: SentFile[] = [];
  let body = {};
  for (const [field, value] of form) {
    if (typeof value === "string") body = JSON.parse(value);
    else {
      const data = new Uint8Array(await value.arrayBuffer());
      files.push({ field, name: value.name, type: value.type, bytes: data });
    }
  }
  return { body, files };
}

export function sendAnswer(response: ServerResponse, { status, body, headers }: Answer): void {
  if (body === undefined) {
    response.writeHead(status, headers).end();
    return;
  }
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}
