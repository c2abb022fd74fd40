import type { SourceHealth } from "../../src/logs/source.ts";
import type { Shape } from "./shape.ts";

/** A clock that is further off makes windows that end now miss lines, or show what is not complete. */
const MOST_SKEW_MS = 5_000;

/** @param address of the Loki, without credentials */
export function healthOf(shape: Shape, address: string, skewMs: number | undefined): SourceHealth {
  const version = shape.version === undefined ? "" : ` ${shape.version}`;
  const where = `Loki${version} at ${address}`;
  if (shape.labels.length === 0) {
    return {
      ok: true,
      summary: `${where}: no logs of this organisation in the last 7 days.`,
      warnings: [
        "Loki has no logs of this organisation in the last 7 days. It cannot tell a wrong organisation from a silent one: check the one this workspace is connected to.",
      ],
    };
  }
  return {
    ok: true,
    summary: `${where}: services by the label ${shape.service}, ${namespaces(shape)}, levels ${levels(shape)}.`,
    warnings: warningsOf(shape, skewMs),
  };
}

/** For an organisation that Loki cannot have. */
export const NO_ORG: SourceHealth = {
  ok: false,
  summary:
    "That cannot be the name of an organisation in Loki: letters, digits and !-_.*'() only, at most 150.",
  warnings: [],
};

export const LATE =
  "Loki takes too long to say which labels it has. See that it runs, and what keeps it busy.";

function namespaces({ namespace }: Shape): string {
  return namespace === undefined ? "no namespaces" : `namespaces by ${namespace}`;
}

function levels({ level, detectsLevel }: Shape): string {
  if (level !== undefined) return `by ${level}`;
  return detectsLevel ? "as Loki detects them" : "from the text of lines";
}

function warningsOf(shape: Shape, skewMs: number | undefined): string[] {
  const warnings: string[] = [];
  if (!shape.labels.includes(shape.service)) {
    warnings.push(
      `No stream has the label ${shape.service}, so no service is found. Set LOKI_SERVICE_LABEL to one of ${listed(shape.labels)}.`,
    );
  }
  if (shape.level === undefined && !shape.detectsLevel) {
    warnings.push(
      "No stream has a label for the level, so that errors are searched for in the text of all lines, which is slow. Have your shipper add one, or set LOKI_LEVEL_LABEL.",
    );
  }
  if (skewMs !== undefined && Math.abs(skewMs) > MOST_SKEW_MS) {
    const seconds = Math.round(Math.abs(skewMs) / 1_000);
    warnings.push(
      `Loki's clock is ${seconds} s ${skewMs > 0 ? "ahead of" : "behind"} this machine's, so that lines seem missing or late. Set both by NTP.`,
    );
  }
  if (shape.lookbackMs > 0) {
    warnings.push(
      `Loki shows nothing older than ${hours(shape.lookbackMs)} (max_query_lookback), and says nothing where a longer time is asked for.`,
    );
  }
  return warnings;
}

function listed(labels: readonly string[]): string {
  return labels.slice(0, 10).join(", ");
}

function hours(ms: number): string {
  return ms < 3_600_000 ? `${Math.round(ms / 60_000)} minutes` : `${Math.round(ms / 3_600_000)} hours`;
}
