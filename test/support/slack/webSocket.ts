import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

/** The server's end of one WebSocket: https://www.rfc-editor.org/rfc/rfc6455 */
export interface ServerSocket {
  send(text: string): void;
  ping(): void;
  /** Ends it with the closing handshake. */
  close(): void;
  /** Ends it without a word. */
  drop(): void;
}

export interface SocketEvents {
  text(text: string): void;
  closed(): void;
}

/** Accepts an upgrade. Frames of a test are whole: none is continued in another. */
export function acceptWebSocket(
  request: IncomingMessage,
  stream: Duplex,
  events: SocketEvents,
): ServerSocket {
  const accept = createHash("sha1")
    .update(`${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest("base64");
  stream.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  let buffered = Buffer.alloc(0);
  let isClosing = false;
  stream.on("data", (chunk: Buffer) => {
    buffered = Buffer.concat([buffered, chunk]);
    for (let frame = readFrame(buffered); frame !== undefined; frame = readFrame(buffered)) {
      buffered = buffered.subarray(frame.bytes);
      if (frame.opcode === TEXT) events.text(frame.payload.toString("utf8"));
      if (frame.opcode === PING) write(PONG, frame.payload);
      if (frame.opcode === CLOSE) {
        if (!isClosing) write(CLOSE, frame.payload);
        stream.end();
      }
    }
  });
  stream.on("error", () => stream.destroy());
  stream.on("close", () => events.closed());

  function write(opcode: number, payload: Buffer): void {
    if (!stream.writable) return;
    const length = payload.byteLength;
    const head = length < 126 ? Buffer.from([0x80 | opcode, length]) : Buffer.alloc(length < 65_536 ? 4 : 10);
    if (length >= 126) {
      head[0] = 0x80 | opcode;
      head[1] = length < 65_536 ? 126 : 127;
      if (length < 65_536) head.writeUInt16BE(length, 2);
      else head.writeBigUInt64BE(BigInt(length), 2);
    }
    stream.write(Buffer.concat([head, payload]));
  }

  return {
    send: (text) => write(TEXT, Buffer.from(text)),
    ping: () => write(PING, Buffer.from("ping")),
    close() {
      isClosing = true;
      write(CLOSE, Buffer.from([0x03, 0xe8]));
    },
    drop: () => stream.destroy(),
  };
}

const [TEXT, CLOSE, PING, PONG] = [0x1, 0x8, 0x9, 0xa] as const;

function readFrame(buffer: Buffer): { opcode: number; payload: Buffer; bytes: number } | undefined {
  if (buffer.byteLength < 6) return undefined;
  const opcode = (buffer[0] ?? 0) & 0x0f;
  const short = (buffer[1] ?? 0) & 0x7f;
  const at = short === 126 ? 4 : short === 127 ? 10 : 2;
  if (buffer.byteLength < at + 4) return undefined;
  const length =
    short === 126 ? buffer.readUInt16BE(2) : short === 127 ? Number(buffer.readBigUInt64BE(2)) : short;
  const bytes = at + 4 + length;
  if (buffer.byteLength < bytes) return undefined;
  const mask = buffer.subarray(at, at + 4);
  const payload = Buffer.from(buffer.subarray(at + 4, bytes));
  for (let i = 0; i < payload.byteLength; i++) payload[i] = (payload[i] ?? 0) ^ (mask[i % 4] ?? 0);
  return { opcode, payload, bytes };
}
