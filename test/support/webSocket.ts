import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";

/** The server's end of one WebSocket. */
export interface WebSocketEnd {
  send(text: string): void;
  ping(): void;
  /** With the closing handshake. */
  close(code?: number): void;
  /** As when a cable is pulled. */
  cut(): void;
}

export interface WebSocketListener {
  text(text: string): void;
  closed(): void;
}

/** Accepts an upgrade. */
export function acceptWebSocket(
  request: IncomingMessage,
  stream: Duplex,
  listener: WebSocketListener,
): WebSocketEnd {
  const server = new WebSocketServer({ noServer: true });
  let accepted: WebSocketEnd | undefined;
  // It calls back at once.
  server.handleUpgrade(request, stream, Buffer.alloc(0), (socket) => {
    socket.on("message", (data) => listener.text(String(data)));
    socket.on("close", () => listener.closed());
    socket.on("error", () => socket.terminate());
    accepted = {
      send: (text) => socket.send(text),
      ping: () => socket.ping("ping"),
      close: (code = 1_000) => socket.close(code),
      cut: () => socket.terminate(),
    };
  });
  if (accepted === undefined) throw new Error("this request is no WebSocket's");
  return accepted;
}
