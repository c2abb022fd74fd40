import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** One exchange with a real Loki 3.7.6, kept as it was recorded; test/fixtures/loki/INDEX.json lists them all. */
export interface Recording {
  name: string;
  note: string;
  request: {
    method: string;
    path: string;
    query?: [string, string][];
    headers?: Record<string, string>;
    body?: string;
  };
  response: RecordedResponse;
  /** Of tail-*: what came over the WebSocket. */
  frames?: { atMs: number; ping?: boolean; binary?: boolean; data?: string }[];
  close?: { code: number; reason: string; atMs: number };
}

interface RecordedResponse {
  status: number;
  headers: Record<string, string>;
  body?: string;
  /** Where the body is no text. */
  bodyBase64?: string;
  /** What went over the wire, where the body was compressed. */
  wireBase64?: string;
  /** Where the answer was broken off and nothing but this was seen. */
  raw?: string;
}

const FOLDER = new URL("../../fixtures/loki/", import.meta.url);
/** What the server that replays says of itself. */
const OF_THE_CONNECTION = new Set(["date", "connection", "content-length", "transfer-encoding"]);

export function recordingNames(): string[] {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith(".json") && file !== "INDEX.json");
  return files.map((file) => file.slice(0, -".json".length)).sort();
}

export function readRecording(name: string): Recording {
  return JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), "utf8")) as Recording;
}

/** A server that answers whatever it is asked with exactly this recorded response. */
export async function replayRecording(name: string): Promise<{ url: string; close(): Promise<void> }> {
  const { response } = readRecording(name);
  const server = createServer({ maxHeaderSize: 2 ** 20 }, (request, reply) => {
    request.resume();
    if (response.raw !== undefined) {
      request.socket.end(response.raw);
      return;
    }
    const headers = Object.entries(response.headers).filter(([header]) => !OF_THE_CONNECTION.has(header));
    reply.writeHead(response.status, Object.fromEntries(headers)).end(bytesOf(response));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((problem) => (problem === undefined ? resolve() : reject(problem)));
        server.closeAllConnections();
      }),
  };
}

function bytesOf({ body, bodyBase64, wireBase64 }: RecordedResponse): Buffer {
  if (wireBase64 !== undefined) return Buffer.from(wireBase64, "base64");
  return bodyBase64 === undefined ? Buffer.from(body ?? "") : Buffer.from(bodyBase64, "base64");
}
