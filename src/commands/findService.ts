import { nearest } from "../chat/command.ts";
import { UserError } from "../errors.ts";
import type { LogSource, ServiceRef, TimeRange } from "../logs/source.ts";

/** Services are looked for this far back when the asked range has no such name: it may just be silent. */
const KNOWN_WITHIN_MS = 24 * 60 * 60_000;
const LISTED = 12;

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
  const inNamespace =
    namespace === undefined ? matches : matches.filter((ref) => same(ref.namespace, namespace));
  const only = inNamespace[0];
  if (only !== undefined && inNamespace.length === 1) return only;

  if (inNamespace.length > 1) {
    const spaces = inNamespace.map((ref) => ref.namespace || '""').join(", ");
    throw new UserError(
      `There is a ${asked.service} in several namespaces: ${spaces}. Add namespace:<one of them>.`,
    );
  }
  if (matches.length > 0) {
    throw new UserError(
      `${asked.service} is not in ${namespace}, but in ${matches.map((ref) => ref.namespace || '""').join(", ")}.`,
    );
  }
  throw new UserError(noSuchService(asked.service, known));
}

function noSuchService(asked: string, known: readonly ServiceRef[]): string {
  if (known.length === 0)
    return "No service has logged anything in the last day. Type status to see what is read.";
  const names = [...new Set(known.map((ref) => ref.service))];
  const near = nearest(asked.toLowerCase(), names);
  if (near !== undefined)
    return `No service "${asked}" has logged anything in the last day. Did you mean ${near}?`;
  const list = names.slice(0, LISTED).join(", ");
  const more = names.length > LISTED ? ` and ${names.length - LISTED} more` : "";
  return `No service "${asked}" has logged anything in the last day. There are ${list}${more}.`;
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
