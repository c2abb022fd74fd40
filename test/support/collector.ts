import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A span as it came in. https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto */
export interface SeenSpan {
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  attributes: Record<string, string>;
  /** 2 is an error. */
  status: { code?: number; message?: string };
  links: { traceId: string; spanId: string }[];
}

/** Takes traces by OTLP over HTTP, as JSON. */
export interface Collector {
  url: string;
  spans: SeenSpan[];
  /** All that was sent, as it came. */
  bodies: string[];
  /** The status that it answers with from now on. */
  answers(status: number): void;
  close(): Promise<void>;
}

type Value = Record<string, unknown>;
interface Sent {
  resourceSpans: {
    scopeSpans: {
      spans: (Omit<SeenSpan, "attributes" | "links"> & {
        attributes: { key: string; value: Value }[];
        links?: SeenSpan["links"];
      })[];
    }[];
  }[];
}

export async function openCollector(): Promise<Collector> {
  const spans: SeenSpan[] = [];
  const bodies: string[] = [];
  let status = 200;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString("utf8");
    bodies.push(body);
    const isTrace = request.method === "POST" && request.url === "/v1/traces";
    if (isTrace)
      for (const { scopeSpans } of (JSON.parse(body) as Sent).resourceSpans)
        for (const { attributes, links = [], ...span } of scopeSpans.flatMap((scope) => scope.spans))
          spans.push({
            ...span,
            links,
            attributes: Object.fromEntries(
              attributes.map(({ key, value }) => [key, String(Object.values(value)[0])]),
            ),
          });
    response.writeHead(isTrace ? status : 404, { "content-type": "application/json" }).end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    bodies,
    answers(next) {
      status = next;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
