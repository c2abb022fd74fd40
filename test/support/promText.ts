/** What `/metrics` said, as a scraper reads it. https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format */
export interface Exposition {
  /** The kind of each metric, by its name. */
  kinds: ReadonlyMap<string, string>;
  samples: readonly Sample[];
  /** The sum over the samples that have these labels; undefined where there is none. */
  value(name: string, labels?: Record<string, string>): number | undefined;
}

export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)",?/g;

/** @throws at the first line that is none of the format's */
export function readExposition(text: string): Exposition {
  const kinds = new Map<string, string>();
  const samples: Sample[] = [];
  for (const line of text.split("\n")) {
    const [, name, kind] = /^# TYPE (\S+) (counter|gauge|histogram|summary)$/.exec(line) ?? [];
    if (name !== undefined && kind !== undefined) kinds.set(name, kind);
    if (line === "" || line.startsWith("# ")) continue;
    const [, of, labels = "", value] = SAMPLE.exec(line) ?? [];
    if (of === undefined || labels.replace(LABEL, "") !== "") throw new Error(`not a sample: ${line}`);
    const pairs = [...labels.matchAll(LABEL)].map(([, label, said]) => [label, said]);
    samples.push({ name: of, labels: Object.fromEntries(pairs), value: Number(value) });
  }
  return {
    kinds,
    samples,
    value(name, labels = {}) {
      const found = samples.filter(
        (sample) =>
          sample.name === name &&
          Object.entries(labels).every(([label, said]) => sample.labels[label] === said),
      );
      return found.length === 0 ? undefined : found.reduce((sum, { value }) => sum + value, 0);
    },
  };
}

/** The metric that a sample belongs to: histograms have three kinds of samples. */
export function metricOf(sample: string): string {
  return sample.replace(/_(bucket|sum|count)$/, "");
}
