import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

/** The server's end of a WebSocket, as much of https://www.rfc-editor.org/rfc/rfc6455 as a gateway needs. */
export interface WebSocketEnd {
  send(message: unknown): void;
  /** Closes as the protocol has it. */
  close(code: number): void;
  /** As when a cable is pulled. */
  cut(): void;
}

export interface WebSocketListener {
  message(message: unknown): void;
  closed(): void;
}

export function acceptWebSocket(
  request: IncomingMessage,
  socket: Duplex,
  listen: (end: WebSocketEnd) => WebSocketListener,
): void {
  const key = `${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
  socket.write(
    [
      "HTTP/1.1 101 Switching Protocols",
      "Upgrade: websocket",
      "Connection: Upgrade",
      `Sec-WebSocket-Accept: ${createHash("sha1").update(key).digest("base64")}`,
      "\r\n",
    ].join("\r\n"),
  );
  const write = (opcode: number, payload: Buffer) => {
    if (socket.writable) socket.write(frame(opcode, payload));
  };
  const listener = listen({
    send: (message) => write(TEXT, Buffer.from(JSON.stringify(message))),
    close(code) {
      write(CLOSE, Buffer.from([code >> 8, code & 0xff]));
      socket.end();
    },
    cut: () => socket.destroy(),
  });
  let held = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => {
    held = Buffer.concat([held, chunk]);
    for (let read = readFrame(held); read !== undefined; read = readFrame(held)) {
      held = held.subarray(read.length);
      if (read.opcode === TEXT) listener.message(JSON.parse(read.payload.toString("utf8")));
      if (read.opcode === PING) write(PONG, read.payload);
      if (read.opcode === CLOSE) {
        write(CLOSE, read.payload.subarray(0, 2));
        socket.end();
      }
    }
  });
  socket.on("error", () => {});
  socket.on("close", () => listener.closed());
}

const TEXT = 1;
const CLOSE = 8;
const PING = 9;
const PONG = 10;

function frame(opcode: number, payload: Buffer): Buffer {
  const { length } = payload;
  if (length < 126) return Buffer.concat([Buffer.from([0x80 | opcode, length]), payload]);
  if (length < 0x10000) {
    return Buffer.concat([Buffer.from([0x80 | opcode, 126, length >> 8, length & 0xff]), payload]);
  }
  const head = Buffer.alloc(10);
  head.writeUInt8(0x80 | opcode, 0);
  head.writeUInt8(127, 1);
  head.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([head, payload]);
}

/** The first whole frame; clients mask theirs, and the SDK's are never in parts. */
function readFrame(held: Buffer): { opcode: number; payload: Buffer; length: number } | undefined {
  if (held.length < 2) return undefined;
  const opcode = held.readUInt8(0) & 0x0f;
  const short = held.readUInt8(1) & 0x7f;
  const extra = short === 126 ? 2 : short === 127 ? 8 : 0;
  const start = 2 + extra + 4;
  if (held.length < start) return undefined;
  const size = extra === 2 ? held.readUInt16BE(2) : extra === 8 ? Number(held.readBigUInt64BE(2)) : short;
  if (held.length < start + size) return undefined;
  const mask = held.subarray(start - 4, start);
  const payload = Buffer.from(held.subarray(start, start + size));
  for (let i = 0; i < payload.length; i++) payload[i] = (payload[i] ?? 0) ^ (mask[i % 4] ?? 0);
  return { opcode, payload, length: start + size };
}
