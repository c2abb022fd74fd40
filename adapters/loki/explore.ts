import type { LineQuery } from "../../src/logs/source.ts";
import { DETECTED } from "./levels.ts";
import { contains, namedOneOf, ownPipeline, quoted, selector } from "./logql.ts";
import { joined, placesOf } from "./parts.ts";
import type { Shape } from "./shape.ts";

/** A Grafana that shows the same Loki. */
export interface Grafana {
  /** With its path, where it has one. */
  url: string;
  /** The uid of the data source, as its settings page shows it in the address. */
  datasource: string;
  orgId: number;
  /** `panes` since Grafana 10, `left` before it. */
  form: "panes" | "left";
}

/** Opens Grafana Explore on exactly this query and time. https://grafana.com/docs/grafana/latest/explore/get-started-with-explore/ */
export function exploreLink(grafana: Grafana, query: LineQuery, shape: Shape): string | undefined {
  const expr = expressionOf(query, shape);
  if (expr === undefined) return undefined;
  const queries = [
    {
      refId: "A",
      expr,
      queryType: "range",
      editorMode: "code",
      direction: query.order === "oldest first" ? "forward" : "backward",
      datasource: { type: "loki", uid: grafana.datasource },
    },
  ];
  const range = { from: String(Math.floor(query.fromMs)), to: String(Math.ceil(query.toMs)) };
  const params = new URLSearchParams({ orgId: String(grafana.orgId) });
  if (grafana.form === "left") {
    params.set("left", JSON.stringify({ datasource: grafana.datasource, queries, range }));
  } else {
    params.set("schemaVersion", "1");
    params.set("panes", JSON.stringify({ lh: { datasource: grafana.datasource, queries, range } }));
  }
  return `${grafana.url.replace(/\/+$/, "")}/explore?${params.toString()}`;
}

/**
 * One query for people to read and go on from: what LogHunter asks in several, and without the cut of long lines.
 * Undefined where nothing can match: a link that shows something would show something else.
 */
export function expressionOf(query: LineQuery, shape: Shape): string | undefined {
  if (query.logql !== undefined) {
    const { matchers, pipeline } = ownPipeline(query.logql);
    return joined(selector(matchers), pipeline);
  }
  const [matchers] = placesOf(query, shape);
  if (matchers === undefined) return undefined;
  const { contains: texts = [], levels } = query;
  const filters = texts.filter((text) => text !== "").map(contains);
  return joined(selector(matchers), ...filters, levels === undefined ? "" : levelFilter(levels, shape));
}

function levelFilter(levels: NonNullable<LineQuery["levels"]>, shape: Shape): string {
  const words = levels.flatMap((level) => WORDS[level]);
  const labels = [
    ...(shape.level === undefined ? [] : [shape.level]),
    ...(shape.detectsLevel ? [DETECTED] : []),
  ];
  if (labels.length === 0) return `|~ ${quoted(`(?i)\\b(?:${words.join("|")})\\b`)}`;
  return `| ${labels.map((label) => namedOneOf(label, "=~", words)).join(" or ")}`;
}

/** The usual words only: a link that lists every number and letter reads badly. */
const WORDS = {
  FATAL: ["fatal", "panic", "emerg"],
  CRITICAL: ["critical", "crit", "alert"],
  ERROR: ["error", "err", "severe"],
  WARN: ["warn", "warning"],
  INFO: ["info", "notice"],
  DEBUG: ["debug"],
  TRACE: ["trace"],
} as const;
