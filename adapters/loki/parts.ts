import type { Level, LineQuery } from "../../src/logs/source.ts";
import { levelParts } from "./levels.ts";
import { contains, cutAt, isAnyOf, isSet, name, ownPipeline, quoted, selector } from "./logql.ts";
import type { Shape } from "./shape.ts";

/** What a query asks of streams and lines, without its times. */
export type Asked = Pick<LineQuery, "services" | "namespace" | "levels" | "contains" | "logql">;

/** Names beyond this many go into a query of their own: Loki takes 131,072 characters. */
const NAMES_A_QUERY = 200;
/** Longer lines come cut: a stack trace fits, a dump of megabytes does not. */
export const LONGEST_LINE = 64 * 1024;

/** A log query in two: which streams, and what is done with their lines. */
export interface LogPipeline {
  /** Written matchers. */
  matchers: readonly string[];
  /** Beginning with `|`, or empty. */
  pipeline: string;
}

export function textOf({ matchers, pipeline }: LogPipeline): string {
  return pipeline === "" ? selector(matchers) : `${selector(matchers)} ${pipeline}`;
}

/** The log queries, without overlap, whose lines together are the ones asked for and at most some more. */
export function pipelinesOf(asked: Asked, shape: Shape): LogPipeline[] {
  if (asked.logql !== undefined) {
    const { matchers, pipeline } = ownPipeline(asked.logql);
    return [{ matchers, pipeline: joined(pipeline, cutAt(LONGEST_LINE)) }];
  }
  const filters = (asked.contains ?? []).filter((text) => text !== "").map(contains);
  const parts =
    asked.levels === undefined ? [{ matchers: [], pipeline: "" }] : levelParts(asked.levels, shape);
  return placesOf(asked, shape).flatMap((matchers) =>
    parts.map((part) => ({
      matchers: [...matchers, ...part.matchers],
      pipeline: joined(...filters, part.pipeline, cutAt(LONGEST_LINE)),
    })),
  );
}

export function joined(...pieces: string[]): string {
  return pieces.filter((piece) => piece !== "").join(" ");
}

/** The matchers of the places asked for, for one query each; none where nothing can match. */
export function placesOf(
  { services, namespace }: Pick<Asked, "services" | "namespace">,
  shape: Shape,
): string[][] {
  const inNamespace: string[] = [];
  if (namespace !== undefined) {
    if (shape.namespace !== undefined) inNamespace.push(`${name(shape.namespace)}=${quoted(namespace)}`);
    // Without such a label every line is in the namespace without a name.
    else if (namespace !== "") return [];
  }
  // At least one matcher must not take the empty value.
  if (services === undefined) return [[isSet(shape.service), ...inNamespace]];
  const known = [...new Set(services)].filter((service) => service !== "");
  const places: string[][] = [];
  for (let at = 0; at < known.length; at += NAMES_A_QUERY) {
    places.push([isAnyOf(shape.service, known.slice(at, at + NAMES_A_QUERY)), ...inNamespace]);
  }
  return places;
}

export function acceptsLevel(level: Level | undefined, levels: readonly Level[] | undefined): boolean {
  return levels === undefined || (level !== undefined && levels.includes(level));
}
