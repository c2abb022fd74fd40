import type { FailureKind } from "../../../adapters/loki/failure.ts";
import type { Recording } from "../../support/loki/recordings.ts";

/** What a recorded body says, read off its text and by nothing of the adapter's. */

/** The text of a body, whatever it was compressed with: recordings keep it uncompressed too. */
export function bodyOf({ response }: Recording): string {
  return response.body ?? "";
}

/** Times as they stand in the body: they never become a number on the way. */
export function timesIn(body: string): string[] {
  return [...body.matchAll(/\["(\d{19})","/g)].map(([, time]) => time as string);
}

interface RecordedLine {
  text: string;
  labels: Record<string, string>;
  metadata: Record<string, string>;
}

/** Lines in the order of the body. */
export function linesIn(streams: unknown): RecordedLine[] {
  const found: RecordedLine[] = [];
  for (const { stream, values } of streams as {
    stream: Record<string, string>;
    values: [string, string, { structuredMetadata?: Record<string, string> }?][];
  }[]) {
    for (const [, text, beside] of values)
      found.push({ text, labels: stream, metadata: beside?.structuredMetadata ?? {} });
  }
  return found;
}

export function resultIn(body: string): unknown {
  return (JSON.parse(body) as { data: { result: unknown } }).data.result;
}

/** Points as they are written: seconds with or without a fraction, and a number in quotes. */
export function pointsIn(body: string): string[] {
  return [...body.matchAll(/\[(\d+(?:\.\d+)?),"([^"]*)"\]/g)]
    .filter(([, , value]) => value !== "NaN")
    .map(([, at, value]) => `${Number(at)}: ${Number(value)}`);
}

export function countIn(body: string, part: string): number {
  return body.split(part).length - 1;
}

/**
 * What docs say of a status and the beginning of its text, by Loki's own table of errors: the first row that
 * fits. Written from the texts of the recordings, not from the adapter's list.
 */
const TABLE: readonly (readonly [status: number, begins: string, kind: FailureKind])[] = [
  [200, "", "garbled"],
  [204, "", "garbled"],
  // A 2xx that means refused: must not pass for an answer.
  [260, "", "garbled"],
  [401, "no org id", "no org"],
  [400, "multiple org IDs present", "no org"],
  [400, "rpc error: code = Code(400) desc = tenant ID", "no org"],
  [400, "query blocked by policy", "blocked"],
  [400, "the query would read too many bytes", "too large"],
  [400, "maximum number of series", "too many series"],
  [400, "max entries limit per query exceeded", "limit"],
  [400, "max streams matchers per query exceeded", "limit"],
  [400, "the query time range exceeds the limit", "limit"],
  [400, "exceeded maximum resolution", "limit"],
  [400, "stream selector is missing required matchers", "limit"],
  [400, "[interval] value exceeds limit", "limit"],
  // Of pushes, which the adapter makes none of: too much of something is a limit…
  [400, "max entry size", "limit"],
  [400, "stream '{", "limit"],
  [400, "entry for stream '{l0=", "limit"],
  // …and all else that is wrong with a request is the request's fault.
  [400, "", "query"],
  [422, "", "query"],
  [404, "not found", "disabled"],
  [404, "404 page not found", "not found"],
  [405, "", "garbled"],
  [431, "", "limit"],
  [429, "", "busy"],
  [500, "approx_topk is not enabled", "disabled"],
  [503, "", "starting"],
  [504, "", "timeout"],
  // Nothing the adapter asks for changes the protocol: as good as a connection that broke.
  [101, "", "unreachable"],
];

export function failureFor({ response }: Recording): FailureKind | undefined {
  const status = response.status ?? Number(/^HTTP\/1\.1 (\d+)/.exec(response.raw ?? "")?.[1]);
  const body = response.body ?? "";
  return TABLE.find(([of, begins]) => of === status && body.startsWith(begins))?.[2];
}

/** Which of them are asked again unchanged, by the same table: four times in all. */
export const ASKED_AGAIN: ReadonlySet<FailureKind> = new Set(["busy", "starting", "unreachable"]);
/** And which pass for a smaller question. */
export const PASS_NARROWER: ReadonlySet<FailureKind> = new Set(["timeout", "too large"]);
/** Whose sentence repeats what Loki said. */
export const QUOTED: ReadonlySet<FailureKind> = new Set(["query", "limit", "disabled", "server"]);
