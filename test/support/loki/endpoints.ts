import { LokiFailure } from "./failure.ts";
import {
  formatQuery,
  labelNames,
  labelValues,
  patterns,
  series,
  stats,
  volume,
  volumeRange,
} from "./indexAnswers.ts";
import { instantQuery, rangeQuery } from "./queryAnswers.ts";
import type { Rules } from "./rules.ts";
import type { Shelf } from "./shelf.ts";
import type { StandInRequest } from "./standIn.ts";
import { buildInfo, drilldownLimits } from "./status.ts";

export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

export interface Serving {
  shelf: Shelf;
  rules: Rules;
  /** How many requests there were: lines of one nanosecond come in another order each time. */
  asked: number;
}

/** A request of a known tenant. */
export interface Asked extends Serving {
  org: string;
  params: URLSearchParams;
  flags: string | undefined;
}

/** Answers of Loki's handlers: text is JSON with a charset where the recordings have one. */
type Handler = (asked: Asked) => string;

const TENANT: Record<string, Handler> = {
  "/loki/api/v1/query_range": rangeQuery,
  "/loki/api/v1/query": instantQuery,
  "/loki/api/v1/labels": labelNames,
  "/loki/api/v1/series": series,
  "/loki/api/v1/index/volume": volume,
  "/loki/api/v1/index/volume_range": volumeRange,
  "/loki/api/v1/index/stats": stats,
  "/loki/api/v1/patterns": patterns,
  "/loki/api/v1/drilldown-limits": drilldownLimits,
};

const TEXT = { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" };

export function answer(request: StandInRequest, serving: Serving): Answer {
  try {
    return route(request, serving);
  } catch (problem) {
    if (!(problem instanceof LokiFailure)) throw problem;
    return { status: problem.status, headers: TEXT, body: problem.message };
  }
}

function route({ method, path, params, org, headers }: StandInRequest, serving: Serving): Answer {
  authorise(headers, serving.rules);
  switch (path) {
    case "/ready":
      return { status: 200, headers: TEXT, body: "ready\n" };
    case "/loki/api/v1/status/buildinfo":
      return json(buildInfo(serving.rules), "application/json");
    case "/loki/api/v1/format_query":
      return formatQuery(params);
  }
  const handler = handlerOf(path, serving.rules);
  if (handler === undefined) throw new LokiFailure(404, "404 page not found\n");
  if (method !== "GET" && method !== "POST") return { status: 405, headers: {}, body: "" };
  const tenant = tenantOf(org);
  const body = handler({ ...serving, org: tenant, params, flags: headers["x-loki-response-encoding-flags"] });
  return json(body, path.endsWith("-limits") ? "application/json" : "application/json; charset=UTF-8");
}

function json(body: string, type: string): Answer {
  return { status: 200, headers: { "content-type": type }, body: `${body}\n` };
}

function handlerOf(path: string, { modern }: Rules): Handler | undefined {
  const [, label] = /^\/loki\/api\/v1\/label\/([^/]+)\/values$/.exec(path) ?? [];
  if (label !== undefined) return labelValues(decodeURIComponent(label));
  if (!modern && path.endsWith("/drilldown-limits")) return undefined;
  return Object.hasOwn(TENANT, path) ? TENANT[path] : undefined;
}

function authorise(headers: Record<string, string>, { auth }: Rules): void {
  if (auth === undefined) return;
  const wanted =
    "basic" in auth ? `Basic ${Buffer.from(auth.basic).toString("base64")}` : `Bearer ${auth.bearer}`;
  if (headers.authorization !== wanted) throw new LokiFailure(401, "Unauthorized\n");
}

/** The tenant's name is checked as Loki does; several at once are off, as they are in a stock Loki. */
function tenantOf(org: string | undefined): string {
  if (org === undefined) throw new LokiFailure(401, "no org id\n");
  const names = [...new Set(org.split("|"))];
  for (const name of names) {
    const bad = /[^a-zA-Z0-9!\-_.*'()]/.exec(name)?.[0];
    if (bad !== undefined) {
      throw failedTenant(`tenant ID '${name}' contains unsupported character '${bad}'`);
    }
    if (name.length > 150) throw failedTenant("tenant ID is too long: max 150 characters");
    if (name === "." || name === "..") throw failedTenant("tenant ID is '.' or '..'");
  }
  const [only = ""] = names;
  if (names.length > 1) throw new LokiFailure(400, "multiple org IDs present");
  return only;
}

function failedTenant(why: string): LokiFailure {
  return new LokiFailure(400, `rpc error: code = Code(400) desc = ${why}`);
}
