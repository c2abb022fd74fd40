import { nearest } from "../chat/nearest.ts";
import { shownName } from "../chat/shownName.ts";
import { UserError } from "../errors.ts";
import type { LogSource, ServiceRef, TimeRange } from "./source.ts";

/** How the empty namespace is written: an empty value would be no value. */
export const NO_NAMESPACE = "-";

/** Services are looked for this far back when the asked range has no such name: it may just be silent. */
const KNOWN_WITHIN_MS = 24 * 60 * 60_000;
const LISTED = 12;
/** Names come from log lines, and may be anything. */
const NAME_CHARS = 60;

/**
 * The service of that name, whatever its case.
 * @throws UserError naming the nearest service, the namespaces to choose from, or what there is.
 */
export async function findService(
  logs: LogSource,
  org: string,
  asked: { service: string; namespace?: string | undefined },
  range: TimeRange,
): Promise<ServiceRef> {
  const known = await logs.services(org, {
    fromMs: Math.min(range.fromMs, range.toMs - KNOWN_WITHIN_MS),
    toMs: range.toMs,
  });
  const named = known.filter((ref) => ref.service === asked.service);
  const matches = named.length > 0 ? named : known.filter((ref) => same(ref.service, asked.service));
  const namespace = asked.namespace;
  const inNamespace = namespace === undefined ? matches : inThat(namespace, matches);
  const only = inNamespace[0];
  if (only !== undefined && inNamespace.length === 1) return only;

  if (inNamespace.length > 1) {
    const spaces = inNamespace.map((ref) => shown(ref.namespace)).join(", ");
    throw new UserError(
      `There is a ${clip(asked.service)} in several namespaces: ${spaces}. Add namespace:<one of them>.`,
    );
  }
  if (matches.length > 0) {
    throw new UserError(
      `${clip(asked.service)} is not in ${shown(namespace ?? "")}, but in ${matches.map((ref) => shown(ref.namespace)).join(", ")}.`,
    );
  }
  throw new UserError(noSuchService(asked.service, known));
}

/** Those of that very namespace, or else of one that differs from it in case only. */
function inThat(namespace: string, refs: readonly ServiceRef[]): ServiceRef[] {
  const exact = refs.filter((ref) => ref.namespace === namespace);
  return exact.length > 0 ? exact : refs.filter((ref) => same(ref.namespace, namespace));
}

function noSuchService(asked: string, known: readonly ServiceRef[]): string {
  if (known.length === 0)
    return "No service has logged anything in the last day. Type status to see what is read.";
  const names = [...new Set(known.map((ref) => ref.service))];
  const near = nearest(asked.toLowerCase(), names);
  if (near !== undefined)
    return `No service "${clip(asked)}" has logged anything in the last day. Did you mean ${clip(near)}?`;
  const list = names
    .slice(0, LISTED)
    .map((name) => shownName(clip(name)))
    .join(", ");
  const more = names.length > LISTED ? ` and ${names.length - LISTED} more` : "";
  return `No service "${clip(asked)}" has logged anything in the last day. There are ${list}${more}.`;
}

/** As it can be typed: an empty value would be no value. */
function shown(namespace: string): string {
  return clip(namespace) || NO_NAMESPACE;
}

function clip(name: string): string {
  return name.length > NAME_CHARS ? `${name.slice(0, NAME_CHARS - 1)}…` : name;
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
