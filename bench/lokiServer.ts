/**
 * A stand-in Loki in a process of its own, so that its work is not ours: `node --import tsx bench/lokiServer.ts
 * <lines> <services> <lines a second>`. With a pace it answers as fast as a real Loki was measured to, without
 * one (0) as fast as it can. Prints its address.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { type StandInLine, startStandInLoki } from "../test/support/loki/standIn.ts";

const [lines = 0, services = 1, linesPerSecond = 0] = process.argv.slice(2).map(Number);
const END_MS = Number(process.argv[5] ?? Date.now());
const SPAN_MS = 24 * 3_600_000;

const MESSAGES = [
  (i: number) => `charge failed: card declined for order ord-${(i * 7_919).toString(16)}`,
  (i: number) => `timeout after ${i % 9_000} ms calling payments-api`,
  (i: number) => `could not reserve stock of sku-${i % 500} for user u${i}`,
  (i: number) => `connection refused by 10.0.${i % 255}.${(i * 3) % 255}:5432`,
];

function* made(): Generator<StandInLine> {
  for (let i = 0; i < lines; i++) {
    const atMs = END_MS - SPAN_MS + Math.floor((i / lines) * SPAN_MS);
    const service = `service-${i % services}`;
    const said = {
      ts: new Date(atMs).toISOString(),
      level: "error",
      msg: MESSAGES[i % MESSAGES.length]?.(i),
      duration_ms: i % 5_000,
      status: 503,
      trace_id: ((i * 123_456_789) % 2 ** 48).toString(16).padStart(32, "0"),
    };
    yield {
      atNs: BigInt(atMs) * 1_000_000n + BigInt(i % 1_000_000),
      text: JSON.stringify(said),
      labels: { service_name: service, namespace: "prod", level: "error" },
    };
  }
}

const standIn = await startStandInLoki({ limits: { maxSeries: 1_000 } });
let batch: StandInLine[] = [];
for (const line of made()) {
  batch.push(line);
  if (batch.length === 50_000) {
    standIn.push("acme", batch);
    batch = [];
  }
}
standIn.push("acme", batch);

if (linesPerSecond === 0) {
  console.log(standIn.url);
} else {
  const paced = createServer(async (request, response) => {
    const startedMs = performance.now();
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const isForm = request.method === "POST";
    const answer = await fetch(`${standIn.url}${request.url}`, {
      method: isForm ? "POST" : "GET",
      ...(isForm && { body: Buffer.concat(chunks) }),
      headers: {
        "x-scope-orgid": String(request.headers["x-scope-orgid"]),
        "x-loki-response-encoding-flags": "categorize-labels",
        ...(isForm && { "content-type": "application/x-www-form-urlencoded" }),
      },
    });
    const body = await answer.text();
    const count = body.match(/\["\d{19}"/g)?.length ?? 0;
    await sleep(Math.max(0, (count / linesPerSecond) * 1_000 - (performance.now() - startedMs)));
    response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "" });
    response.end(body);
  });
  paced.listen(0, "127.0.0.1", () =>
    console.log(`http://127.0.0.1:${(paced.address() as AddressInfo).port}`),
  );
}
