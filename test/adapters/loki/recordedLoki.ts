import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { readRecording } from "../../support/loki/recordings.ts";

export interface RecordedLoki {
  url: string;
  /** Path and parameters of all that was asked, in order. */
  asked: { path: string; params: URLSearchParams }[];
  close(): Promise<void>;
}

/**
 * A server that answers each path with one recording, whatever its parameters: the adapter writes its queries its
 * own way, and what counts here is what it makes of the answer.
 * @param answers the end of a path → the recording's name; labels and limits are there unless said otherwise
 * @param nowMs its clock, which clients compare with theirs
 */
export async function startRecordedLoki(
  answers: Record<string, string>,
  nowMs: number,
): Promise<RecordedLoki> {
  const asked: RecordedLoki["asked"] = [];
  const all = Object.entries({ ...answers, "/labels": answers["/labels"] ?? "labels" });
  const server = createServer((request, reply) => {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://loki");
    asked.push({ path: pathname, params: searchParams });
    const name =
      all.find(([end]) => pathname.endsWith(end))?.[1] ??
      (pathname.endsWith("/drilldown-limits") ? "status-limits" : "status-unknown-path");
    const { status, body = "", raw } = readRecording(name).response;
    if (raw !== undefined) request.socket.end(raw);
    else reply.writeHead(status, { date: new Date(nowMs).toUTCString() }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
