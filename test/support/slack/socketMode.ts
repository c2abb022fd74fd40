import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { acceptWebSocket, type WebSocketEnd } from "../webSocket.ts";

/** The server's end of Socket Mode: https://docs.slack.dev/apis/events-api/using-socket-mode */
export interface SocketMode {
  accept(request: IncomingMessage, stream: Duplex): void;
  /** Hands over a payload on the newest connection. @returns what it was acknowledged with */
  deliver(envelope: Record<string, unknown>, withinMs?: number): Promise<unknown>;
  /** Hands it over, and does not hear that it was acknowledged. */
  deliverUnheard(envelope: Record<string, unknown>): void;
  /** Slack ends a connection every few hours, and says so. */
  refresh(reason: "refresh_requested" | "warning"): void;
  /** Without a word. */
  drop(): void;
  connections(): number;
  /** How often one was opened. */
  opened(): number;
  /** No new connection hears hello until it is set back. */
  isMute: boolean;
  close(): void;
}

/** @param hear is given each text that the bot sends */
export function createSocketMode(
  complain: (what: string) => void,
  hear: (text: string) => void = () => {},
): SocketMode {
  const open: WebSocketEnd[] = [];
  const waiting = new Map<string, (payload: unknown) => void>();
  let opened = 0;
  let serial = 0;
  const pings = setInterval(() => {
    for (const socket of open) socket.ping();
  }, 5_000);
  pings.unref();

  return {
    isMute: false,
    accept(request, stream) {
      opened++;
      const socket = acceptWebSocket(request, stream, {
        text(text) {
          hear(text);
          const { envelope_id: id, payload } = JSON.parse(text) as {
            envelope_id?: string;
            payload?: unknown;
          };
          const heard = id === undefined ? undefined : waiting.get(id);
          if (heard === undefined)
            complain(`acknowledged what was not waiting for it: ${text.slice(0, 100)}`);
          heard?.(payload);
        },
        closed() {
          const at = open.indexOf(socket);
          if (at >= 0) open.splice(at, 1);
        },
      });
      open.push(socket);
      if (this.isMute) return;
      socket.send(
        JSON.stringify({ type: "hello", num_connections: 1, connection_info: { app_id: "A0LOGHNT1" } }),
      );
      socket.ping();
    },
    async deliver(envelope, withinMs = 3_000) {
      const socket = open.at(-1);
      if (socket === undefined) throw new Error("nobody is connected");
      serial++;
      const id = `envelope-${serial}`;
      let timer: NodeJS.Timeout | undefined;
      try {
        return await new Promise((resolve, reject) => {
          waiting.set(id, resolve);
          timer = setTimeout(() => reject(new Error(`not acknowledged within ${withinMs} ms`)), withinMs);
          socket.send(JSON.stringify({ envelope_id: id, accepts_response_payload: true, ...envelope }));
        });
      } finally {
        clearTimeout(timer);
        waiting.delete(id);
      }
    },
    deliverUnheard(envelope) {
      serial++;
      const id = `envelope-${serial}`;
      waiting.set(id, () => {});
      open.at(-1)?.send(JSON.stringify({ envelope_id: id, accepts_response_payload: true, ...envelope }));
    },
    refresh(reason) {
      for (const socket of open) socket.send(JSON.stringify({ type: "disconnect", reason }));
    },
    drop() {
      for (const socket of [...open]) socket.cut();
    },
    connections: () => open.length,
    opened: () => opened,
    close() {
      clearInterval(pings);
      for (const socket of [...open]) socket.cut();
    },
  };
}
