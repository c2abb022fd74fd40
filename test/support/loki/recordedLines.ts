import { type Recording, readRecording, recordingNames } from "./recordings.ts";
import type { StandInLine } from "./standIn.ts";

/** What the recorded tenant had for labels; all else in a stream came from metadata, parsers or Loki itself. */
const LABELS = new Set(["app", "level", "namespace", "pod", "service", "service_name", "weird"]);
const METADATA = new Set(["trace_id", "request_id"]);
/** These write lines or labels anew, so that what was stored cannot be told from them. */
const REWRITING = /\|\s*(line_format|label_format|drop|keep|decolorize)/;

export interface AnsweredStream {
  stream: Record<string, string>;
  values: [string, string, unknown?][];
}

/** The streams that a recorded log query was answered with; undefined for any other recording. */
export function streamsOf({ response }: Recording): AnsweredStream[] | undefined {
  if (
    response.status !== 200 ||
    !response.body?.startsWith('{"status":"success","data":{"resultType":"streams"')
  ) {
    return undefined;
  }
  return (JSON.parse(response.body) as { data: { result: AnsweredStream[] } }).data.result;
}

export function paramsOf({ request }: Recording): URLSearchParams {
  return new URLSearchParams(request.body ?? request.query ?? []);
}

export function orgOf({ request }: Recording): string | undefined {
  return request.headers?.["x-scope-orgid"];
}

/** Every line of the tenant "acme" that any recording shows as it was stored. */
export function recordedLines(): StandInLine[] {
  const lines: StandInLine[] = [];
  for (const recording of recordingNames().map(readRecording)) {
    if (orgOf(recording) !== "acme" || REWRITING.test(paramsOf(recording).get("query") ?? "")) continue;
    for (const { stream, values } of streamsOf(recording) ?? []) {
      for (const [at, text, beside] of values) {
        const all = {
          ...stream,
          ...(beside as { structuredMetadata?: Record<string, string> })?.structuredMetadata,
        };
        const metadata = chosen(all, METADATA);
        lines.push({
          labels: chosen(all, LABELS),
          atNs: BigInt(at),
          text,
          ...(Object.keys(metadata).length > 0 && { metadata }),
        });
      }
    }
  }
  return lines;
}

function chosen(labels: Record<string, string>, names: ReadonlySet<string>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => names.has(name)));
}

/** When the recordings were made. */
export const NOW_MS = 1_795_457_089_814;
export const RANGE = { start: "1795449889814000000", end: "1795457089814000000" };

/** Asks a server what was asked when the recording was made. */
export async function repeat(
  recording: Recording,
  { url }: { url: string },
): Promise<{ status: number; body: string }> {
  const { method, path, headers = {} } = recording.request;
  const params = paramsOf(recording);
  const form = method === "POST";
  const response = await fetch(`${url}${path}${form ? "" : `?${params}`}`, {
    method,
    headers,
    ...(form && { body: params.toString() }),
  });
  return { status: response.status, body: await response.text() };
}

/** One entry a line, in an order of our own: neither streams nor lines of one nanosecond have any. */
export function entriesOf(streams: readonly AnsweredStream[]): string[] {
  return streams
    .flatMap(({ stream, values }) => {
      const labels = Object.entries(stream).sort(([a], [b]) => (a < b ? -1 : 1));
      return values.map((value) => JSON.stringify([labels, value]));
    })
    .sort();
}

/** For test.each. */
export function named(...names: string[]): [string, Recording][] {
  return names.map((name) => [name, readRecording(name)]);
}
