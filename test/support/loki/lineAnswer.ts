import { keyOf, LineLabels, labelsJson } from "./lineLabels.ts";
import type { FoundLine } from "./readLines.ts";

/**
 * Streams and their values as they stand in an answer. Categorised, a stream is what it is and each line has
 * its metadata and parsed fields beside it; otherwise all labels are one, and nearly each line is a stream.
 */
export function streamsJson(lines: readonly FoundLine[], categorised: boolean, shuffle: number): string {
  const groups = new Map<unknown, { labels: string; values: string[] }>();
  const merged = new Map<unknown, { key: string; labels: string }>();
  for (const line of lines) {
    const { key, labels } = categorised ? streamOf(line) : mergedOf(line, merged);
    const group = groups.get(key) ?? { labels, values: [] };
    groups.set(key, group);
    const beside = categorised ? `,${asideOf(line)}` : "";
    group.values.push(`["${line.atNs}",${JSON.stringify(line.text)}${beside}]`);
  }
  const streams = [...groups.values()].map(
    ({ labels, values }) => `{"stream":${labels},"values":[${values.join(",")}]}`,
  );
  // Streams come in no order; nobody shall rely on one.
  const turn = streams.length === 0 ? 0 : shuffle % streams.length;
  return [...streams.slice(turn), ...streams.slice(0, turn)].join(",");
}

function streamOf({ stream, labels }: FoundLine): { key: string; labels: string } {
  if (labels === undefined || labels.stream === stream.labels)
    return { key: stream.key, labels: stream.json };
  return { key: keyOf(labels.stream), labels: labelsJson(labels.stream) };
}

function mergedOf(
  { stream, metadata, labels }: FoundLine,
  known: Map<unknown, { key: string; labels: string }>,
): { key: string; labels: string } {
  if (labels !== undefined) {
    const text = labelsJson(labels.merged());
    return { key: text, labels: text };
  }
  const found = known.get(metadata);
  if (found !== undefined) return found;
  const text = labelsJson(new LineLabels(stream.labels, metadata.labels).merged());
  const made = { key: text, labels: text };
  known.set(metadata, made);
  return made;
}

function asideOf({ metadata, labels }: FoundLine): string {
  if (labels === undefined) return metadata.json;
  const parts: string[] = [];
  if (labels.metadata.size > 0) parts.push(`"structuredMetadata":${labelsJson(labels.metadata)}`);
  if (labels.parsed.size > 0) parts.push(`"parsed":${labelsJson(labels.parsed)}`);
  return `{${parts.join(",")}}`;
}
