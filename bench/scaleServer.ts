/**
 * A Loki that counts, in a process of its own, so that its work is not ours: `node --import tsx bench/scaleServer.ts
 * <services>`. Every organisation has that many services, each with some lines a minute and some errors among them; what is
 * counted in a minute is the same each time. Prints its address, and on `GET /asked` how many queries there were.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const services = Number(process.argv[2] ?? 50);
let asked = 0;

const server = createServer(async (request, response) => {
  const url = new URL(request.url ?? "/", "http://loki");
  let text = url.search.slice(1);
  for await (const chunk of request) text += chunk;
  const params = new URLSearchParams(text);
  const send = (body: unknown) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  };
  if (url.pathname === "/asked") return send({ asked });
  asked++;
  if (url.pathname.endsWith("/drilldown-limits"))
    return send({ limits: { discover_log_levels: false, volume_enabled: true }, version: "3.7.6" });
  if (url.pathname.endsWith("/labels"))
    return send({ status: "success", data: ["level", "namespace", "service_name"] });
  if (!url.pathname.endsWith("/query_range")) return send({ status: "success" });
  const isMetric = params.get("query")?.includes("count_over_time") === true;
  if (!isMetric) return send({ status: "success", data: { resultType: "streams", result: [] } });
  return send(matrix(Number(params.get("start")) / 1e9, Number(params.get("end")) / 1e9, stepOf(params)));
});
server.listen(0, "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});

function stepOf(params: URLSearchParams): number {
  return Number.parseFloat(params.get("step") ?? "60");
}

function matrix(from: number, to: number, step: number): unknown {
  const result = Array.from({ length: services }, (_, at) =>
    (["info", "error"] as const).flatMap((level) => {
      const values: [number, string][] = [];
      for (let seconds = from; seconds <= to; seconds += step) {
        const count = level === "info" ? 60 + ((seconds / 60 + at * 7) % 13) : (seconds / 60 + at * 3) % 4;
        if (count >= 1) values.push([seconds, String(Math.floor(count))]);
      }
      return values.length === 0
        ? []
        : [{ metric: { service_name: `service-${at}`, namespace: "prod", level }, values }];
    }),
  ).flat();
  return { status: "success", data: { resultType: "matrix", result } };
}
